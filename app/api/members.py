"""Members of the workspace and invitations over the API."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Id, Nothing, Page, Request, Search, done, whole
from app.services import members
from app.views.members import InvitationRow, MadeInvitation, MemberRow

router = APIRouter(prefix="/api/v1", tags=["members"], responses=REFUSALS)


class RoleBody(Request):
    """A role: owner, admin, member or viewer."""

    role: str = Field(max_length=20)


class InviteBody(RoleBody):
    """Whom to invite by e-mail; without an address a link is made, told this once."""

    emails: list[str] = Field(default_factory=list[str], max_length=50)


class Invited(Request):
    """What was made: invitations that went by e-mail, or one with its link."""

    invitations: list[InvitationRow]
    url: str = ""


@router.get("/members", operation_id="list_members")
async def list_members(door: Caller, search: Search = "") -> Answer[Page[MemberRow]]:
    """Who belongs to the workspace."""
    found = await door.read(members.list_members, search=search)
    return done(Page(items=list(found.rows), total=found.total))


@router.patch("/members/{user_id}", operation_id="change_role")
async def change_role(user_id: Id, body: RoleBody, door: Caller) -> Answer[Nothing]:
    """Give a member another role; it counts at once, in open pages too."""
    await door.write(members.change_role, user_id=user_id, role=body.role)
    return done(Nothing(), "Changed.")


@router.delete("/members/{user_id}", operation_id="remove_member")
async def remove_member(
    user_id: Id, door: Caller, heir: Annotated[str, Query(max_length=64, description="Who goes on with what runs in their name.")] = ""
) -> Answer[Nothing]:
    """Remove a member; keys and sessions of theirs open nothing here any more."""
    await door.write(members.remove_member, user_id=user_id, heir_id=heir)
    return done(Nothing(), "Removed.")


@router.get("/invitations", operation_id="list_invitations")
async def list_invitations(door: Caller, *, search: Search = "", only_open: bool = True) -> Answer[Page[InvitationRow]]:
    """Invitations that nobody has accepted yet, or all of them."""
    return whole(await door.read(members.list_invitations, search=search, only_open=only_open))


@router.post("/invitations", status_code=201, operation_id="invite", dependencies=[NEVER_KEPT])
async def invite(body: InviteBody, door: Caller) -> Answer[Invited]:
    """Invite people by e-mail, or make a link."""
    if body.emails:
        rows = await door.write(members.invite_by_email, emails=body.emails, role=body.role)
        return done(Invited(invitations=list(rows)), "Invited.")
    made: MadeInvitation = await door.write(members.invite_by_link, role=body.role)
    return done(Invited(invitations=[made.row], url=made.url), "Copy the link now; it is not shown again.")


@router.delete("/invitations/{invitation_id}", operation_id="revoke_invitation")
async def revoke_invitation(invitation_id: Id, door: Caller) -> Answer[Nothing]:
    """Take an invitation back."""
    await door.write(members.revoke_invitation, invitation_id=invitation_id)
    return done(Nothing(), "Revoked.")
