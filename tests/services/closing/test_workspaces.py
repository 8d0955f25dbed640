"""Deleting a workspace closes it for everybody at once; restoring brings it back as it was. What is owed is settled first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from app.core.errors import AppError, Invalid, NotAllowed, NotFound, NotSignedIn
from app.core.uow import Actor
from app.services import runs
from app.services.access import Credential, create_api_key, resolve_caller
from app.services.accounts import resolve_actor
from app.services.closing import (
    FreshSignInNeeded,
    HasObstacles,
    get_workspace_deletion,
    list_deleted_workspaces,
    restore_workspace,
    stop_strays,
)
from app.services.closing.workspaces import close, lock_open
from app.services.members import accept_invitation, invite_by_link, transfer_ownership
from app.services.outgoing import create_endpoint
from app.services.outgoing.sending import has_due
from app.services.payments import start_payout
from app.services.webhooks.errors import NoWebhook
from app.services.workspaces import create_workspace, list_workspaces
from app.wiring import Wiring
from models.endpoint import WebhookMessage
from models.listing import Listing
from models.run import Run
from models.schedule import Schedule
from models.user import User
from models.workspace import Membership, Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.deleting import delete, sign_in
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.inviting import last_letter
from tests.support.market import make_listing
from tests.support.people import make_member, make_workspace
from tests.support.racing import meet
from tests.support.renting import Rental
from tests.support.schedules import make_schedule
from tests.support.workflows import asking, make_workflow


class Team:
    """A workspace with an owner who has just signed in, and a member."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        with wiring.unit() as uow:
            space = make_workspace(uow)
            self.id = str(space.id)
            self.owner, self.token = sign_in(uow, make_member(uow, Role.OWNER, workspace=space, name="Olga Owner"))
            self.member, self.member_token = sign_in(uow, make_member(uow, Role.MEMBER, workspace=space))

    def call(self, service: Any, actor: Actor | None = None, **arguments: Any) -> Any:
        return self.wiring.call(service, actor or self.owner, **arguments)

    def delete(self, actor: Actor | None = None, **more: str) -> Any:
        return delete(self.wiring, actor or self.owner, **more)

    def home_of(self, token: str) -> Actor:
        with self.wiring.unit() as uow:
            found = resolve_actor(uow, token=token)
            assert found is not None
            return found


@pytest.fixture
def team(wiring: Wiring) -> Team:
    return Team(wiring)


def test_everybody_is_out_at_once_and_lands_in_a_workspace_of_their_own(team: Team) -> None:
    until = team.delete()
    assert until == team.wiring.ports.clock.now() + timedelta(days=14)
    for token in (team.token, team.member_token):
        there = team.home_of(token)
        assert str(there.workspace_id) != team.id
        assert there.role is Role.OWNER
        with team.wiring.unit() as uow:
            uow.actor = there
            assert [one.name for one in list_workspaces(uow)] in (["Olga's workspace"], ["Mia's workspace"])


def test_who_came_in_through_the_workspaces_provider_is_signed_out(team: Team) -> None:
    with team.wiring.unit() as uow:
        _, token = sign_in(uow, team.member, confined=True)
    team.delete()
    with team.wiring.unit() as uow:
        assert resolve_actor(uow, token=token) is None


def test_restoring_brings_back_members_roles_keys_and_schedules(team: Team, clock: FrozenClock) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        key = create_api_key(uow, name="k", scopes=["view"]).secret
        active, paused = make_schedule(uow), make_schedule(uow, name="Other")
        uow.session.get_one(Schedule, active.id)
        off = uow.session.get_one(Schedule, paused.id)
        off.is_enabled, off.next_at = False, None
    team.delete()
    with team.wiring.unit() as uow, pytest.raises(NotSignedIn):
        resolve_caller(uow, credential=Credential(bearer=key))
    with team.wiring.unit() as uow:
        assert uow.session.get_one(Schedule, active.id).next_at is None
    clock.advance(days=13)
    restored = team.call(restore_workspace, replace(team.home_of(team.token)), workspace_id=team.id)
    assert (restored.id, restored.role) == (team.id, "owner")
    with team.wiring.unit() as uow:
        assert str(resolve_caller(uow, credential=Credential(bearer=key)).workspace_id) == team.id
        assert (uow.session.get_one(Schedule, active.id).next_at or clock.now()) > clock.now()
        assert uow.session.get_one(Schedule, paused.id).next_at is None
        roles = {
            one.user_id: one.role for one in uow.session.exec(select(Membership).where(Membership.workspace_id == team.owner.workspace_id))
        }
    assert roles == {team.owner.user_id: "owner", team.member.user_id: "member"}


