"""What pages, the API and the command line may see of members, roles and invitations."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person in the workspace. `acts_for` counts what runs in this person's name, `owns` their agents and workflows.

    `roles` are those the viewer may give.
    """

    user_id: str
    name: str
    email: str
    initials: str
    role: str
    joined: datetime
    is_me: bool
    acts_for: int
    owns: int
    can_remove: bool
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberList:
    """The members that fit a search, with how many there are at all."""

    rows: tuple[MemberRow, ...]
    total: int
    can_manage: bool
    owners: int


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One permission and which roles have it."""

    permission: str
    label: str
    help: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation as its workspace sees it. `state` is open, accepted, expired or revoked."""

    id: str
    email: str
    role: str
    state: str
    invited_by: str
    created: datetime
    expires: datetime
    accepted_by: str = ""


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """An invitation with its link, told this once; "" for one that went by e-mail."""

    row: InvitationRow
    url: str = ""


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """An open invitation as whoever holds its link sees it. `email_hint` tells the address it is bound to without giving it away."""

    workspace: str
    role: str
    invited_by: str
    email_hint: str
    expires: datetime
    is_member: bool = False
    is_for_me: bool = True
    opens_through: str = ""  # the provider that lets people in, where the workspace opens through nothing else


@dataclass(frozen=True, slots=True)
class Joined:
    """The workspace somebody has joined, and the page that leads into it where a session of one's own does not open it."""

    workspace: str
    door: str = ""
