"""Updates of installed copies: what was changed here stays, both sides' changes are named, and what was there is kept."""

import pytest
from sqlmodel import select

from app.core.errors import AppError, Conflict
from app.core.uow import Actor, UnitOfWork
from app.services.agents import get_agent, save_agent
from app.services.history import list_versions, restore_version
from app.services.market import get_listing, install_listing, plan_update, update_install
from app.services.market.installing import ListingNotBought
from app.services.market.publishing import add_version
from app.services.workflow_tests.moving import read_cases
from app.services.workflows import apply_operations, delete_workflow, get_workflow, load_workflow
from engine.blueprint.codec import decode
from models.agent import Agent
from models.listing import Listing
from models.purchase import Purchase
from models.workflow import Workflow
from models.workspace import Role
from tests.support.market import make_listing, make_purchase
from tests.support.people import make_member

LATER = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Ask, version: 1.1.0, description: Answers a question.}
agents:
  helper: {name: Helper, model: demo/assistant, instructions: You answer in two sentences., temperature: 0.1}
  critic: {name: Critic, model: demo/writer, instructions: You look for what is missing.}
workflows:
  ask:
    name: Ask
    nodes:
      start: {kind: start, config: {fields: [{name: question, type: long_text}]}, position: [0, 100]}
      answer: {kind: agent, label: Answer it, config: {agent: helper, message: 'Please: {{ inputs.question }}'}, position: [320, 100]}
      check: {kind: agent, config: {agent: critic, message: '{{ answer.text }}'}, position: [640, 100]}
    edges: [start -> answer, answer -> check]
tests:
- {name: A question, workflow: ask, inputs: {question: 'Why is the sky blue?'}}
- {name: Another question, workflow: ask, inputs: {question: 'Why is grass green?'}}
"""


class Copy:
    """A buyer's copy of a listing of which 1.1.0 came out since."""

    def __init__(self, uow: UnitOfWork, *, later: str = LATER, cents: int = 0) -> None:
        self.uow = uow
        uow.actor = self.seller = make_member(uow, Role.OWNER)
        self.listing = make_listing(uow)
        self.slug = self.listing.slug
        uow.actor = self.buyer = make_member(uow)
        self.id = install_listing(uow, slug=self.slug, version="1.0.0")
        publish(uow, self.listing, later, cents=cents)

    def edit(self, *operations: dict[str, object]) -> None:
        """As in the editor."""
        revision = get_workflow(self.uow, workflow_id=self.id).revision
        apply_operations(self.uow, workflow_id=self.id, base_revision=revision, client_key=f"mine:{revision}", operations=list(operations))

    def node(self, node_id: str) -> dict[str, object] | None:
        """A step of the copy now."""
        return next((node for node in get_workflow(self.uow, workflow_id=self.id).definition["nodes"] if node["id"] == node_id), None)

    def config(self, node_id: str) -> dict[str, object]:
        """What is set in it."""
        node = self.node(node_id)
        assert node
        assert isinstance(node["config"], dict)
        return node["config"]

    def agent(self) -> Agent:
        """The installed agent."""
        return self.uow.session.exec(select(Agent).where(Agent.workspace_id == self.buyer.workspace_id, Agent.slug == "helper")).one()

    def update(self, take: str = "mine") -> None:
        """To the newest version."""
        update_install(self.uow, slug=self.slug, version="1.1.0", take=take)


def publish(uow: UnitOfWork, listing: Listing, text: str, *, cents: int = 0) -> None:
    """The next version, on the shelf."""
    wish = {"name": listing.name, "tagline": listing.tagline, "description": listing.description, "category": listing.category,
            "price_cents": cents, "licence": "standard", "version": "1.1.0", "changelog": "Checks the answer."}  # fmt: skip
    add_version(uow, listing, decode(text), wish=wish, samples=[])


def set_message(value: str) -> dict[str, object]:
    return {"op": "set_config", "id": "answer", "path": ["message"], "value": value}


@pytest.fixture
def copy(uow: UnitOfWork) -> Copy:
    return Copy(uow)


