"""Decisions: who may make them, one winner, what is refused, and what happens to a run that is over."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.runs import (
    cancel_run,
    decide_approval,
    get_run,
    get_run_row,
    list_approvals,
    read_events,
    resolve_unknown_effect,
    start_run,
)
from app.services.runs.claim import claim_runs
from app.services.runs.journal import Commit, commit_batch
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.ids import new_id
from models.run import Outbox
from models.user import User
from models.workspace import Role
from tests.support.people import make_member
from tests.support.workflows import asking, make_workflow

BUTTONS = [{"id": "approve", "label": "Yes"}, {"id": "reject", "label": "No"}]


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of a member."""
    uow.actor = make_member(uow)
    return uow


def as_role(uow: UnitOfWork, role: Role) -> Actor:
    """The same person with another role."""
    assert uow.actor is not None
    return Actor(user_id=uow.actor.user_id, workspace_id=uow.actor.workspace_id, role=role)


def drive(uow: UnitOfWork, run_id: uuid.UUID, events: Sequence[JournalEvent]) -> None:
    """Do what a worker does: claim, and commit events."""
    connection = uow.session.connection()
    (claimed,) = claim_runs(connection, [run_id], owner="test", lease_s=60)
    (answer,) = commit_batch(
        connection, [Commit(run_id, claimed.workspace_id, claimed.fence, claimed.next_seq, events)], hooks=uow.ports.end_hooks
    )
    assert not isinstance(answer, Exception)
    uow.session.expire_all()


def parked(uow: UnitOfWork, *, parks: bool = True, **request: object) -> uuid.UUID:
    """A run that waits for a decision; returns its id."""
    row = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={})
    asked: JsonObject = {"title": "Refund?", "buttons": BUTTONS, "fields": [], **request}
    until = request.pop("until", None)
    waiting = {"reason": "approval", "until": until, "request": asked, "attempt": 1}
    events = [JournalEvent(EventType.NODE_WAITING, utc_now(), "ask", "", waiting)]
    if parks:
        reasons = [{"node": "ask", "iteration": "", "reason": "approval", "until": None}]
        events.append(JournalEvent(EventType.RUN_WAITING, utc_now(), data={"wake_at": None, "reasons": reasons}))
    drive(uow, row.id, events)
    return row.id


def test_a_decision_queues_the_run_and_journals_who_said_what(member: UnitOfWork) -> None:
    run_id = parked(member)
    (card,) = list_approvals(member)
    assert card.can_decide
    decided = decide_approval(member, approval_id=card.id, button="approve", note="ok")
    assert (decided.status, decided.decided_by, decided.note) == ("decided", "Mia Member", "ok")
    assert get_run_row(member, run_id=run_id).status == "queued"
    assert member.session.connection().execute(sa.select(sa.func.count()).select_from(Outbox)).scalar_one() == 1
    last = read_events(member, run_id=run_id)[-1]
    assert last.type == "node_resumed"
    assert last.payload["decision"]["by"] == str(member.actor.user_id if member.actor else "")
    assert list_approvals(member) == ()
    assert [item.id for item in list_approvals(member, pending=False)] == [card.id]


def test_only_the_first_decision_counts(member: UnitOfWork) -> None:
    parked(member)
    (card,) = list_approvals(member)
    decide_approval(member, approval_id=card.id, button="approve")
    with pytest.raises(Conflict, match="Mia Member has decided this already"):
        decide_approval(member, approval_id=card.id, button="reject")


def test_a_decision_for_a_run_at_work_stays_with_its_worker(member: UnitOfWork) -> None:
    run_id = parked(member, parks=False)
    (card,) = list_approvals(member)
    decide_approval(member, approval_id=card.id, button="approve")
    assert get_run_row(member, run_id=run_id).status == "running"


