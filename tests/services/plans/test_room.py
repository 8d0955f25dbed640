"""Room for the agents of a listing: told on its page and before it is ordered, with how many are too many."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.agents.editing import add_agent
from app.services.blueprints import import_bundle
from app.services.market import get_listing, install_listing, plan_install
from app.services.market.publishing import add_version
from app.services.payments.buying import place_order
from app.services.plans import AgentLimitReached, set_plan
from app.services.subscriptions.renting import place_rent_order
from app.wiring import Wiring
from engine.blueprint.codec import decode
from engine.spec.agent import AgentSpec
from models.agent import Agent
from models.listing import Listing
from models.purchase import Purchase
from models.subscription import Subscription
from models.workspace import Role
from tests.support.market import BLUEPRINT, make_listing
from tests.support.people import make_member

HELPER = "  helper: {name: Helper, model: demo/assistant, instructions: You answer in one sentence.}\n"
TWO = BLUEPRINT.replace(HELPER, HELPER + "  critic: {name: Critic, model: demo/writer, instructions: You look for what is missing.}\n")
FOUR = TWO.replace(HELPER, HELPER + "".join(f"  a{n}: {{name: A{n}, model: demo/writer, instructions: Answer {n}.}}\n" for n in (1, 2)))


@pytest.fixture
def uow(wiring: Wiring) -> Any:
    """Of an installation whose workspaces have room for two agents."""
    with replace(wiring, ports=replace(wiring.ports, default_plan="free")).unit() as unit:
        yield unit


def offered(uow: UnitOfWork, text: str, *, cents: int = 1200, is_monthly: bool = False, agents: int = 2) -> Listing:
    """A listing of somebody else, before a workspace that has so many agents."""
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow, cents=cents, is_monthly=is_monthly)
    wish = {
        "version": "1.1.0",
        "changelog": "More.",
        "licence": "standard",
        "name": "Order triage",
        "tagline": "Sorts",
        "category": "support",
    }
    add_version(uow, listing, decode(text), wish=wish, samples=[])
    uow.actor = make_member(uow, Role.OWNER)
    for number in range(agents):
        add_agent(uow, AgentSpec(name=f"Own {number}", model="demo/assistant", instructions="Answer."))
    return listing


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (BLUEPRINT, "this workspace has 2. Delete one that is not needed any more, or choose a larger plan (Settings, Plan)."),
        (TWO, "this workspace has 2. This brings 2. Delete 2 that are not needed any more, or choose a larger plan (Settings, Plan)."),
        (FOUR, "this workspace has 2. This brings 4. Choose a larger plan (Settings, Plan)."),
    ],
)
def test_a_listing_without_room_says_so_and_takes_no_order(uow: UnitOfWork, text: str, remedy: str) -> None:
    listing = offered(uow, text)
    assert get_listing(uow, slug=listing.slug).room_note == f"The plan “Free” has room for 2 agents, and {remedy}"
    with pytest.raises(AgentLimitReached) as refused:
        place_order(uow, slug=listing.slug, seen_cents=1200)
    assert refused.value.message.endswith(remedy)
    assert uow.session.exec(select(Purchase.id).where(Purchase.workspace_id == uow.workspace_id)).all() == []


def test_a_monthly_one_takes_no_order_either(uow: UnitOfWork) -> None:
    listing = offered(uow, TWO, is_monthly=True)
    with pytest.raises(AgentLimitReached):
        place_rent_order(uow, slug=listing.slug, seen_cents=1200)
    assert uow.session.exec(select(Subscription.id).where(Subscription.workspace_id == uow.workspace_id)).all() == []


def test_with_room_it_is_ordered_and_nothing_is_said(uow: UnitOfWork) -> None:
    listing = offered(uow, FOUR)
    set_plan(uow, workspace=str(uow.workspace_id), plan="pro")
    assert get_listing(uow, slug=listing.slug).room_note == ""
    assert place_order(uow, slug=listing.slug, seen_cents=1200).wish is not None


def test_the_permission_screen_says_it_and_an_install_is_refused_whole(uow: UnitOfWork) -> None:
    listing = offered(uow, TWO, cents=0, agents=1)
    assert plan_install(uow, slug=listing.slug).room_note.endswith(
        "this workspace has 1. This brings 2. Delete one that is not needed any more, or choose a larger plan (Settings, Plan)."
    )
    with pytest.raises(AgentLimitReached, match="This brings 2"):
        install_listing(uow, slug=listing.slug, version="1.1.0")


def test_agents_that_are_there_already_need_no_room(uow: UnitOfWork) -> None:
    listing = offered(uow, TWO, cents=0, agents=0)
    import_bundle(uow, decode(TWO))
    assert len(uow.session.exec(select(Agent.id).where(Agent.workspace_id == uow.workspace_id)).all()) == 2
    assert plan_install(uow, slug=listing.slug).room_note == ""
    assert install_listing(uow, slug=listing.slug, version="1.1.0")
