"""Two units of work that meet: the second one begins its write before the first has ended."""

import threading
from collections.abc import Callable

import sqlalchemy as sa

from app.core.uow import Actor, UnitOfWork
from app.wiring import Wiring
from tests.support.waiting import until

Work = Callable[[UnitOfWork], object]
_WAITING = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def meet(wiring: Wiring, first: tuple[Actor, Work], second: tuple[Actor, Work]) -> None:
    """The first commits when the second waits for it; SQLite lets only one of them begin."""

    def follow() -> None:
        with wiring.unit(second[0]) as uow:
            second[1](uow)

    follower = threading.Thread(target=follow)
    with wiring.unit(first[0]) as uow:
        first[1](uow)
        uow.session.flush()
        follower.start()
        until(lambda: _is_waiting(wiring), what="the second one waits")
    follower.join(60)


def _is_waiting(wiring: Wiring) -> bool:
    if wiring.database.dialect.name != "postgresql":
        return True
    with wiring.database.connect() as connection:
        return bool(connection.execute(_WAITING).scalar_one())