def test_parking_after_a_decision_came_in_queues_the_run_again(member: UnitOfWork) -> None:
    run_id = parked(member, parks=False)
    known = read_events(member, run_id=run_id)[-1].seq + 1
    (card,) = list_approvals(member)
    decide_approval(member, approval_id=card.id, button="approve")
    reasons = [{"node": "ask", "iteration": "", "reason": "approval", "until": None}]
    park = [JournalEvent(EventType.RUN_WAITING, utc_now(), data={"wake_at": None, "reasons": reasons})]
    assert member.actor is not None
    (answer,) = commit_batch(member.session.connection(), [Commit(run_id, member.workspace_id, 1, known, park)], hooks={})
    assert not isinstance(answer, Exception)
    assert answer.must_ring
    assert get_run_row(member, run_id=run_id).status == "queued"


@pytest.mark.parametrize(
    ("request_", "role", "allowed"),
    [
        ({}, Role.MEMBER, True),
        ({}, Role.VIEWER, False),
        ({"role": "admin"}, Role.MEMBER, False),
        ({"role": "admin"}, Role.OWNER, True),
        ({"role": "owner"}, Role.ADMIN, False),
        ({"not_by_starter": True}, Role.OWNER, False),
    ],
)
def test_who_may_decide_is_what_the_step_says(member: UnitOfWork, request_: JsonObject, role: Role, allowed: bool) -> None:
    parked(member, **request_)
    member.actor = as_role(member, role)
    (card,) = list_approvals(member)
    assert card.can_decide is allowed
    if allowed:
        decide_approval(member, approval_id=card.id, button="approve")
    else:
        with pytest.raises(NotAllowed):
            decide_approval(member, approval_id=card.id, button="approve")


def test_a_colleague_decides_what_the_starter_may_not(member: UnitOfWork) -> None:
    parked(member, not_by_starter=True)
    (card,) = list_approvals(member)
    colleague = make_member(member, name="Cora")
    member.actor = Actor(user_id=colleague.user_id, workspace_id=member.workspace_id, role=Role.MEMBER)
    assert decide_approval(member, approval_id=card.id, button="reject").decided_by == "Cora"


def test_another_workspace_cannot_see_or_decide(member: UnitOfWork) -> None:
    parked(member)
    (card,) = list_approvals(member)
    member.actor = make_member(member, Role.OWNER)
    assert list_approvals(member) == ()
    for approval_id in (card.id, new_id(), None, "x"):
        with pytest.raises(NotFound):
            decide_approval(member, approval_id=approval_id, button="approve")


@pytest.mark.parametrize("button", [None, "", "maybe", 1, ["approve"]])
def test_a_button_that_is_not_there_is_refused(member: UnitOfWork, button: object) -> None:
    parked(member)
    (card,) = list_approvals(member)
    with pytest.raises(Invalid) as refused:
        decide_approval(member, approval_id=card.id, button=button)
    assert refused.value.fields == {"button": "Choose one of: approve, reject."}


def test_each_wrong_answer_has_its_message(member: UnitOfWork) -> None:
    parked(member, fields=[{"name": "amount", "type": "number"}, {"name": "why", "type": "text"}])
    (card,) = list_approvals(member)
    with pytest.raises(Invalid) as refused:
        decide_approval(member, approval_id=card.id, button="approve", values={"amount": "much"})
    assert set(refused.value.fields) == {"amount", "why"}
    decided = decide_approval(member, approval_id=card.id, button="approve", values={"amount": 5, "why": "late"})
    assert decided.status == "decided"


REJECTING = [{"id": "approve", "label": "Yes", "style": "primary"}, {"id": "reject", "label": "No", "style": "danger"}]


@pytest.mark.parametrize("buttons", [REJECTING, [BUTTONS[0], {**BUTTONS[1], "needs_fields": False}]])
def test_a_rejecting_button_asks_for_no_required_field_but_still_for_right_answers(member: UnitOfWork, buttons: list[JsonObject]) -> None:
    parked(member, buttons=buttons, fields=[{"name": "amount", "type": "number"}])
    (card,) = list_approvals(member)
    with pytest.raises(Invalid) as refused:
        decide_approval(member, approval_id=card.id, button="approve")
    assert refused.value.fields == {"amount": "is required."}
    with pytest.raises(Invalid) as refused:
        decide_approval(member, approval_id=card.id, button="reject", values={"amount": "much"})
    assert refused.value.fields == {"amount": "must be a number."}
    assert decide_approval(member, approval_id=card.id, button="reject").status == "decided"


