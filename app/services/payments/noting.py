"""Facts of the gateway that are kept once: verified events, and what was told or tried because of one."""

import sqlalchemy as sa

from app.core.bulk import insert_into, is_inserted
from app.core.uow import UnitOfWork
from models.ids import new_id
from models.purchase import PaymentEvent


def keep_once(uow: UnitOfWork, *, key: str, kind: str, subject: str) -> bool:
    """Whether it was news; with the transaction that fails the note goes too."""
    table: sa.Table = PaymentEvent.__table__  # type: ignore[attr-defined]
    connection, now = uow.session.connection(), uow.ports.clock.now()
    row = {"id": new_id(), "created_at": now, "updated_at": now, "event_id": key, "kind": kind[:80], "subject": subject[:120]}
    return is_inserted(connection, insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["event_id"]))
