"""Invitations from the side of whoever holds one, and one's own leaving and handing over, over the API; for people, not for keys."""

from fastapi import APIRouter
from pydantic import Field

from app.api.callers import Caller, Guest
from app.api.envelope import NEVER_KEPT, REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done, whole
from app.services import accounts, members
from app.views.members import InvitationCard, InvitationRow, Joined, RoleLine

router = APIRouter(prefix="/api/v1", tags=["members"], responses=REFUSALS)


class TokenBody(Request):
    """The `token` of an invitation's link."""

    token: str = Field(max_length=400)


class LeaveBody(Request):
    """Who gets what you own and what acts in your name; an owner without it."""

    heir_id: str = Field(default="", max_length=64)


class HeirBody(Request):
    """The member who is to own the workspace."""

    user_id: str = Field(max_length=64)


class Moved(Shape):
    """How many things went to the heir."""

    moved: int


@router.post("/invitations/show", operation_id="show_invitation", dependencies=[NEVER_KEPT])
async def show_invitation(body: TokenBody, guest: Guest) -> Answer[InvitationCard]:
    """What an invitation offers to whoever holds its link, signed in or not."""
    await guest.throttle(accounts.throttle_link)
    return done(await guest.read(members.get_invitation, token=body.token))


@router.post("/invitations/accept", operation_id="accept_invitation")
async def accept_invitation(body: TokenBody, door: Caller) -> Answer[Joined]:
    """Join, and go on there. `door` tells the page that leads in where the workspace opens through its own sign-in alone."""
    return done(await door.write(members.accept_invitation, token=body.token), "Joined.")


@router.post("/invitations/decline", operation_id="decline_invitation")
async def decline_invitation(body: TokenBody, door: Caller) -> Answer[Nothing]:
    """Turn down an invitation to your address; it ends."""
    await door.write(members.decline_invitation, token=body.token)
    return done(Nothing(), "Declined.")


@router.post("/invitations/{invitation_id}/resend", operation_id="resend_invitation")
async def resend_invitation(invitation_id: Id, door: Caller) -> Answer[InvitationRow]:
    """Send an invitation by e-mail again, with a fresh link; the former one ends."""
    return done(await door.write(members.resend_invitation, invitation_id=invitation_id), "Sent again.")


@router.get("/roles", operation_id="list_roles")
async def list_roles(door: Caller) -> Answer[Page[RoleLine]]:
    """What each role may do."""
    return whole(await door.read(members.describe_roles))


@router.post("/workspaces/{workspace_id}/leave", operation_id="leave_workspace")
async def leave_workspace(workspace_id: Id, body: LeaveBody, door: Caller) -> Answer[Moved]:
    """Leave a workspace of yours; `current` is that of this call. Its last owner hands over first."""
    which = "" if workspace_id == "current" else workspace_id
    return done(Moved(moved=await door.write(members.leave_workspace, heir_id=body.heir_id, workspace_id=which)), "You have left.")


@router.post("/workspaces/current/hand-over", operation_id="hand_over_workspace")
async def hand_over(body: HeirBody, door: Caller) -> Answer[Nothing]:
    """Make another member an owner and yourself an admin, both at once."""
    await door.write(members.transfer_ownership, user_id=body.user_id)
    return done(Nothing(), "Handed over.")
