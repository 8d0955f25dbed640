"""What pages see of agents: cards, details, versions, problems of a draft, and the differences of a stale save."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from engine.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class NeededValue:
    """A variable that a test fills in: its dotted path, and the type its use suggests (text | number | boolean | list | json)."""

    path: str
    type: str = "text"
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field of an agent; line and column are 1-based positions in its text, 0 when unknown."""

    field: str
    message: str
    code: str = "invalid"
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent in a list."""

    id: str
    slug: str
    name: str
    role: str
    model: str
    model_label: str
    is_demo_model: bool
    is_model_available: bool
    tools: tuple[str, ...]
    has_output_schema: bool
    version: int
    updated: str  # in words
    updated_at: datetime | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class AgentCardPage:
    """One page of a list; `next_cursor` is "" on the last one, `total` counts every agent that fits the search."""

    items: tuple[AgentCard, ...]
    next_cursor: str
    total: int


@dataclass(frozen=True, slots=True)
class WorkflowUse:
    """A workflow that names the agent, and in which nodes."""

    workflow_id: str
    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentDetail:
    """An agent as its page opens it; `spec` is the newest version's AgentSpec as JSON."""

    id: str
    slug: str
    name: str
    version: int
    spec: JsonObject
    saved: str  # when, in words
    saved_by: str
    can_edit: bool = False
    can_run: bool = False
    created_at: datetime | None = None  # of this version


@dataclass(frozen=True, slots=True)
class AgentDeleted:
    """What a deletion leaves behind: workflows whose runs will not start until they name another agent."""

    id: str
    name: str
    used_by: tuple[WorkflowUse, ...]


@dataclass(frozen=True, slots=True)
class AgentVersionRow:
    """One saved version; `changes` are the labels of the fields that differ from the version before."""

    number: int
    saved: str  # when, in words
    saved_at: str
    saved_by: str
    changes: tuple[str, ...]
    is_current: bool
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field in a stale save: what it was in the common base, what the other made of it, and what you did."""

    field: str
    label: str
    base: JsonValue
    theirs: JsonValue
    yours: JsonValue
    is_clash: bool  # both changed it, differently
    keeps: str  # theirs | yours: which one a merge keeps unless told otherwise
    theirs_text: str = ""
    yours_text: str = ""


@dataclass(frozen=True, slots=True)
class SaveConflict:
    """Somebody saved a newer version meanwhile. `merged` holds both sides' changes, with yours where they clash."""

    current_version: int
    saved_by: str
    saved: str  # when, in words
    changes: tuple[FieldChange, ...]
    merged: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class ModelOption:
    """A model in the picker, with words ready to show."""

    id: str
    label: str
    provider: str
    provider_label: str
    context: str
    input_price: str
    output_price: str
    is_demo: bool
    is_available: bool
    unavailable_reason: str
    supports_tools: bool
    supports_schema: bool


CREDENTIALS = "/settings/credentials"
NO_MODEL = ModelOption("", "No model", "", "", "", "", "", False, False, "", False, False)


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """The models of one provider; `missing` says what an administrator has to set before they can be used."""

    label: str
    models: tuple[ModelOption, ...]
    missing: str = ""
    missing_href: str = ""  # where a key can be saved, if that is what they wait for


def group_models(models: Iterable[ModelOption], search: str = "") -> list[ModelGroup]:
    """The models that every word of the search fits, provider by provider in the given order."""
    words = search.lower().split()
    fitting = [model for model in models if all(word in f"{model.label} {model.id} {model.provider_label}".lower() for word in words)]
    groups = [tuple(group) for _, group in groupby(fitting, key=lambda model: (model.provider_label, model.is_available))]
    return [_group(group) for group in groups]


def _group(models: tuple[ModelOption, ...]) -> ModelGroup:
    reason = models[0].unavailable_reason
    return ModelGroup(models[0].provider_label, models, reason, CREDENTIALS if "under Settings, Credentials" in reason else "")


@dataclass(frozen=True, slots=True)
class ToolOption:
    """A tool in the form, explained for people."""

    name: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What the agent form offers."""

    models: tuple[ModelOption, ...]
    tools: tuple[ToolOption, ...]


@dataclass(frozen=True, slots=True)
class StarterCard:
    """A ready-made agent to begin with."""

    key: str
    name: str
    role: str
    summary: str
    icon: str
    tools: tuple[str, ...]
