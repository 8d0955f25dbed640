"""Members and invitations in words, for their pages."""

from dataclasses import dataclass
from datetime import datetime

from app.views.members import InvitationRow, MemberRow
from app.views.words import ago, day

ROLE_WORDS = {
    "owner": "Owner",
    "admin": "Admin",
    "member": "Member",
    "viewer": "Viewer",
}
ROLE_HELP = {
    "owner": "Everything, the workspace itself included.",
    "admin": "Builds, runs and manages members.",
    "member": "Builds, runs and decides approvals.",
    "viewer": "Looks at everything and changes nothing.",
}


@dataclass(frozen=True, slots=True)
class MemberItem:
    """A member as one line. `is_fixed`: the viewer may not change the role."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    initials: str = ""
    role: str = ""
    role_label: str = ""
    note: str = ""
    is_me: bool = False
    is_fixed: bool = True
    can_remove: bool = False
    can_own: bool = False


@dataclass(frozen=True, slots=True)
class InvitationItem:
    """An invitation as one line."""

    id: str = ""
    title: str = ""
    note: str = ""
    role_label: str = ""
    state: str = ""
    is_open: bool = False
    can_resend: bool = False


@dataclass(frozen=True, slots=True)
class PendingChange:
    """What waits for a confirmation: remove, leave or transfer, and whom it concerns. `holds`: what somebody else must take over."""

    kind: str = ""
    user_id: str = ""
    name: str = ""
    holds: str = ""


def member_item(row: MemberRow, *, now: datetime, i_own: bool) -> MemberItem:
    """One line."""
    acts = f"{_counted(row.acts_for, 'trigger')} act{'s' if row.acts_for == 1 else ''} in this name" if row.acts_for else ""
    owns = f"owns {row.owns}" if row.owns else ""
    return MemberItem(
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        initials=row.initials,
        role=row.role,
        role_label=ROLE_WORDS[row.role],
        note=" · ".join(part for part in (f"joined {ago(row.joined, now=now)}", owns, acts) if part),
        is_me=row.is_me,
        is_fixed=not row.roles,
        can_remove=row.can_remove,
        can_own=i_own and not row.is_me and row.role != "owner",
    )


def held_by(row: MemberRow) -> str:
    """What somebody else must take over, in words; "" when there is nothing."""
    owns = _counted(row.owns, "agent or workflow", "agents and workflows") if row.owns else ""
    return " and ".join(part for part in (owns, _counted(row.acts_for, "trigger") if row.acts_for else "") if part)


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def invitation_item(row: InvitationRow, *, now: datetime) -> InvitationItem:
    """One line."""
    made = f"by {row.invited_by or 'a former member'}, {ago(row.created, now=now)}"
    end = {
        "open": f"ends {day(row.expires)}",
        "expired": f"ended {day(row.expires)}",
        "accepted": f"accepted by {row.accepted_by}" if row.accepted_by else "accepted",
        "revoked": "withdrawn",
    }[row.state]
    title = row.email or "Invitation link"
    can_resend = bool(row.email) and row.state in ("open", "expired")
    return InvitationItem(row.id, title, f"{made} · {end}", ROLE_WORDS[row.role], row.state, row.state in ("open", "expired"), can_resend)
