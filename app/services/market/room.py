"""Whether the workspace's plan has room for the agents that a listing brings: told before it is ordered or installed."""

from app.core.uow import UnitOfWork
from app.services.blueprints import count_added, plan_agents
from app.services.market.access import installed, version_for
from app.services.plans import AgentLimitReached, tell_lacking_room
from app.services.sealed import read_package
from engine.blueprint.bundle import Bundle
from models.listing import Listing


def tell_no_room(uow: UnitOfWork, bundle: Bundle) -> str:
    """Why an install of the package would be refused, with what to do; "" where there is room."""
    return tell_lacking_room(uow, count_added(plan_agents(uow, bundle))) if uow.actor and bundle.agents else ""


def refuse_without_room(uow: UnitOfWork, listing: Listing) -> None:
    """Raise AgentLimitReached for an order of what could not be installed afterwards."""
    told = "" if installed(uow, listing) else tell_no_room(uow, read_package(version_for(uow, listing)))
    if told:
        raise AgentLimitReached(told)
