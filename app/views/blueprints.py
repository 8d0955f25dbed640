"""What pages, API and command line see of blueprints and templates."""

from dataclasses import dataclass

from app.views.workflows import Miniature


@dataclass(frozen=True, slots=True)
class BlueprintFile:
    """An export; `removed` names the places where something that looked like a key was taken out."""

    filename: str
    text: str
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """One thing the blueprint will be able to do, in words."""

    icon: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlannedAgent:
    """What an import does with one agent: create it, reuse an equal one, or create it under another short name."""

    slug: str
    name: str
    model: str
    action: str  # create | reuse | rename
    target: str  # the short name it has in the workspace afterwards


@dataclass(frozen=True, slots=True)
class PlannedWorkflow:
    """One workflow of a blueprint and what the checker says of it here; `target` is the name it gets, another one where `name` is taken."""

    slug: str
    name: str
    description: str
    node_count: int
    miniature: Miniature
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class BlueprintPreview:
    """What an import would do; reading it has changed nothing."""

    name: str
    version: str
    description: str
    agents: tuple[PlannedAgent, ...]
    workflows: tuple[PlannedWorkflow, ...]
    permissions: tuple[PermissionLine, ...]


@dataclass(frozen=True, slots=True)
class ImportedWorkflow:
    """A workflow that an import created."""

    id: str
    name: str
    error_count: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `notes` are sentences for people."""

    workflows: tuple[ImportedWorkflow, ...]
    agents: tuple[PlannedAgent, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template in the gallery. `needs` says what it takes to run it: nothing, or a person who approves, and so on."""

    key: str
    name: str
    summary: str
    category: str
    icon: str
    node_count: int
    agents: tuple[str, ...]
    features: tuple[str, ...]
    miniature: Miniature
