"""A person sees and ends only own sessions, and moves only to workspaces of their own."""

import uuid

import pytest

from app.core.errors import NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.services import accounts
from app.services.accounts.sessions import device_of
from models.ids import new_id
from models.workspace import Membership, Role
from tests.services.accounts.test_sign_in import make_account
from tests.support.people import make_member, make_workspace

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


def sign_in(uow: UnitOfWork, found: accounts.Credentials) -> str:
    token = accounts.open_session(uow, credentials=found, user_agent=CHROME, address="192.0.2.7").token
    uow.actor = accounts.resolve_actor(uow, token=token)
    return token


def test_sessions_are_listed_with_device_and_address(uow: UnitOfWork) -> None:
    found = make_account(uow)
    sign_in(uow, found)
    sign_in(uow, found)
    sessions = accounts.list_sessions(uow)
    assert [s.is_current for s in sessions].count(True) == 1
    assert {(s.device, s.address) for s in sessions} == {("Chrome on Linux", "192.0.2.7")}


def test_ending_the_other_sessions_keeps_this_one(uow: UnitOfWork) -> None:
    found = make_account(uow)
    other, current = sign_in(uow, found), sign_in(uow, found)
    assert accounts.revoke_other_sessions(uow) == 1
    uow.session.flush()
    assert accounts.resolve_actor(uow, token=other) is None
    assert accounts.resolve_actor(uow, token=current) is not None


def test_one_session_can_be_ended(uow: UnitOfWork) -> None:
    found = make_account(uow)
    other = sign_in(uow, found)
    other_id = uow.actor.session_id if uow.actor else None
    sign_in(uow, found)
    accounts.revoke_session(uow, session_id=other_id)
    uow.session.flush()
    assert accounts.resolve_actor(uow, token=other) is None


def test_a_session_of_somebody_else_does_not_exist(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow, "eve@example.com"))
    foreign = uow.actor.session_id if uow.actor else None
    sign_in(uow, make_account(uow))
    for target in (foreign, new_id(), None):
        with pytest.raises(NotFound):
            accounts.revoke_session(uow, session_id=target)


def test_nobody_without_a_session_gets_anything(uow: UnitOfWork) -> None:
    for service in (accounts.list_sessions, accounts.revoke_other_sessions, accounts.touch_session):
        with pytest.raises(NotSignedIn):
            service(uow)
    with pytest.raises(NotSignedIn):
        accounts.switch_workspace(uow, workspace_id=new_id())


def test_a_session_moves_to_another_workspace_of_the_person(uow: UnitOfWork) -> None:
    found = make_account(uow)
    token = sign_in(uow, found)
    team = make_workspace(uow, "Team")
    add_to(uow, found, team.id)
    accounts.switch_workspace(uow, workspace_id=team.id)
    uow.session.flush()
    actor = accounts.resolve_actor(uow, token=token)
    assert actor is not None
    assert actor.workspace_id == team.id
    sign_in(uow, found)
    assert uow.workspace_id == team.id  # a new session begins where the last one was


def test_a_foreign_workspace_does_not_exist(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow))
    foreign = make_member(uow).workspace_id
    for target in (foreign, new_id(), None):
        with pytest.raises(NotFound):
            accounts.switch_workspace(uow, workspace_id=target)


def test_who_was_removed_from_a_workspace_continues_at_home(uow: UnitOfWork) -> None:
    found = make_account(uow)
    token = sign_in(uow, found)
    home = uow.workspace_id
    team = make_workspace(uow, "Team")
    membership = add_to(uow, found, team.id)
    accounts.switch_workspace(uow, workspace_id=team.id)
    uow.session.delete(membership)
    uow.session.flush()
    actor = accounts.resolve_actor(uow, token=token)
    assert actor is not None
    assert actor.workspace_id == home


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Linux"),
        ("", "A browser"),
        ("agent-factory-cli (office-3; Linux)", "Command line on office-3/Linux"),
        ("agent-factory-cli (ada.local; Darwin)", "Command line on ada.local/Mac"),
        ("agent-factory-client", "A program (Python client)"),
        ("Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1", "Safari on iPhone"),
    ],
)
def test_a_device_is_told_in_words(agent: str, words: str) -> None:
    assert device_of(agent) == words


def add_to(uow: UnitOfWork, found: accounts.Credentials, workspace_id: uuid.UUID) -> Membership:
    assert found.user_id is not None
    membership = Membership(workspace_id=workspace_id, user_id=found.user_id, role=Role.MEMBER)
    uow.session.add(membership)
    uow.session.flush()
    return membership
