"""A link into another workspace of the same person says which; nobody else learns that there is anything."""

import pytest

from app.core.uow import Actor, UnitOfWork
from app.services.elsewhere import NOWHERE, find_elsewhere
from app.services.sharing import change_sharing
from app.services.workflows import create_workflow, delete_workflow
from models.workspace import Membership, Role, Workspace
from tests.support.people import make_member


@pytest.fixture
def there(uow: UnitOfWork) -> tuple[Actor, str]:
    """Who made a workflow in a workspace of theirs, and its id; nobody acts."""
    uow.actor = maker = make_member(uow)
    made = str(create_workflow(uow, name="Far away").id)
    return maker, made


def visit(uow: UnitOfWork, maker: Actor, *, role: Role | None) -> None:
    """Act as somebody of another workspace who has this role, or none, in the maker's."""
    uow.actor = make_member(uow)
    if role is not None:
        uow.session.add(Membership(workspace_id=maker.workspace_id, user_id=uow.actor.user_id, role=role))
        uow.session.flush()


@pytest.mark.parametrize("role", list(Role))
def test_a_member_of_both_is_told_where_it_is(uow: UnitOfWork, there: tuple[Actor, str], role: Role) -> None:
    maker, made = there
    visit(uow, maker, role=role)
    found = find_elsewhere(uow, kind="workflows", thing_id=made)
    space = uow.session.get_one(Workspace, maker.workspace_id)
    assert (found.workspace_id, found.name) == (str(space.id), space.name)
    assert find_elsewhere(uow, kind="runs", thing_id=made) == NOWHERE


def test_a_stranger_learns_nothing(uow: UnitOfWork, there: tuple[Actor, str]) -> None:
    maker, made = there
    visit(uow, maker, role=None)
    assert find_elsewhere(uow, kind="workflows", thing_id=made) == NOWHERE
    assert find_elsewhere(uow, kind="workflows", thing_id="nothing") == NOWHERE
    assert find_elsewhere(uow, kind="secrets", thing_id=made) == NOWHERE


def test_what_is_private_or_deleted_there_is_told_to_no_member(uow: UnitOfWork, there: tuple[Actor, str]) -> None:
    maker, made = there
    uow.actor = maker
    change_sharing(uow, kind="workflow", thing_id=made, everyone="private")
    visit(uow, maker, role=Role.MEMBER)
    assert find_elsewhere(uow, kind="workflows", thing_id=made) == NOWHERE
    visit(uow, maker, role=Role.ADMIN)
    assert find_elsewhere(uow, kind="workflows", thing_id=made) != NOWHERE
    visitor, uow.actor = uow.actor, maker
    delete_workflow(uow, workflow_id=made)
    uow.actor = visitor
    assert find_elsewhere(uow, kind="workflows", thing_id=made) == NOWHERE
