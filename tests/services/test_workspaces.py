"""Workspaces: anybody may open one, only its owner renames it, names are told apart from nonsense."""

import pytest
from sqlmodel import col, select

from app.core.errors import Invalid, LimitReached, NotAllowed, NotSignedIn
from app.core.uow import UnitOfWork
from app.services.members import leave_workspace
from app.services.workspaces import OWNED_MAX, create_workspace, list_workspaces, rename_workspace
from models.workspace import Membership, Role, Workspace
from tests.support.people import make_member, make_workspace


def test_who_creates_a_workspace_owns_it_and_sees_it_listed(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    created = create_workspace(uow, name="  Support \u202e team ")
    assert (created.name, created.role, created.initials) == ("Support team", "owner", "ST")
    assert [space.name for space in list_workspaces(uow)] == ["Acme", "Support team"]


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 61])
def test_a_workspace_needs_a_readable_name(uow: UnitOfWork, name: str) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    for act in (create_workspace, rename_workspace):
        with pytest.raises(Invalid) as refused:
            act(uow, name=name)
        assert set(refused.value.fields) == {"name"}


def test_the_owner_renames_it(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    rename_workspace(uow, name="Better")
    assert [space.name for space in list_workspaces(uow)] == ["Better"]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_others_may_not_rename_it(uow: UnitOfWork, role: Role) -> None:
    uow.actor = make_member(uow, role)
    with pytest.raises(NotAllowed):
        rename_workspace(uow, name="Mine")


def test_nobody_owns_endlessly_many(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    for number in range(OWNED_MAX):
        create_workspace(uow, name=f"Space {number}")
    with pytest.raises(LimitReached):
        create_workspace(uow, name="One more")


def test_visitors_get_nothing(uow: UnitOfWork) -> None:
    for act in (create_workspace, rename_workspace):
        with pytest.raises(NotSignedIn):
            act(uow, name="x")
    with pytest.raises(NotSignedIn):
        list_workspaces(uow)


def test_nobody_names_two_workspaces_of_theirs_alike(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    create_workspace(uow, name="Better")
    with pytest.raises(Invalid) as refused:
        create_workspace(uow, name="ACME")
    assert "Choose a name that tells them apart." in refused.value.fields["name"]
    with pytest.raises(Invalid):
        rename_workspace(uow, name="better")
    rename_workspace(uow, name="ACME")  # its own name, written otherwise
    assert [space.name for space in list_workspaces(uow)] == ["ACME", "Better"]


def test_who_leaves_the_only_workspace_gets_one_that_is_called_otherwise(uow: UnitOfWork) -> None:
    owner = make_member(uow, Role.OWNER, name="Anna Abel", workspace=make_workspace(uow, "Anna's workspace"))
    make_member(uow, Role.OWNER, workspace=uow.session.get(Workspace, owner.workspace_id))
    uow.actor = owner
    leave_workspace(uow)
    session = select(Workspace.name).join(Membership, col(Membership.workspace_id) == col(Workspace.id))
    assert uow.session.exec(session.where(Membership.user_id == owner.user_id)).all() == ["Anna's own space"]
