"""Whose run gets a free place: doorbells that come together are decided together, and nobody's burst takes more than its share."""

import uuid
from collections import Counter

import pytest
import sqlalchemy as sa

from app.core.uow import UnitOfWork
from app.services.runs import start_run
from app.services.runs.claim import claim_runs
from app.services.runs.tables import run_table
from app.services.runs.turns import Turn, pick_fairly
from tests.support.people import make_member
from tests.support.workflows import make_workflow

PLACES = 8
SHARE = PLACES // 2


class Queues:
    """Runs of workspaces that wait, oldest first, in the order in which their doorbells were rung."""

    def __init__(self, uow: UnitOfWork, **counts: int) -> None:
        self.connection = uow.session.connection()
        self.name_of: dict[uuid.UUID, str] = {}
        self.runs: dict[str, list[uuid.UUID]] = {}
        for name, count in counts.items():
            uow.actor = actor = make_member(uow)
            self.name_of[actor.workspace_id] = name
            workflow_id = make_workflow(uow).id
            self.runs[name] = [start_run(uow, workflow_id=workflow_id, inputs={"name": "Ada"}).id for _ in range(count)]
        self.bell = [run_id for runs in self.runs.values() for run_id in runs]

    def workspace(self, name: str) -> uuid.UUID:
        return next(workspace_id for workspace_id, known in self.name_of.items() if known == name)

    def pick(self, rung: list[uuid.UUID], *, taken: list[uuid.UUID] | None = None, **held: int) -> Turn:
        counts = {self.workspace(name): count for name, count in held.items()}
        return pick_fairly(self.connection, rung, held=counts, taken=taken or [], share=SHARE)

    def take(self, places: int, held: Counter[uuid.UUID]) -> list[uuid.UUID]:
        """What a worker with free places claims of the doorbells that come up, as it does it."""
        rung, self.bell = self.bell[:places], self.bell[places:]
        instead = pick_fairly(self.connection, rung, held=held, taken=[], share=SHARE).instead
        self.bell += instead.keys()
        return [claimed.run_id for claimed in claim_runs(self.connection, [instead.get(one, one) for one in rung], owner="a", lease_s=60)]

    def end(self, run_ids: list[uuid.UUID]) -> None:
        self.connection.execute(sa.update(run_table).where(run_table.c.id.in_(run_ids)).values(status="succeeded"))


def test_doorbells_that_come_together_do_not_all_take_their_own(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=10, small=5)
    turn = queues.pick(queues.runs["large"][:PLACES])
    assert list(turn.instead) == queues.runs["large"][SHARE:PLACES]
    assert list(turn.instead.values()) == queues.runs["small"][: PLACES - SHARE], "each takes another one, the oldest first"


def test_what_is_decided_and_not_claimed_yet_counts_and_is_not_given_again(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=10, small=5)
    taken = [*queues.runs["large"][:3], queues.runs["small"][0]]
    turn = queues.pick(queues.runs["large"][3:4], taken=taken, large=1)
    assert turn == Turn({queues.runs["large"][3]: queues.runs["small"][1]})


def test_nobody_gives_way_below_the_share(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=10, small=5)
    assert queues.pick(queues.runs["large"][:1], large=SHARE - 1, small=SHARE) == Turn()


def test_who_holds_a_share_already_gets_no_more_by_others_giving_way(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=10, small=5, third=1)
    turn = queues.pick(queues.runs["large"][:2], large=SHARE, small=SHARE - 1)
    assert turn.instead == {queues.runs["large"][0]: queues.runs["small"][0]}
    assert queues.pick(queues.runs["large"][:1], large=SHARE, small=SHARE).instead == {queues.runs["large"][0]: queues.runs["third"][0]}


def test_a_workspace_that_is_alone_may_use_every_place(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=10)
    assert queues.pick(queues.runs["large"][:PLACES]) == Turn(is_alone=True)


@pytest.mark.parametrize("status", ["running", "succeeded", "cancelled"])
def test_an_old_doorbell_neither_counts_nor_gives_way(uow: UnitOfWork, status: str) -> None:
    queues = Queues(uow, large=10, small=1)
    old = queues.runs["large"][:6]
    queues.connection.execute(sa.update(run_table).where(run_table.c.id.in_(old)).values(status=status))
    assert queues.pick([*old, uuid.uuid4(), *queues.runs["large"][6:10]]) == Turn()


def test_the_small_workspace_is_through_when_the_large_one_had_as_many(uow: UnitOfWork) -> None:
    queues = Queues(uow, large=48, small=12)
    ended: list[uuid.UUID] = []
    while queues.bell:
        batch = queues.take(PLACES, Counter())
        queues.end(batch)
        ended += batch
    assert sorted(ended) == sorted(run_id for runs in queues.runs.values() for run_id in runs), "each exactly once"
    assert max(ended.index(run_id) for run_id in queues.runs["small"]) < 3 * PLACES