def test_a_decision_after_its_time_is_refused(member: UnitOfWork) -> None:
    soon = member.ports.clock.now() - timedelta(seconds=1)
    parked(member, until=soon.isoformat())
    (card,) = list_approvals(member)
    with pytest.raises(Conflict, match="time for this decision is over"):
        decide_approval(member, approval_id=card.id, button="approve")


def test_cancelling_withdraws_the_question(member: UnitOfWork) -> None:
    run_id = parked(member)
    (card,) = list_approvals(member)
    cancel_run(member, run_id=run_id)
    assert get_run(member, run_id=run_id).approvals[0].status == "cancelled"
    with pytest.raises(Conflict):
        decide_approval(member, approval_id=card.id, button="approve")


def test_an_unknown_effect_is_resolved_once_and_only_where_there_is_one(member: UnitOfWork) -> None:
    row = start_run(member, workflow_id=make_workflow(member, asking()).id, inputs={})
    unknown = {"reason": "unknown_effect", "until": None, "request": {}, "attempt": 1}
    reasons = [{"node": "pay", "iteration": "", "reason": "unknown_effect", "until": None}]
    drive(
        member,
        row.id,
        [
            JournalEvent(EventType.NODE_WAITING, utc_now(), "pay", "", unknown),
            JournalEvent(EventType.RUN_WAITING, utc_now(), data={"wake_at": None, "reasons": reasons}),
        ],
    )
    with pytest.raises(Invalid):
        resolve_unknown_effect(member, run_id=row.id, node="pay", action="forget")
    with pytest.raises(Conflict):
        resolve_unknown_effect(member, run_id=row.id, node="other", action="done")
    assert resolve_unknown_effect(member, run_id=row.id, node="pay", action="done", value={"ok": True}).status == "queued"
    with pytest.raises(Conflict):
        resolve_unknown_effect(member, run_id=row.id, node="pay", action="fail")


def test_an_assigned_decision_is_for_one_member_and_owners(member: UnitOfWork) -> None:
    assert member.actor is not None
    me = member.session.get_one(User, member.actor.user_id)
    parked(member, assignee=me.email.upper())
    parked(member, assignee="else@example.com")
    mine, other = list_approvals(member)
    assert (mine.can_decide, other.can_decide) == (True, False)
    assert [card.id for card in list_approvals(member, mine=True)] == [mine.id]
    with pytest.raises(NotAllowed, match="assigned to else@"):
        decide_approval(member, approval_id=other.id, button="approve")
    member.actor = as_role(member, Role.OWNER)
    assert decide_approval(member, approval_id=other.id, button="approve").status == "decided"
    assert [card.id for card in list_approvals(member, pending=False, mine=True)] == [other.id]


def test_an_overdue_decision_goes_to_more_people(member: UnitOfWork) -> None:
    now = member.ports.clock.now()
    late, early = (now - timedelta(minutes=1)).isoformat(), (now + timedelta(minutes=1)).isoformat()
    parked(member, assignee="else@example.com", escalates_at=late, escalate_to="member")
    parked(member, role="owner", escalates_at=early, escalate_to="member")
    parked(member, role="owner", escalates_at=late, escalate_to="admin")
    assert [card.can_decide for card in list_approvals(member)] == [True, False, False]
    assert list_approvals(member)[0].overdue_at is not None


def test_later_steps_read_the_name_of_who_decided(member: UnitOfWork) -> None:
    run_id = parked(member)
    (card,) = list_approvals(member)
    decide_approval(member, approval_id=card.id, button="approve")
    assert read_events(member, run_id=run_id)[-1].payload["decision"]["by_name"] == "Mia Member"
