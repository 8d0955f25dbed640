"""Letters to members: a role, ownership and a removal are always told, by others alone; what was shared, unless it was stopped."""

from sqlmodel import select

from app.core.uow import Actor, UnitOfWork
from app.services import members, sharing, workflows
from app.services.letters import SHARES_PER_HOUR, choose_letters
from app.services.mail import list_outbox
from models.account import Mail
from models.user import User
from models.workspace import Role, Workspace
from tests.support.people import make_member
from tests.support.workflows import greeting


def two(uow: UnitOfWork, role: Role = Role.MEMBER) -> tuple[Actor, Actor]:
    owner = make_member(uow, Role.OWNER, name="Olga Owner")
    return owner, make_member(uow, role, workspace=uow.session.get(Workspace, owner.workspace_id), name="Ben Member")


def letters(uow: UnitOfWork) -> list[tuple[str, str, str]]:
    """Receiver's name, subject, text; the first one first."""
    uow.session.flush()
    names = {user.email: user.name for user in uow.session.exec(select(User))}
    return [(names[one.to], one.subject, one.text) for one in reversed(list_outbox(uow, address="127.0.0.1"))]


def payroll(uow: UnitOfWork, owner: Actor) -> str:
    uow.actor = owner
    made = str(workflows.create_workflow(uow, name="Payroll", spec=greeting()).id)
    sharing.change_sharing(uow, kind="workflow", thing_id=made, everyone="private")
    return made


def test_another_role_is_told_once_and_only_when_it_is_another(uow: UnitOfWork) -> None:
    uow.actor, ben = two(uow)
    for role in ("viewer", "viewer"):
        members.change_role(uow, user_id=str(ben.user_id), role=role)
    ((to, subject, text),) = letters(uow)
    assert (to, subject) == ("Ben Member", "Your role is viewer now")
    assert "Olga Owner changed your role in the workspace “Acme” from member to viewer." in text


def test_who_becomes_an_owner_is_told_by_either_way(uow: UnitOfWork) -> None:
    for act in ("change", "transfer"):
        uow.actor, ben = two(uow)
        if act == "change":
            members.change_role(uow, user_id=str(ben.user_id), role="owner")
        else:
            members.transfer_ownership(uow, user_id=str(ben.user_id))
        assert letters(uow)[-1][:2] == ("Ben Member", "You own a workspace now")


def test_who_is_removed_is_told_by_whom_and_who_leaves_is_not(uow: UnitOfWork) -> None:
    owner, ben = two(uow)
    uow.actor = ben
    members.leave_workspace(uow)
    assert letters(uow) == []
    uow.actor, ben = two(uow)
    members.remove_member(uow, user_id=str(ben.user_id))
    ((to, subject, text),) = letters(uow)
    assert (to, subject) == ("Ben Member", "You were removed from a workspace")
    assert "Olga Owner removed you from the workspace “Acme”" in text
    assert owner.user_id != uow.actor.user_id


def test_ones_own_doing_is_not_told(uow: UnitOfWork) -> None:
    uow.actor, _ = two(uow, Role.OWNER)
    members.change_role(uow, user_id=str(uow.actor.user_id), role="admin")
    assert letters(uow) == []


def test_what_is_shared_by_name_is_told_with_a_link_and_again_only_when_it_is_more(uow: UnitOfWork) -> None:
    owner, ben = two(uow)
    made = payroll(uow, owner)
    for access in ("run", "run", "view", "edit"):
        sharing.share_with(uow, kind="workflow", thing_id=made, user_id=str(ben.user_id), access=access)
    first, second = letters(uow)
    assert first[:2] == ("Ben Member", "Olga Owner shared a workflow with you")
    assert "“Payroll” of the workspace “Acme” with you. You may look at it and run it." in first[2]
    assert f"/workflows/{made}\n" in first[2]
    assert "run it and change it" in second[2]


def test_a_viewer_is_told_what_the_role_leaves_of_it(uow: UnitOfWork) -> None:
    owner, ben = two(uow, Role.VIEWER)
    sharing.share_with(uow, kind="workflow", thing_id=payroll(uow, owner), user_id=str(ben.user_id), access="edit")
    assert "You may look at it." in letters(uow)[0][2]


def test_what_is_made_ones_own_is_told(uow: UnitOfWork) -> None:
    owner, ben = two(uow)
    sharing.change_sharing(uow, kind="workflow", thing_id=payroll(uow, owner), owner_id=str(ben.user_id))
    assert [one[:2] for one in letters(uow)] == [("Ben Member", "Olga Owner made a workflow yours")]


def test_letters_about_sharing_are_stopped_and_bounded_and_a_removal_is_told_all_the_same(uow: UnitOfWork) -> None:
    owner, ben = two(uow)
    made = payroll(uow, owner)
    uow.actor = ben
    choose_letters(uow, kind="share", is_on=False)
    uow.actor = owner
    sharing.share_with(uow, kind="workflow", thing_id=made, user_id=str(ben.user_id), access="run")
    assert letters(uow) == []
    uow.actor = ben
    choose_letters(uow, kind="share", is_on=True)
    uow.actor = owner
    for _ in range(SHARES_PER_HOUR):
        sharing.unshare_with(uow, kind="workflow", thing_id=made, user_id=str(ben.user_id))
        sharing.share_with(uow, kind="workflow", thing_id=made, user_id=str(ben.user_id), access="run")
    written = len(uow.session.exec(select(Mail)).all())
    assert written == SHARES_PER_HOUR - 1
    members.remove_member(uow, user_id=str(ben.user_id))
    assert letters(uow)[-1][1] == "You were removed from a workspace"
