"""Touching the chain in the database is found: an entry edited, removed, exchanged, added, the end cut off, the head put back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.adapters.secret_box import AesSecretBox
from app.core.audit_chain import entry_table, head_table
from app.core.errors import NotAllowed
from app.core.uow import Actor
from app.services.audit import check_chain, forget_old_entries, has_old, set_retention, verify_chain
from app.views.audit import AuditVerdict
from app.wiring import Wiring
from models.ids import new_id
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.credentials import make_credential
from tests.support.people import make_member

e, h = entry_table.c, head_table.c
ENTRIES = 8  # a workspace, its owner, their account, and five credentials


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    """The owner of a workspace with a trail."""
    with wiring.unit() as uow:
        actor = make_member(uow, Role.OWNER)
    for number in range(5):
        wiring.call(make_credential, actor, name=f"Key {number}")
    return actor


def verdict(wiring: Wiring, owner: Actor, expected: str = "") -> AuditVerdict:
    with wiring.unit(write=False) as uow:
        return verify_chain(uow, workspace_id=owner.workspace_id, expected_head=expected)


def edit_name(c: sa.Connection) -> None:
    c.execute(sa.update(entry_table).where(e.seq == 5).values(name="Another"))


def edit_outcome(c: sa.Connection) -> None:
    c.execute(sa.update(entry_table).where(e.seq == 5).values(outcome="denied"))


def edit_changes(c: sa.Connection) -> None:
    c.execute(sa.update(entry_table).where(e.seq == 5).values(changes={"name": [None, "x"]}))


def edit_time(c: sa.Connection) -> None:
    at = c.execute(sa.select(e.at).where(e.seq == 5)).scalar_one()
    c.execute(sa.update(entry_table).where(e.seq == 5).values(at=at + timedelta(microseconds=1)))


def remove_one(c: sa.Connection) -> None:
    c.execute(sa.delete(entry_table).where(e.seq == 5))


def remove_and_close_ranks(c: sa.Connection) -> None:
    c.execute(sa.delete(entry_table).where(e.seq == 5))
    for seq in (6, 7, ENTRIES):
        c.execute(sa.update(entry_table).where(e.seq == seq).values(seq=seq - 1))
    c.execute(sa.update(head_table).values(last_seq=ENTRIES - 1))


def exchange(c: sa.Connection) -> None:
    for old, new in ((5, 100), (6, 5), (100, 6)):
        c.execute(sa.update(entry_table).where(e.seq == old).values(seq=new))


def exchange_content(c: sa.Connection) -> None:
    names = {row.seq: row.name for row in c.execute(sa.select(e.seq, e.name))}
    c.execute(sa.update(entry_table).where(e.seq == 5).values(name=names[6]))
    c.execute(sa.update(entry_table).where(e.seq == 6).values(name=names[5]))


def forge(c: sa.Connection) -> None:
    row = dict(c.execute(sa.select(entry_table).where(e.seq == ENTRIES)).mappings().one())
    c.execute(sa.insert(entry_table).values(**{**row, "id": new_id(), "seq": ENTRIES + 1}))
    c.execute(sa.update(head_table).values(last_seq=ENTRIES + 1))


def cut_off(c: sa.Connection) -> None:
    c.execute(sa.delete(entry_table).where(e.seq > 5))


def cut_the_start(c: sa.Connection) -> None:
    c.execute(sa.delete(entry_table).where(e.seq < 3))


def cut_the_start_and_move_the_head(c: sa.Connection) -> None:
    mac = c.execute(sa.select(e.mac).where(e.seq == 2)).scalar_one()
    c.execute(sa.delete(entry_table).where(e.seq < 3))
    c.execute(sa.update(head_table).values(first_seq=3, first_mac=mac))


def remove_the_head(c: sa.Connection) -> None:
    c.execute(sa.delete(head_table))


def take_another_key(c: sa.Connection) -> None:
    c.execute(sa.update(head_table).values(key_sealed="v1.00000000.AAAA"))


TOUCHED: list[tuple[Callable[[sa.Connection], None], str]] = [
    (edit_name, "edited"),
    (edit_outcome, "edited"),
    (edit_changes, "edited"),
    (edit_time, "edited"),
    (remove_one, "removed"),
    (remove_and_close_ranks, "edited"),
    (exchange, "edited"),
    (exchange_content, "edited"),
    (forge, "edited"),
    (cut_off, "truncated"),
    (cut_the_start, "removed"),
    (cut_the_start_and_move_the_head, "pruned"),
    (remove_the_head, "head"),
    (take_another_key, "key"),
]


@pytest.mark.parametrize(("touch", "code"), TOUCHED, ids=lambda value: getattr(value, "__name__", ""))
def test_whatever_is_touched_is_found(wiring: Wiring, owner: Actor, touch: Callable[[sa.Connection], None], code: str) -> None:
    assert verdict(wiring, owner).problems == ()
    assert verdict(wiring, owner).entries == ENTRIES
    with wiring.database.begin() as connection:
        touch(connection)
    assert code in [problem.code for problem in verdict(wiring, owner).problems]


def test_an_end_cut_off_together_with_the_head_is_found_by_a_head_kept_elsewhere(wiring: Wiring, owner: Actor) -> None:
    kept = verdict(wiring, owner).head
    with wiring.database.begin() as connection:
        mac = connection.execute(sa.select(e.mac).where(e.seq == 5)).scalar_one()
        connection.execute(sa.delete(entry_table).where(e.seq > 5))
        connection.execute(sa.update(head_table).values(last_seq=5, last_mac=mac))
    assert verdict(wiring, owner).problems == ()
    assert [problem.code for problem in verdict(wiring, owner, kept).problems] == ["truncated"]
    for number in range(4):
        wiring.call(make_credential, owner, name=f"Later {number}")
    assert [problem.code for problem in verdict(wiring, owner, kept).problems] == ["edited"]


def test_a_kept_head_fits_a_chain_that_has_grown(wiring: Wiring, owner: Actor) -> None:
    kept = verdict(wiring, owner).head
    wiring.call(make_credential, owner, name="Later")
    assert verdict(wiring, owner, kept).problems == ()


def test_another_installation_cannot_verify_and_says_why(wiring: Wiring, owner: Actor) -> None:
    elsewhere = replace(wiring, ports=replace(wiring.ports, box=AesSecretBox(lambda: ["another"])))
    assert [problem.code for problem in verdict(elsewhere, owner).problems] == ["key"]


def test_the_trail_goes_on_after_the_secret_was_lost_and_the_break_shows(wiring: Wiring, owner: Actor) -> None:
    after = replace(wiring, ports=replace(wiring.ports, box=AesSecretBox(lambda: ["a new secret after a careless move"])))
    after.call(make_credential, owner, name="Later")
    found = verdict(after, owner)
    assert found.entries == ENTRIES + 1
    assert [problem.seq for problem in found.problems] == list(range(1, ENTRIES + 1))


def test_what_is_past_its_time_goes_and_the_chain_stays_provable(wiring: Wiring, owner: Actor, clock: FrozenClock) -> None:
    wiring.call(set_retention, owner, days=30)
    clock.advance(days=20)
    wiring.call(make_credential, owner, name="Newer")
    clock.advance(days=11)
    with wiring.database.begin() as connection:
        assert has_old(connection, clock.now())
        assert forget_old_entries(connection, wiring.ports.box, clock.now()) == ENTRIES + 1
        assert not has_old(connection, clock.now())
    found = verdict(wiring, owner)
    assert (found.problems, found.entries, found.first_seq) == ((), 1, ENTRIES + 2)


def test_a_year_is_kept_without_a_choice_and_the_last_entry_always(wiring: Wiring, owner: Actor, clock: FrozenClock) -> None:
    clock.advance(days=364)
    with wiring.database.begin() as connection:
        assert forget_old_entries(connection, wiring.ports.box, clock.now()) == 0
    clock.advance(days=2)
    with wiring.database.begin() as connection:
        assert forget_old_entries(connection, wiring.ports.box, clock.now()) == ENTRIES - 1
    assert verdict(wiring, owner).problems == ()


def test_only_owners_choose_how_long_and_only_admins_read(wiring: Wiring, owner: Actor) -> None:
    with pytest.raises(NotAllowed):
        wiring.call(set_retention, replace(owner, role=Role.ADMIN), days=30)
    with pytest.raises(NotAllowed):
        wiring.call(check_chain, replace(owner, role=Role.MEMBER))
    assert wiring.call(check_chain, replace(owner, role=Role.ADMIN)).problems == ()
