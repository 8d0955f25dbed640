"""What pages, API and command line see of an install or an update before it happens."""

from dataclasses import dataclass

from app.views.blueprints import PermissionLine, PlannedAgent
from app.views.credentials import CredentialChoice
from app.views.history import StepWords
from app.views.market import VersionRow


@dataclass(frozen=True, slots=True)
class CredentialAsk:
    """A credential that a package names: what fits it here, and what it would use. `chosen` is "" for later."""

    name: str
    kind: str  # "" where the package does not say
    kind_label: str
    hosts: tuple[str, ...]
    choices: tuple[CredentialChoice, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """What an install brings and may do, before it happens."""

    name: str
    version: str
    permissions: tuple[PermissionLine, ...]
    agents: tuple[PlannedAgent, ...]
    workflows: tuple[str, ...]
    warnings: tuple[str, ...]
    is_sealed: bool = False
    asks: tuple[CredentialAsk, ...] = ()
    can_make: bool = False  # whether the actor may add a credential
    room_note: str = ""  # why the workspace's plan has no room for its agents


@dataclass(frozen=True)
class WorkflowChange:
    """What a newer version changes in one workflow, in words."""

    name: str
    steps: tuple[StepWords, ...]
    edges_added: tuple[str, ...]
    edges_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpdateClash:
    """Something that was changed here and by the new version: what stands here, and what the new version says."""

    where: str
    step: str
    field: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """An update before it happens. `widened` is what it may do and the installed version may not; `left` is no part of it any more."""

    name: str
    before: str
    after: str
    versions: tuple[VersionRow, ...]
    permissions: tuple[PermissionLine, ...]
    widened: tuple[PermissionLine, ...]
    workflows: tuple[WorkflowChange, ...]
    agents: tuple[str, ...]
    added: tuple[str, ...]
    left: tuple[str, ...]
    clashes: tuple[UpdateClash, ...]
    has_own: bool
    asks: tuple[CredentialAsk, ...] = ()  # for what the installed version did not ask
    can_make: bool = False
