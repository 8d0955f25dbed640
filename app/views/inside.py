"""What operators see of a version's inside: every step, agent and test with all that is set in it, and what it changes."""

from dataclasses import dataclass

from app.views.history import FieldWords, StepWords


@dataclass(frozen=True, slots=True)
class Setting:
    """One field as its form calls it, with its whole value; lists and objects as YAML."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A step (`id` is the node's), an agent or a test (their short names)."""

    id: str
    title: str
    kind_title: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class WorkflowInside:
    """One workflow of the package; `settings` are its description and limits."""

    slug: str
    name: str
    settings: tuple[Setting, ...]
    steps: tuple[Part, ...]
    connections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """A whole package; the first workflow is the one that the listing is about. `origins` are listings that parts of it came from."""

    workflows: tuple[WorkflowInside, ...]
    agents: tuple[Part, ...]
    tests: tuple[Part, ...]
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowDifference:
    """What differs in one workflow that both versions have."""

    name: str
    own: tuple[FieldWords, ...]
    steps: tuple[StepWords, ...]
    edges_added: tuple[str, ...]
    edges_removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What a version changes against the `earlier` one; parts that do not differ are left out."""

    earlier: str
    workflows: tuple[WorkflowDifference, ...]
    agents: tuple[StepWords, ...]
    tests: tuple[StepWords, ...]
    added: tuple[str, ...]  # "Workflow Triage", "Agent Helper", "Test A question"
    removed: tuple[str, ...]
    is_same: bool
