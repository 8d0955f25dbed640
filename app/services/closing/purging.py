"""The purge of deleted workspaces after their grace: batches of bounded size, each in a transaction of its own.

A batch locks the workspace's row, so two workers are never at the same one; whatever a crash leaves is what the next batch begins with.
Workers call these.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from app.core.uow import Actor, UnitOfWork
from app.services.closing.fate import KEPT, OF_RUNS, PURGED, RELIED_ON
from app.services.mail import forget_letters
from app.services.market.filing import file_listing
from app.services.runs.cancel import request_cancel
from models.fee import ListingFee
from models.listing import Install, Listing, ListingVersion, ListingWord, SearchBlock, SearchTypo
from models.picture import Picture
from models.purchase import Purchase
from models.run import TERMINAL, Outbox, Plan, Run
from models.subscription import Subscription
from models.user import UserSession
from models.workspace import Role, Workspace

BATCH = 500
AT_ONCE: Mapping[type[SQLModel], int] = MappingProxyType({Run: 50, Plan: 5})
"""Fewer of these: the database looks for what names each of them in tables that have no index for it."""
LISTINGS = 20
STRAYS = 50
NAMELESS = "Deleted workspace"
_run: sa.Table = Run.__table__  # type: ignore[attr-defined]
_workspace: sa.Table = Workspace.__table__  # type: ignore[attr-defined]


def has_purge(connection: sa.Connection, now: datetime) -> bool:
    """Whether a workspace's grace is over; reads only."""
    return bool(connection.execute(sa.select(sa.exists(sa.select(_workspace.c.id).where(_workspace.c.purge_at <= now)))).scalar())


def closed_spaces(connection: sa.Connection) -> set[uuid.UUID]:
    """Those of which something may be left to stop; reads only."""
    return set(connection.execute(sa.select(_workspace.c.id).where(_workspace.c.purge_at.is_not(None))).scalars())


def has_strays(connection: sa.Connection, *, among: Collection[uuid.UUID]) -> bool:
    """Whether a run of these closed workspaces goes on; reads only."""
    return bool(among) and bool(connection.execute(sa.select(sa.exists(_strays(among)))).scalar())


def _strays(among: Collection[uuid.UUID] | None) -> sa.Select[Any, Any, Any]:
    closed = sa.select(_workspace.c.id).where(_workspace.c.purge_at.is_not(None))
    if among is not None:
        closed = closed.where(_workspace.c.id.in_(among))
    is_new = sa.or_(_run.c.status != "running", _run.c.cancel_requested_at.is_(None))
    going = sa.and_(_run.c.workspace_id.in_(closed), _run.c.status.not_in(TERMINAL), is_new)
    return (
        sa.select(_run.c.id, _run.c.workspace_id, _workspace.c.closed_by)
        .join(_workspace, _workspace.c.id == _run.c.workspace_id)
        .where(going)
    )


def stop_strays(uow: UnitOfWork, *, among: Collection[uuid.UUID] | None = None) -> int:
    """Cancel some runs of these (of all) closed workspaces, also one that began in the very moment of the closing; returns how many."""
    found = uow.session.connection().execute(_strays(among).order_by(_run.c.id).limit(STRAYS)).all()
    for row in found:
        uow.actor = Actor(user_id=row.closed_by, workspace_id=row.workspace_id, role=Role.OWNER)
        request_cancel(uow, row.id)
    uow.actor = None
    return len(found)


def purge_some(uow: UnitOfWork) -> int:
    """One batch of one workspace whose grace is over; returns how many rows went, 0 when there is nothing to do just now."""
    now = uow.ports.clock.now()
    due = select(Workspace.id, Workspace.purge_began_at).where(col(Workspace.purge_at) <= now).order_by(col(Workspace.purge_at))
    goes_on = sa.exists(sa.select(_run.c.id).where(_run.c.workspace_id == _workspace.c.id, _run.c.status.not_in(TERMINAL)))
    found = uow.session.exec(due.where(~goes_on).limit(1).with_for_update(skip_locked=True, of=Workspace)).first()
    if found is None:
        return 0
    space_id, began_at = found
    if began_at is None:
        _write(uow, space_id, purge_began_at=now)
    gone = _leave_index(uow, space_id) or _delete_runs(uow, space_id) or _delete_whole(uow, space_id)
    return gone or _delete_listings(uow, space_id) or forget_letters(uow) or _end(uow, space_id)


def _delete_whole(uow: UnitOfWork, space_id: uuid.UUID) -> int:
    """Up to a batch, table after table; one that has more rows is emptied before the next is begun."""
    gone = 0
    for model in PURGED:
        table: sa.Table = model.__table__  # type: ignore[attr-defined]
        most = min(BATCH - gone, AT_ONCE.get(model, BATCH))
        went = _delete(uow, table, table.c.workspace_id == space_id, most)
        gone += went
        if went >= most or gone >= BATCH:
            return gone
    return gone


