"""The purge: everything of a deleted workspace goes but what was named, whoever is at it, and however often it is cut short."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from app.core.errors import NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.closing import purge_some, restore_workspace
from app.services.closing.fate import KEPT, NOT_ITS_OWN, OF_RUNS, PURGED, RELIED_ON
from app.services.closing.purging import BATCH
from app.services.closing.workspaces import close
from app.services.market import find_listings
from app.services.members import invite_by_email
from app.services.runs import start_run
from app.wiring import Wiring
from models.account import Mail
from models.ids import new_id
from models.listing import Install, Listing, ListingVersion, ListingWord
from models.run import Plan, Run, RunEvent, Step
from models.user import User
from models.workspace import ClosedMembership, Membership, Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.filling import RARE, fill, tables_with_the_word
from tests.support.market import make_listing
from tests.support.people import make_member, make_workspace
from tests.support.workflows import asking, make_workflow

ALONE = {table.__tablename__ for table in KEPT} - {"review"}  # this one is about a listing of its own, which nobody has
ITS_OWN = (*PURGED, *OF_RUNS, *RELIED_ON, *KEPT)


@pytest.fixture
def owner(wiring: Wiring, clock: FrozenClock) -> Actor:
    """Of a workspace with a row in every table, whose grace is over."""
    with wiring.unit() as uow:
        actor = make_member(uow, Role.OWNER, workspace=make_workspace(uow, RARE), name="Olga Owner")
        fill(uow, actor, [table for table in ITS_OWN if table is not Membership])
        space = uow.session.get_one(Workspace, actor.workspace_id)
        space.closed_at, space.closed_by, space.purge_at = clock.now(), actor.user_id, clock.now() + timedelta(days=14)
    clock.advance(days=14, seconds=1)
    return actor


def test_every_table_has_one_fate() -> None:
    lists = [*PURGED, *OF_RUNS, *RELIED_ON, *KEPT, *NOT_ITS_OWN]
    tables = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    assert len(lists) == len(set(lists))
    assert set(lists) == tables
    assert all(len(reason) > 10 for reasons in (RELIED_ON, KEPT, NOT_ITS_OWN) for reason in reasons.values())


def test_a_table_with_a_workspace_is_no_table_of_nobodys() -> None:
    assert {table.__name__ for table in NOT_ITS_OWN if "workspace_id" in table.__table__.c} == {"UserSession"}  # type: ignore[attr-defined]


def test_nothing_is_left_of_a_workspace_but_what_is_kept(wiring: Wiring, owner: Actor) -> None:
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == ALONE
        space = uow.session.get_one(Workspace, owner.workspace_id)
        assert (space.name, space.purge_at) == ("Deleted workspace", None)


def test_what_buyers_installed_stays_and_is_not_found_any_more(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        listing = uow.session.exec(select(Listing).where(Listing.workspace_id == owner.workspace_id)).one()
        version = uow.session.exec(select(ListingVersion).where(ListingVersion.listing_id == listing.id)).one()
        buyer, version_id = make_member(uow, Role.OWNER), version.id
        uow.session.add(Install(workspace_id=buyer.workspace_id, listing_id=listing.id, version_id=version_id, workflow_ids=[]))
        uow.session.add(ListingWord(word="invoice", listing_id=listing.id, weight=1))
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == {*ALONE, "review", "listing", "listing_version", "picture"}
        assert uow.session.exec(select(Install).where(Install.workspace_id == buyer.workspace_id)).one().version_id == version_id
        assert not uow.session.exec(select(ListingWord)).all()


def test_a_workspace_without_anything_to_keep_is_gone(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        space = make_workspace(uow, RARE)
        actor = make_member(uow, Role.OWNER, workspace=space)
        fill(uow, actor, [table for table in (*PURGED, *OF_RUNS, *RELIED_ON) if table is not Membership])
        space.closed_at = space.purge_at = clock.now()
        space.closed_by = actor.user_id
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == set()
        assert uow.session.get(Workspace, actor.workspace_id) is None
        assert uow.session.get(User, actor.user_id) is not None


def test_the_search_index_forgets_words_that_nobody_else_has(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = seller = make_member(uow, Role.OWNER)
        make_listing(uow, name=f"Order {RARE}")
        uow.actor = make_member(uow, Role.OWNER)
        make_listing(uow, name="Order triage")
        uow.actor = None
        space = uow.session.get_one(Workspace, seller.workspace_id)
        close(uow, space, by=seller.user_id, leaves=True)
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == set()
        assert find_listings(uow, search="order").total == find_listings(uow, search="ordr").total == 1


class Crash(Exception):
    """The worker dies."""


def test_a_purge_that_is_cut_short_goes_on_where_it_was(wiring: Wiring, owner: Actor) -> None:
    for _ in range(3):
        with pytest.raises(Crash):
            wiring.call(purge_and_die, None)
        wiring.call(purge_some, None)
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == ALONE


def test_more_than_a_batch_goes_in_several(wiring: Wiring, owner: Actor) -> None:
    runs, plans = Run.__table__, Plan.__table__  # type: ignore[attr-defined]
    with wiring.unit() as uow:
        connection = uow.session.connection()
        for table, columns, count in ((plans, ("digest",), 12), (runs, ("idempotency_key",), 120)):
            row = dict(connection.execute(sa.select(table)).mappings().one())
            many = [{**row, "id": new_id(), **dict.fromkeys(columns, f"{RARE}{number}")} for number in range(count)]
            connection.execute(sa.insert(table), many)
    batches = 0
    while wiring.call(purge_some, None):
        batches += 1
    assert batches > 5
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == ALONE


def test_two_workers_at_once_do_no_harm(wiring: Wiring, owner: Actor) -> None:
    with ThreadPoolExecutor(2) as workers:
        for future in [workers.submit(purge_all, wiring) for _ in range(2)]:
            future.result()
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == ALONE


def test_other_workspaces_lose_nothing(wiring: Wiring, owner: Actor) -> None:
    def counts() -> Iterator[tuple[str, int]]:
        with wiring.unit() as uow:
            for table in (model.__table__ for model in (*PURGED, *RELIED_ON, *KEPT)):  # type: ignore[attr-defined]
                there = sa.select(sa.func.count()).select_from(table).where(table.c.workspace_id != owner.workspace_id)
                yield table.name, uow.session.connection().execute(there).scalar_one()

    with wiring.unit() as uow:
        other = make_member(uow, Role.OWNER)
        fill(uow, other, [table for table in ITS_OWN if table not in (Membership, RunEvent, Step)])
    before = dict(counts())
    purge_all(wiring)
    assert dict(counts()) == before
    assert min(before.values()) >= 1


def test_a_workspace_whose_purge_has_begun_is_not_restored(wiring: Wiring, owner: Actor, clock: FrozenClock) -> None:
    wiring.call(purge_some, None)
    with wiring.unit() as uow:
        mine = select(ClosedMembership).where(ClosedMembership.workspace_id == owner.workspace_id)
        uow.session.exec(mine).one().role = Role.OWNER
    clock.advance(days=-1)
    with pytest.raises(NotFound):
        wiring.call(restore_workspace, owner, workspace_id=str(owner.workspace_id))


def test_nothing_is_purged_before_its_time_or_while_a_run_goes_on(wiring: Wiring, owner: Actor, clock: FrozenClock) -> None:
    clock.advance(seconds=-2)
    assert wiring.call(purge_some, None) == 0
    clock.advance(seconds=2)
    with wiring.unit() as uow:
        runs = PURGED[[table.__name__ for table in PURGED].index("Run")].__table__  # type: ignore[attr-defined]
        uow.session.connection().execute(sa.update(runs).values(status="running"))
    assert wiring.call(purge_some, None) == 0
    with wiring.unit() as uow:
        assert uow.session.exec(select(Workspace.purge_began_at).where(col(Workspace.id) == owner.workspace_id)).one() is None


def test_no_batch_is_larger_than_named_however_much_hangs_on_one_run(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = make_member(uow, Role.OWNER)
        run_id = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={}).id
    events: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]
    with wiring.unit() as uow:
        connection = uow.session.connection()
        first = dict(connection.execute(sa.select(events).where(events.c.run_id == run_id).limit(1)).mappings().one())
        connection.execute(sa.insert(events), [first | {"seq": 1_000 + number} for number in range(3 * BATCH)])
        space = uow.session.get_one(Workspace, owner.workspace_id)
        space.closed_at = space.purge_at = clock.now()
        space.closed_by = owner.user_id
        connection.execute(sa.update(Run.__table__).values(status="succeeded"))  # type: ignore[attr-defined]
    left, sizes = count_of(wiring, events), list[int]()
    while wiring.call(purge_some, None):
        now = count_of(wiring, events)
        sizes.append(left - now)
        left = now
    assert left == 0
    assert max(sizes) <= BATCH


def test_letters_do_not_name_a_purged_workspace(wiring: Wiring, clock: FrozenClock) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = make_member(uow, Role.OWNER, workspace=make_workspace(uow, f"Acme {RARE}"))
        invite_by_email(uow, emails="guest@example.com", role="member")
    with wiring.unit() as uow:
        sent = uow.session.exec(select(Mail)).all()
        assert any(RARE in one.subject for one in sent)
    with wiring.unit(owner) as uow:
        space = uow.session.get_one(Workspace, owner.workspace_id)
        close(uow, space, by=owner.user_id)
    clock.advance(days=14, seconds=1)
    purge_all(wiring)
    with wiring.unit() as uow:
        assert tables_with_the_word(uow) == set()
        assert uow.session.exec(select(Mail)).all() == []


def count_of(wiring: Wiring, table: sa.Table) -> int:
    with wiring.unit(write=False) as uow:
        return uow.session.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def purge_and_die(uow: UnitOfWork) -> None:
    purge_some(uow)
    raise Crash


def purge_all(wiring: Wiring) -> None:
    while wiring.call(purge_some, None):
        pass