def test_the_plan_says_what_changes_and_what_it_newly_may(copy: Copy) -> None:
    detail = get_listing(copy.uow, slug=copy.slug)
    assert (detail.has_update, detail.installed_version, detail.version) == (True, "1.0.0", "1.1.0")
    plan = plan_update(copy.uow, slug=copy.slug)
    assert (plan.before, plan.after, [row.changelog for row in plan.versions]) == ("1.0.0", "1.1.0", ["Checks the answer."])
    assert [(step.node, step.change) for step in plan.workflows[0].steps] == [("check", "added"), ("answer", "changed")]
    assert plan.workflows[0].edges_added == ("Answer it → Agent",)
    assert [(line.title, line.detail) for line in plan.widened] == [("Ask language models", "demo/writer")]
    assert (plan.agents, plan.added, plan.clashes, plan.has_own) == (("Helper: Instructions, Temperature",), ("Critic",), (), False)
    assert get_workflow(copy.uow, workflow_id=copy.id).revision == 1


def test_an_untouched_copy_becomes_the_new_version(copy: Copy) -> None:
    copy.update()
    assert copy.config("answer")["message"] == "Please: {{ inputs.question }}"
    assert copy.config("check") == {"agent": "critic", "message": "{{ answer.text }}"}
    assert get_workflow(copy.uow, workflow_id=copy.id).findings == ()
    assert get_agent(copy.uow, agent_id=copy.agent().id).spec["instructions"] == "You answer in two sentences."
    names = [case.name for case in read_cases(copy.uow, workflow=load_workflow(copy.uow, copy.id))]
    assert names == ["A question", "Another question"]
    detail = get_listing(copy.uow, slug=copy.slug)
    assert (detail.has_update, detail.installed_version, detail.workflow_ids) == (False, "1.1.0", (copy.id,))
    with pytest.raises(Conflict, match="newest"):
        plan_update(copy.uow, slug=copy.slug)


def test_what_only_one_side_changed_is_kept_without_asking(copy: Copy) -> None:
    note = {"id": "shout", "kind": "template", "config": {"template": "{{ answer.text | upcase }}"}, "position": {"x": 640, "y": 300}}
    copy.edit({"op": "add_node", "node": note}, {"op": "connect", "source": "answer", "target": "shout"})
    copy.edit({"op": "set_policy", "id": "answer", "field": "timeout_s", "value": 30})
    plan = plan_update(copy.uow, slug=copy.slug)
    assert (plan.clashes, plan.has_own) == ((), True)
    copy.update()
    answer = copy.node("answer")
    assert answer
    assert (answer["timeout_s"], answer["label"]) == (30, "Answer it")
    assert copy.node("shout")
    assert copy.node("check")


def test_a_version_that_sends_signals_to_other_runs_says_so_and_is_wider(uow: UnitOfWork) -> None:
    step = "      tell: {kind: signal, config: {key: 'payment-{{ inputs.question }}'}}\n      check: {kind: agent"
    copy = Copy(uow, later=LATER.replace("      check: {kind: agent", step))
    told = "By signals named payment-…"
    plan = plan_update(uow, slug=copy.slug)
    assert [line.detail for line in plan.permissions].count(told) == [line.detail for line in plan.widened].count(told) == 1


def test_what_both_changed_is_named_and_stays_mine_or_becomes_theirs(copy: Copy) -> None:
    copy.edit(set_message("Kindly: {{ inputs.question }}"))
    (clash,) = plan_update(copy.uow, slug=copy.slug).clashes
    assert (clash.where, clash.step, clash.field) == ("Ask", "Answer it", "message")
    assert (clash.here, clash.there) == ("Kindly: {{ inputs.question }}", "Please: {{ inputs.question }}")
    copy.update("mine")
    assert copy.config("answer")["message"] == "Kindly: {{ inputs.question }}"
    assert copy.node("check")


def test_the_new_version_wins_where_it_is_told_to(copy: Copy) -> None:
    copy.edit(set_message("Kindly: {{ inputs.question }}"), {"op": "set_policy", "id": "answer", "field": "timeout_s", "value": 30})
    copy.update("theirs")
    answer = copy.node("answer")
    assert answer
    assert answer["timeout_s"] == 30
    assert copy.config("answer")["message"] == "Please: {{ inputs.question }}"


def test_a_step_that_was_removed_here_is_not_brought_back_unasked(copy: Copy) -> None:
    copy.edit({"op": "remove_node", "id": "answer"})
    clashes = plan_update(copy.uow, slug=copy.slug).clashes
    assert ("answer", "removed here") in {(clash.step, clash.here) for clash in clashes}
    copy.update()
    assert copy.node("answer") is None
    assert copy.node("check")


