"""Questions to people inside a sealed run: somebody of the buyer's workspace is asked, and sees what was written for them only."""

import uuid

import pytest

from app.core.errors import NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.market import install_listing
from app.services.market.publishing import add_version, free_slug
from app.services.runs import decide_approval, get_approval, get_run, list_approvals, start_run
from app.services.runs.sealing import UNWRITTEN
from app.views.runs import ApprovalCard
from app.wiring import Wiring
from engine.blueprint.codec import decode
from models.listing import Listing
from models.workspace import Role, Workspace
from tests.support.driving import work
from tests.support.people import make_member
from tests.support.sealing import CANARY, Oracle, below

FIELDS = "[{name: amount, type: number, title: Amount, required: true}]"
BLUEPRINT = f"""
apiVersion: agentfactory/v1
kind: Bundle
metadata: {{name: Refunds, version: 1.0.0, description: Asks before it refunds.}}
workflows:
  main:
    name: {CANARY} main
    nodes:
      start: {{kind: start, config: {{fields: [{{name: order, type: text}}]}}}}
      {CANARY}_draft: {{kind: template, config: {{text: '{CANARY} draft of {{{{ inputs.order }}}}'}}}}
      {CANARY}_gate:
        kind: approval
        label: {CANARY} label
        config: {{title: 'Refund {{{{ inputs.order }}}}?', message: MESSAGE, fields: {FIELDS}}}
      end: {{kind: end, config: {{output: 'Refunded {{{{ {CANARY}_gate.values.amount }}}}'}}}}
      no: {{kind: end, config: {{output: 'Not refunded'}}}}
    edges:
    - start -> {CANARY}_draft
    - {CANARY}_draft -> {CANARY}_gate
    - {CANARY}_gate.approve -> end
    - {CANARY}_gate.reject -> no
"""


def asked(uow: UnitOfWork, wiring: Wiring, *, message: str) -> tuple[uuid.UUID, ApprovalCard]:
    """A buyer's run that waits inside for a decision; the actor is the buyer."""
    uow.actor = make_member(uow, Role.OWNER)
    listing = Listing(
        workspace_id=uow.workspace_id, slug=free_slug(uow, "Refunds"), creator="Delphi", currency="usd", fee_bps=2000, icon="workflow",
        name="", tagline="", category="",
    )  # fmt: skip
    wish = {
        "name": "Refunds", "tagline": "Asks first", "description": "Asks a person before it refunds an order. " * 3, "category": "support",
        "price_cents": 0, "licence": "standard", "version": "1.0.0", "changelog": "First.", "look": "sealed",
    }  # fmt: skip
    add_version(uow, listing, decode(BLUEPRINT.replace("MESSAGE", message)), wish=wish, samples=[])
    buyer = uow.actor = make_member(uow, Role.OWNER)
    workflow_id = install_listing(uow, slug=listing.slug, version="1.0.0")
    uow.session.commit()
    run_id = wiring.call(start_run, buyer, workflow_id=workflow_id, inputs={"order": "A-7"}).id
    go_on(wiring, run_id)
    uow.session.rollback()
    (card,) = list_approvals(uow)
    return run_id, card


def go_on(wiring: Wiring, run_id: uuid.UUID) -> None:
    """The run and what runs below it, until all rest."""
    work(wiring, run_id, models=Oracle())
    while queued := below(wiring, status="queued"):
        for one in queued:
            work(wiring, one, models=Oracle())


def colleague(uow: UnitOfWork) -> Actor:
    return make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, uow.workspace_id))


def test_a_person_of_the_buyers_workspace_sees_what_was_written_for_people(uow: UnitOfWork, wiring: Wiring) -> None:
    run_id, card = asked(uow, wiring, message="'Order **{{ inputs.order }}** came back.'")
    uow.actor = colleague(uow)
    seen = get_approval(uow, approval_id=card.id)
    assert (seen.title, seen.request["message"]) == ("Refund A-7?", "Order **A-7** came back.")
    assert [(one["name"], one["title"]) for one in seen.request["fields"]] == [("amount", "Amount")]
    assert [one["label"] for one in seen.request["buttons"]] == ["Approve", "Reject"]
    assert (seen.run_id, seen.node, seen.iteration) == (run_id, "", "")
    assert CANARY not in repr((seen, list_approvals(uow), get_run(uow, run_id=run_id)))


def test_a_message_left_empty_does_not_show_what_the_step_before_gave(uow: UnitOfWork, wiring: Wiring) -> None:
    _, card = asked(uow, wiring, message="''")
    assert card.request["message"] == UNWRITTEN
    assert CANARY not in repr(card)


def test_the_decision_goes_in_and_the_result_comes_out(uow: UnitOfWork, wiring: Wiring) -> None:
    run_id, card = asked(uow, wiring, message="Refund it?")
    buyer = uow.actor
    assert buyer is not None
    uow.session.rollback()
    wiring.call(decide_approval, buyer, approval_id=card.id, button="approve", values={"amount": 12})
    for one in below(wiring, status="queued"):
        work(wiring, one, models=Oracle())
    go_on(wiring, run_id)
    uow.session.rollback()
    found = get_run(uow, run_id=run_id)
    assert (found.row.status, found.output) == ("succeeded", "Refunded 12")
    assert CANARY not in repr((found, list_approvals(uow, pending=False)))


def test_nobody_of_another_workspace_is_asked(uow: UnitOfWork, wiring: Wiring) -> None:
    _, card = asked(uow, wiring, message="Refund it?")
    uow.actor = make_member(uow, Role.OWNER)
    assert list_approvals(uow) == ()
    with pytest.raises(NotFound):
        get_approval(uow, approval_id=card.id)
