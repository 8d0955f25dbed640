"""Members of a workspace: who they are, what each role may do, invitations, roles given and taken, removal, leaving."""

from app.services.members.accepting import InvitationOver, WrongAddress, accept_invitation, decline_invitation, get_invitation
from app.services.members.changing import change_role, leave_workspace, remove_member, transfer_ownership
from app.services.members.invitations import invite_by_email, invite_by_link, list_invitations, resend_invitation, revoke_invitation
from app.services.members.listing import describe_roles, list_members
from app.services.members.roster import LastOwner

__all__ = [
    "InvitationOver",
    "LastOwner",
    "WrongAddress",
    "accept_invitation",
    "change_role",
    "decline_invitation",
    "describe_roles",
    "get_invitation",
    "invite_by_email",
    "invite_by_link",
    "leave_workspace",
    "list_invitations",
    "list_members",
    "remove_member",
    "resend_invitation",
    "revoke_invitation",
    "transfer_ownership",
]
