"""What pages may see of people, workspaces and sessions."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person."""

    name: str = ""
    email: str = ""
    initials: str = ""
    is_demo: bool = False
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceCard:
    """A workspace of the signed-in person, with the role held there."""

    id: str = ""
    name: str = ""
    initials: str = ""
    role: str = ""
    is_current: bool = False
    plan: str = ""  # the name of its plan; "" where there are none, and only told of the current one


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another workspace of the signed-in person that holds what was looked for; empty where there is none."""

    workspace_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A signed-in browser of this person."""

    id: str
    device: str
    address: str
    last_seen: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """How one's own account is protected."""

    email: str
    is_verified: bool
    has_password: bool
    has_totp: bool
    is_demo: bool
    sends_mail: bool
    managed_by: str = ""  # the workspace's provider that the person came in through; the account itself is out of its reach


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an authenticator app needs, shown while it is set up."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """A sign-in elsewhere that opens this account."""

    id: str
    provider: str
    label: str
    last_used: datetime


@dataclass(frozen=True, slots=True)
class ShellView:
    """What the frame around every page shows. `is_stale` asks for `touch_session`."""

    me: Me
    workspace: WorkspaceCard
    workspaces: tuple[WorkspaceCard, ...]
    pending_approvals: int
    is_stale: bool = False
    can_edit: bool = True


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened: the opaque token for the cookie, shown to nobody else."""

    token: str
    user_id: str


def initials_of(name: str) -> str:
    """One or two letters for an avatar."""
    words = [word for word in name.split() if word]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
