"""What a fresh installation outside production starts with: the demo account. `agent-factory seed` and `up` call it, again and again."""

from sqlmodel import select

from app.core.uow import UnitOfWork
from app.services.accounts import DEMO_EMAIL, create_account
from app.services.accounts.identity import email_key
from models.user import User


def seed_demo(uow: UnitOfWork) -> bool:
    """Create the demo account and its workspace if they are missing; returns whether anything was created."""
    if not uow.ports.demo_account_allowed:
        return False
    if uow.session.exec(select(User.id).where(User.email_key == email_key(DEMO_EMAIL))).first() is not None:
        return False
    create_account(uow, name="Demo", email=DEMO_EMAIL, password_hash="", is_demo=True, workspace_name="Demo workspace")
    return True