def _leave_index(uow: UnitOfWork, space_id: uuid.UUID) -> int:
    """Nobody finds its listings any more, also those that stay for their buyers."""
    words = sa.exists(sa.select(col(ListingWord.word)).where(col(ListingWord.listing_id) == col(Listing.id)))
    mine = select(Listing.id, Listing.place).where(Listing.workspace_id == space_id, words).order_by(col(Listing.id)).limit(LISTINGS)
    gone = 0
    for listing_id, place in uow.session.exec(mine).all():
        its = col(ListingWord.listing_id) == listing_id
        keys = uow.session.connection().execute(sa.select(col(ListingWord.word), col(ListingWord.weight)).where(its)).all()
        if place is not None:
            file_listing(uow, listing_id, gone=[(word, weight) for word, weight in keys])
        gone += uow.session.connection().execute(sa.delete(ListingWord).where(its)).rowcount
        _forget_words(uow, [word for word, _ in keys])
    return gone


def _forget_words(uow: UnitOfWork, words: list[str]) -> None:
    """Those that no listing has any more leave the index, with what stands for them in typing mistakes."""
    connection = uow.session.connection()
    others = set(connection.execute(sa.select(col(ListingWord.word)).where(col(ListingWord.word).in_(words)).distinct()).scalars())
    for word in set(words) - others:
        connection.execute(sa.delete(SearchBlock).where(col(SearchBlock.word) == word))
        connection.execute(sa.delete(SearchTypo).where(col(SearchTypo.word) == word))


def _delete_runs(uow: UnitOfWork, space_id: uuid.UUID) -> int:
    """What hangs on runs, by the run that it names; the runs themselves go with the other tables, when nothing hangs on any."""
    doorbells: sa.Table = Outbox.__table__  # type: ignore[attr-defined]
    its_runs = sa.select(_run.c.id).where(_run.c.workspace_id == space_id)
    gone = _delete(uow, doorbells, doorbells.c.id.in_(its_runs), BATCH)
    for model in OF_RUNS:
        table: sa.Table = model.__table__  # type: ignore[attr-defined]
        if gone < BATCH:
            gone += _delete(uow, table, table.c.run_id.in_(its_runs), BATCH - gone)
    return gone


def _delete_listings(uow: UnitOfWork, space_id: uuid.UUID) -> int:
    """All that nobody relies on, with their versions, pictures and what others wrote about them."""
    mine = sa.select(col(Listing.id)).where(col(Listing.workspace_id) == space_id, ~_is_relied_on(space_id))
    gone = 0
    for model in (Picture, ListingFee, ListingVersion):
        table: sa.Table = model.__table__  # type: ignore[attr-defined]
        gone += _delete(
            uow, table, (table.c.workspace_id == space_id) & (table.c.listing_id.in_(mine) | table.c.listing_id.is_(None)), BATCH
        )
    listings: sa.Table = Listing.__table__  # type: ignore[attr-defined]
    return gone or _delete(uow, listings, listings.c.id.in_(mine), LISTINGS)


def _is_relied_on(space_id: uuid.UUID) -> sa.ColumnElement[bool]:
    theirs = [
        sa.exists(sa.select(col(model.id)).where(col(model.listing_id) == col(Listing.id), col(model.workspace_id) != space_id))
        for model in (Install, Purchase, Subscription)
    ]
    return sa.or_(*theirs)


def _delete(uow: UnitOfWork, table: sa.Table, scope: sa.ColumnElement[bool], most: int) -> int:
    """At most so many rows."""
    keys = tuple(table.primary_key.columns)
    page = sa.select(*keys).where(scope).limit(most).subquery()
    key = keys[0] if len(keys) == 1 else sa.tuple_(*keys)
    return uow.session.connection().execute(sa.delete(table).where(key.in_(sa.select(*page.c)))).rowcount


def _end(uow: UnitOfWork, space_id: uuid.UUID) -> int:
    """The row of the workspace itself: gone, or without its name where something that is kept belongs to it."""
    connection = uow.session.connection()
    confined = sa.delete(UserSession).where(col(UserSession.confined_to) == space_id)
    connection.execute(confined)
    keeps = [model.__table__ for model in (*KEPT, *RELIED_ON)]  # type: ignore[attr-defined]
    if any(connection.execute(sa.select(sa.exists(sa.select(one.c.id).where(one.c.workspace_id == space_id)))).scalar() for one in keeps):
        _write(uow, space_id, name=NAMELESS, purge_at=None)
    else:
        connection.execute(sa.delete(_workspace).where(_workspace.c.id == space_id))
    uow.session.expire_all()
    return 1


def _write(uow: UnitOfWork, space_id: uuid.UUID, **values: object) -> None:
    uow.session.connection().execute(sa.update(_workspace).where(_workspace.c.id == space_id).values(values))