def test_replacing_takes_the_new_version_whole_and_what_was_there_can_be_brought_back(copy: Copy) -> None:
    copy.edit(set_message("Kindly: {{ inputs.question }}"), {"op": "set_policy", "id": "answer", "field": "timeout_s", "value": 30})
    copy.update("replace")
    answer = copy.node("answer")
    assert answer
    assert "timeout_s" not in answer
    page = list_versions(copy.uow, workflow_id=copy.id)
    (before,) = [row for row in page.rows if row.name == "Before 1.1.0 of Order triage"]
    restore_version(copy.uow, workflow_id=copy.id, version_id=before.id, base_revision=get_workflow(copy.uow, workflow_id=copy.id).revision)
    assert copy.config("answer")["message"] == "Kindly: {{ inputs.question }}"


def test_an_agent_that_both_changed_is_merged_field_by_field(copy: Copy) -> None:
    agent = get_agent(copy.uow, agent_id=copy.agent().id)
    draft = {**agent.spec, "instructions": "You answer like a pirate.", "role": "Pirate"}
    save_agent(copy.uow, agent_id=agent.id, base_version=agent.version, draft=draft)
    (clash,) = plan_update(copy.uow, slug=copy.slug).clashes
    assert (clash.where, clash.field, clash.here, clash.there) == (
        "Helper", "Instructions", "You answer like a pirate.", "You answer in two sentences.",
    )  # fmt: skip
    copy.update()
    spec = get_agent(copy.uow, agent_id=agent.id).spec
    assert (spec["instructions"], spec["role"], spec["temperature"]) == ("You answer like a pirate.", "Pirate", 0.1)


def test_an_agent_that_the_workspace_had_before_is_left_alone(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    uow.actor = buyer = make_member(uow)
    install_listing(uow, slug=listing.slug, version="1.0.0")
    other = make_listing_of(uow, name="Second triage")
    uow.actor = buyer
    second = install_listing(uow, slug=other.slug, version="1.0.0")  # its agent is the same, so the first one's is used
    publish(uow, other, LATER)
    update_install(uow, slug=other.slug, version="1.1.0", take="mine")
    named = {row.slug: row.version for row in uow.session.exec(select(Agent).where(Agent.workspace_id == buyer.workspace_id))}
    assert named == {"helper": 1, "helper_2": 1, "critic": 1}
    nodes = {node["id"]: node for node in get_workflow(uow, workflow_id=second).definition["nodes"]}
    assert nodes["answer"]["config"]["agent"] == "helper_2"


def make_listing_of(uow: UnitOfWork, *, name: str) -> Listing:
    """Somebody else's listing."""
    uow.actor = make_member(uow, Role.OWNER)
    return make_listing(uow, name=name)


def test_a_deleted_copy_comes_anew_with_the_update(copy: Copy) -> None:
    delete_workflow(copy.uow, workflow_id=copy.id)
    fresh = update_install(copy.uow, slug=copy.slug, version="1.1.0")
    assert fresh != copy.id
    assert get_workflow(copy.uow, workflow_id=fresh).findings == ()


@pytest.mark.parametrize(("version", "take"), [("1.0.0", "mine"), ("2.0.0", "mine"), (None, "mine"), ("1.1.0", "yours"), ("1.1.0", None)])
def test_only_what_was_shown_is_brought_in(copy: Copy, version: object, take: object) -> None:
    with pytest.raises(AppError):
        update_install(copy.uow, slug=copy.slug, version=version, take=take)
    assert get_listing(copy.uow, slug=copy.slug).installed_version == "1.0.0"


def test_a_version_that_costs_is_for_who_has_paid(uow: UnitOfWork) -> None:
    copy = Copy(uow, cents=900)
    assert get_listing(uow, slug=copy.slug).has_update is False
    for attempt in (lambda: plan_update(uow, slug=copy.slug), copy.update):
        with pytest.raises(ListingNotBought):
            attempt()


def test_who_took_the_order_back_installs_nothing_anew(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    listing = make_listing(uow, cents=900)
    uow.actor = buyer = make_member(uow)
    order = paid(uow, buyer, seller, listing)
    first = install_listing(uow, slug=listing.slug, version="1.0.0")
    order.state, order.claim = "refunded", None
    delete_workflow(uow, workflow_id=first)
    with pytest.raises(ListingNotBought):
        install_listing(uow, slug=listing.slug, version="1.0.0")
    assert uow.session.exec(select(Workflow.deleted_at).where(Workflow.workspace_id == buyer.workspace_id)).one() is not None


def paid(uow: UnitOfWork, buyer: Actor, seller: Actor, listing: Listing) -> Purchase:
    """A settled order."""
    order = make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=900)
    order.listing_id, order.version_id, order.state = listing.id, listing.version_id, "paid"
    uow.session.flush()
    return order
