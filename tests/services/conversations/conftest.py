"""Who chats, and with whom."""

import pytest

from app.core.uow import UnitOfWork
from app.services import agents
from tests.support.chats import DRAFT
from tests.support.people import make_member


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work whose actor is a member."""
    uow.actor = make_member(uow)
    return uow


@pytest.fixture
def agent_id(member: UnitOfWork) -> str:
    """A saved agent."""
    return agents.create_agent(member, draft=DRAFT).id