def test_only_its_owners_find_and_restore_it_and_only_in_time(team: Team, clock: FrozenClock) -> None:
    team.delete()
    stranger = Team(team.wiring)
    member, owner = team.home_of(team.member_token), team.home_of(team.token)
    assert [one.can_restore for one in team.call(list_deleted_workspaces, member)] == [False]
    assert [(one.name, one.can_restore, one.deleted_by) for one in team.call(list_deleted_workspaces, owner)] == [
        ("Acme", True, "Olga Owner")
    ]
    assert team.call(list_deleted_workspaces, stranger.owner) == ()
    for actor, refusal in ((member, NotAllowed), (stranger.owner, NotFound)):
        with pytest.raises(refusal):
            team.call(restore_workspace, actor, workspace_id=team.id)
    clock.advance(days=14, seconds=1)
    assert team.call(list_deleted_workspaces, owner) == ()
    with pytest.raises(NotFound):
        team.call(restore_workspace, owner, workspace_id=team.id)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
def test_nobody_but_an_owner_deletes_it_or_sees_what_goes(team: Team, role: Role) -> None:
    with team.wiring.unit() as uow:
        actor, _ = sign_in(uow, make_member(uow, role, workspace=uow.session.get_one(Workspace, team.owner.workspace_id)))
    with pytest.raises(NotAllowed):
        team.delete(actor)
    with pytest.raises(NotAllowed):
        team.call(get_workspace_deletion, actor)


def test_a_foreign_workspace_does_not_exist(team: Team) -> None:
    other = Team(team.wiring)
    with pytest.raises(NotFound):
        team.delete(workspace_id=other.id)
    with pytest.raises(NotFound):
        team.call(get_workspace_deletion, workspace_id=other.id)


