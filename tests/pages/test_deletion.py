"""The danger zone of a workspace asks for nothing that the trail would tell as a refusal, whoever looks at the page."""

import pytest
from sqlmodel import select

from app.core.uow import UnitOfWork
from app.views.closing import WorkspaceDeletion
from models.user import User
from models.workspace import Role
from pages.settings.deletion_state import _deletion_for_owners, _zone_for_owners
from tests.support.people import make_member


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_who_is_no_owner_sees_nothing_of_it_and_is_not_refused(uow: UnitOfWork, role: Role) -> None:
    uow.actor = make_member(uow, role)
    assert _deletion_for_owners(uow) == _zone_for_owners(uow) == WorkspaceDeletion()


def test_the_demo_account_sees_nothing_of_it_either(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    assert _deletion_for_owners(uow).name == _zone_for_owners(uow).name == "Acme"
    uow.session.exec(select(User).where(User.id == uow.actor.user_id)).one().is_demo = True
    uow.session.flush()
    assert _deletion_for_owners(uow) == _zone_for_owners(uow) == WorkspaceDeletion()
