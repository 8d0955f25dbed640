"""Keeps when workers looked for what is due, so that a missed moment can be explained by the hours in which nobody did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.core.sql_clock import sql_now
from models.base import UtcDateTime
from models.ids import new_id
from models.schedule import WatchPeriod

watch_table: sa.Table = WatchPeriod.__table__  # type: ignore[attr-defined]
BEAT_S = 15.0
LOST_S = 60.0  # after this long without a look, a new period begins
_watch = watch_table.c


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody looked between these moments; `until` is None when nobody does now."""

    since: datetime
    until: datetime | None


def database_now(connection: sa.Connection) -> datetime:
    """The clock that counts: the database's, whatever this machine's says."""
    return connection.execute(sa.select(sa.type_coerce(sql_now(), UtcDateTime()))).scalar_one()


def must_beat(connection: sa.Connection) -> bool:
    """Whether the last look was noted long enough ago; reads only."""
    is_fresh = sa.exists(sa.select(_watch.id).where(_watch.seen_at > sql_now(-BEAT_S)))
    return not connection.execute(sa.select(is_fresh)).scalar()


def note_look(connection: sa.Connection, *, now: datetime) -> None:
    """Lengthen the current period, or begin one."""
    newest = sa.select(_watch.id).order_by(_watch.seen_at.desc()).limit(1).scalar_subquery()
    is_current = sa.and_(_watch.id == newest, _watch.seen_at >= now - timedelta(seconds=LOST_S))
    if connection.execute(sa.update(watch_table).where(is_current).values(seen_at=now, updated_at=now)).rowcount == 0:
        connection.execute(sa.insert(watch_table).values(id=new_id(), created_at=now, updated_at=now, seen_at=now))


def find_gap(connection: sa.Connection, moment: datetime, *, now: datetime) -> Gap | None:
    """The time around the moment in which nobody looked; None when somebody did, or nobody ever had before it."""
    before = connection.execute(sa.select(sa.func.max(_watch.seen_at)).where(_watch.created_at <= moment)).scalar()
    if before is None or before >= min(moment, now - timedelta(seconds=LOST_S)):
        return None
    after = connection.execute(sa.select(sa.func.min(_watch.created_at)).where(_watch.created_at > moment)).scalar()
    return Gap(before, after)


def last_look(connection: sa.Connection) -> datetime | None:
    """When somebody last looked."""
    return connection.execute(sa.select(sa.func.max(_watch.seen_at))).scalar()
