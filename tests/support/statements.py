"""Counts what is asked of the database, for promises about how little that is."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import event

from app.core.uow import UnitOfWork


@contextmanager
def statements(uow: UnitOfWork) -> Generator[list[str]]:
    """What the unit sends until the end of the block; everything is read anew."""
    uow.session.flush()
    uow.session.expunge_all()
    connection, asked = uow.session.connection(), list[str]()

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)