@pytest.mark.parametrize("typed", ["", "acme", "Acme 2", "Acme\x00"])
def test_its_name_has_to_be_typed(team: Team, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        team.delete(name=typed)
    assert set(refused.value.fields) == {"name"}


def test_without_a_password_the_sign_in_has_to_be_new(team: Team, clock: FrozenClock) -> None:
    clock.advance(minutes=11)
    with pytest.raises(FreshSignInNeeded):
        team.delete()


def test_what_goes_is_counted(team: Team) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        make_workflow(uow)
        make_workflow(uow, name="Other")
    found = team.call(get_workspace_deletion)
    assert {one.kind: one.words for one in found.things} == {"members": "2 members", "workflows": "2 workflows"}
    assert (found.name, found.days, found.obstacles, found.needs_password) == ("Acme", 14, (), False)


def test_hooks_answer_like_unknown_ones_and_endpoints_hear_nothing(team: Team) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        token = token_of(make_webhook(uow))
        made = create_endpoint(uow, settings={"name": "E", "url": "https://example.com/x", "events": ["run.succeeded"]})
        from_outgoing_message(uow, made.detail.row.id)
    with team.wiring.unit() as uow:
        assert has_due(uow.session.connection())
    team.delete()
    with team.wiring.unit() as uow:
        with pytest.raises(NoWebhook):
            receive(uow, token, incoming({"name": "Ada"}))
        assert not has_due(uow.session.connection())
    team.call(restore_workspace, team.home_of(team.token), workspace_id=team.id)
    with team.wiring.unit() as uow:
        assert receive(uow, token, incoming({"name": "Ada"})).run_id
        assert has_due(uow.session.connection())


def from_outgoing_message(uow: Any, endpoint_id: Any) -> None:
    now = uow.ports.clock.now()
    uow.session.add(
        WebhookMessage(
            workspace_id=uow.workspace_id,
            endpoint_id=endpoint_id,
            event="run.succeeded",
            payload={},
            due_at=now - timedelta(days=999),
            expires_at=now + timedelta(days=9999),
        )
    )


def test_runs_are_cancelled_also_one_that_began_in_that_very_moment(team: Team) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        workflow_id = make_workflow(uow, asking()).id
        first = runs.start_run(uow, workflow_id=workflow_id, inputs={})
    team.delete()
    with team.wiring.unit() as uow:  # it was let in before the closing, and writes after it
        uow.actor = team.member
        second = runs.start_run(uow, workflow_id=workflow_id, inputs={})
    assert team.wiring.call(stop_strays, None) == 2
    with team.wiring.unit() as uow:
        assert {uow.session.get_one(Run, one.id).status for one in (first, second)} == {"cancelled"}
    assert team.wiring.call(stop_strays, None) == 0


def test_listings_leave_the_shelf_and_stay_off_it_when_it_is_restored(team: Team) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        listing_id = make_listing(uow).id
    team.delete()
    team.call(restore_workspace, team.home_of(team.token), workspace_id=team.id)
    with team.wiring.unit() as uow:
        assert uow.session.get_one(Listing, listing_id).state == "unlisted"


def test_letters_tell_everybody(team: Team) -> None:
    with team.wiring.unit() as uow:
        emails = [uow.session.get_one(User, one.user_id).email for one in (team.owner, team.member)]
    team.delete()
    with team.wiring.unit() as uow:
        assert "it can be restored: " in last_letter(uow, emails[0])
        assert "deleted by Olga Owner" in last_letter(uow, emails[1])
        assert "its owners can restore it" in last_letter(uow, emails[1])


# -- money


def test_a_balance_on_hold_or_ready_is_paid_out_first(wiring: Wiring, clock: FrozenClock) -> None:
    rental = Rental(wiring, clock)
    rental.renting()
    with wiring.unit() as uow:
        seller, _ = sign_in(uow, rental.seller)
    assert codes(wiring, seller) == ["hold"]
    with pytest.raises(HasObstacles):
        delete(wiring, seller)
    clock.advance(days=8)
    assert codes(wiring, seller) == ["balance"]
    wiring.call(start_payout, seller)
    assert codes(wiring, seller) == ["payout"]


def codes(wiring: Wiring, actor: Actor) -> list[str]:
    return [one.code for one in wiring.call(get_workspace_deletion, actor).obstacles]


def test_what_is_paid_by_the_month_ends_at_the_gateway_on_both_sides(wiring: Wiring, clock: FrozenClock) -> None:
    rental = Rental(wiring, clock)
    rental.renting()
    with wiring.unit() as uow:
        buyer, _ = sign_in(uow, rental.owner)
    assert wiring.call(get_workspace_deletion, buyer).ends == ("Order triage",)
    delete(wiring, buyer)
    assert rental.standing.is_cancelled


# -- races


def test_of_two_deletions_at_once_one_finds_nothing(team: Team) -> None:
    problems: list[AppError] = []

    def end(uow: Any) -> None:
        close(uow, lock_open(uow, team.owner.workspace_id), by=team.owner.user_id)

    def end_too(uow: Any) -> None:
        try:
            end(uow)
        except NotFound as refused:
            problems.append(refused)

    meet(team.wiring, (team.owner, end), (team.owner, end_too))
    assert len(problems) == 1


def test_who_accepts_an_invitation_meanwhile_is_no_member_of_a_closed_workspace(team: Team) -> None:
    with team.wiring.unit() as uow:
        uow.actor = team.owner
        link = invite_by_link(uow, role="member").url
        guest = make_member(uow)
    problems: list[AppError] = []

    def end(uow: Any) -> None:
        close(uow, lock_open(uow, team.owner.workspace_id), by=team.owner.user_id)

    def accept(uow: Any) -> None:
        try:
            accept_invitation(uow, token=link.split("token=")[1])
        except AppError as refused:
            problems.append(refused)

    meet(team.wiring, (team.owner, end), (guest, accept))
    with team.wiring.unit() as uow:
        assert not uow.session.exec(select(Membership).where(col(Membership.workspace_id) == team.owner.workspace_id)).all()
    assert len(problems) == 1


def test_an_owner_who_handed_over_deletes_nothing(team: Team) -> None:
    team.call(transfer_ownership, user_id=str(team.member.user_id))
    with pytest.raises(NotAllowed):
        team.delete(replace(team.owner, role=Role.OWNER))


def test_deleting_and_restoring_is_no_way_to_own_more(team: Team, clock: FrozenClock) -> None:
    team.delete()
    home = team.home_of(team.token)
    with team.wiring.unit() as uow:
        uow.actor = home
        for number in range(19):
            create_workspace(uow, name=f"Space {number}")
    with pytest.raises(AppError) as refused:
        team.call(restore_workspace, home, workspace_id=team.id)
    assert refused.value.status == 429
