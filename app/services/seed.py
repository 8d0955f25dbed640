"""What a fresh installation outside production starts with: the demo account. `agent-factory seed` and `up` call it, again and again."""

from sqlmodel import select

from app.core.uow import Actor, UnitOfWork
from app.services.accounts import DEMO_EMAIL, create_account
from app.services.accounts.identity import email_key
from app.services.agents import create_from_starter, list_starters
from app.services.templates import TEMPLATES, create_from_template
from models.user import User
from models.workspace import Membership, Role

AGENTS, WORKFLOWS = 2, 2


def seed_demo(uow: UnitOfWork) -> bool:
    """Create the demo account, its workspace and examples if the account is missing; returns whether it was created."""
    if not uow.ports.demo_account_allowed:
        return False
    if uow.session.exec(select(User.id).where(User.email_key == email_key(DEMO_EMAIL))).first() is not None:
        return False
    person = create_account(uow, name="Demo", email=DEMO_EMAIL, password_hash="", is_demo=True, workspace_name="Demo workspace")
    membership = uow.session.exec(select(Membership).where(Membership.user_id == person.id)).one()
    before, uow.actor = uow.actor, Actor(user_id=person.id, workspace_id=membership.workspace_id, role=Role.OWNER)
    try:
        _add_examples(uow)
    finally:
        uow.actor = before
    return True


def _add_examples(uow: UnitOfWork) -> None:
    uow.trail.deed = "workspace.add_examples"
    for starter in list_starters(uow)[:AGENTS]:
        create_from_starter(uow, key=starter.key)
    for template in TEMPLATES[:WORKFLOWS]:
        create_from_template(uow, key=template.key)
