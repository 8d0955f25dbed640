"""Seeding gives the demo account something to look at, once."""

from dataclasses import replace

from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.seed import AGENTS, WORKFLOWS, seed_demo
from models.agent import Agent
from models.user import User
from models.workflow import Workflow
from models.workspace import Workspace


def test_the_demo_account_is_created_once_with_examples(uow: UnitOfWork) -> None:
    assert seed_demo(uow)
    assert not seed_demo(uow)
    assert uow.session.exec(select(User.is_demo)).all() == [True]
    assert uow.session.exec(select(Workspace.name)).all() == ["Demo workspace"]
    assert len(uow.session.exec(select(Agent.id)).all()) >= AGENTS  # the workflows bring theirs
    assert uow.session.exec(select(Workflow.error_count)).all() == [0] * WORKFLOWS
    assert uow.actor is None


def test_production_is_never_seeded(uow: UnitOfWork) -> None:
    uow.ports = replace(uow.ports, demo_account_allowed=False)
    assert not seed_demo(uow)
    assert uow.session.exec(select(User.id)).all() == []
