"""The machine's clock moved by hand, forwards and back: no moment runs twice, and what was jumped over follows the policy."""

from datetime import timedelta

import pytest

from app.core.uow import Actor, UnitOfWork
from app.wiring import Wiring
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.schedules import fire, fires_of, make_schedule, stored


@pytest.fixture
def owner(uow: UnitOfWork) -> Actor:
    """A member, who acts."""
    uow.actor = make_member(uow, name="Olga Owner")
    return uow.actor


def test_a_clock_set_back_runs_nothing_a_second_time(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    assert owner
    row = make_schedule(uow, wording="0 * * * *", overlap="allow")
    for _ in range(3):
        clock.advance(hours=1)
        fire(uow, row)
    before = [one.due_at for one in fires_of(uow, row)]
    clock.advance(hours=-2)
    for _ in range(8):
        fire(uow, row)
        clock.advance(minutes=15)
    assert [one.due_at for one in fires_of(uow, row)] == before
    clock.advance(minutes=75)
    fire(uow, row)
    after = [one.due_at for one in fires_of(uow, row)]
    assert len(after) == len(set(after)) == 4


@pytest.mark.parametrize(("missed", "started"), [("skip", 0), ("one", 1), ("all", 5)])
def test_a_clock_set_forward_is_a_pause_in_looking(missed: str, started: int, uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    assert owner
    row = make_schedule(uow, wording="0 * * * *", missed=missed, overlap="allow", most_missed=5)
    clock.advance(hours=30, minutes=20)
    fire(uow, row)
    found = fires_of(uow, row)
    moved = [one for one in found if one.outcome in ("started", "queued")]
    assert len(moved) == started
    assert sum(one.count for one in found) == 30
    next_at = stored(uow, row).next_at
    assert next_at is not None
    assert timedelta(0) < next_at - clock.now() <= timedelta(hours=1)


def test_the_schedule_goes_on_when_a_wrong_clock_is_put_right(wiring: Wiring, clock: FrozenClock) -> None:
    """Created on a machine whose clock was a day ahead: the first moment comes when that day is reached, and saving again mends it."""
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        clock.advance(days=1)
        row = make_schedule(uow, wording="0 * * * *")
        clock.advance(days=-1)
        for _ in range(23):
            clock.advance(hours=1)
            assert fire(uow, row) == 0
        clock.advance(hours=2)
        assert fire(uow, row) == 1
