"""What pages and programs see before a workspace or an account is deleted, and of workspaces that can be restored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot be deleted yet: what stands in the way, how that ends, and where."""

    code: str = ""
    text: str = ""
    remedy: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class GoingThing:
    """How many things of a kind go with a workspace, in words for people."""

    kind: str = ""
    count: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceDeletion:
    """What deleting a workspace would take with it, what is asked for, and what stands in the way."""

    id: str = ""
    name: str = ""
    things: tuple[GoingThing, ...] = ()
    ends: tuple[str, ...] = ()  # what is paid by the month and ends with its month
    buyers: int = 0  # workspaces that keep what they installed of it
    obstacles: tuple[Obstacle, ...] = ()
    needs_password: bool = False
    needs_code: bool = False
    days: int = 0  # for which it can be restored


@dataclass(frozen=True, slots=True)
class DeletedWorkspace:
    """A workspace that the person belonged to when it was deleted, and that is not purged yet."""

    id: str = ""
    name: str = ""
    initials: str = ""
    role: str = ""
    deleted_at: datetime | None = None
    deleted_by: str = ""
    purge_at: datetime | None = None
    can_restore: bool = False


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """The same of an account: the workspaces that go with it, those it leaves, and what stands in the way."""

    email: str = ""
    deletes: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    needs_password: bool = False
    needs_code: bool = False
