"""Three-way merges of an update: what came with the installed version, what it became here, and what the new version brings."""

from dataclasses import dataclass

from app.core.errors import Conflict
from app.services.agents.comparing import compare
from app.services.agents.fields import flat_fields, unflatten
from app.services.history.restoring import operations_between
from app.services.workflows.draft import Draft
from app.services.workflows.lifecycle import dump_spec
from app.services.workflows.merge import merge
from app.services.workflows.operations import AnyOperation, Move
from app.views.installs import UpdateClash
from engine.json import JsonObject, JsonValue
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import WorkflowSpec

MINE, THEIRS, REPLACE = "mine", "theirs", "replace"
LONGEST = 300


class UpdateCrosses(Conflict):
    """The two sides put steps into different containers."""

    code = "update_crosses"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"In “{name}” your changes and the new version put connected steps into different containers, which cannot be merged. "
            "Update with “Replace mine”; what you have now stays in its history."
        )


@dataclass(frozen=True, slots=True)
class MergedWorkflow:
    """The edits to make here, where both sides changed the same, and whether anything was changed here at all."""

    operations: tuple[AnyOperation, ...]
    clashes: tuple[UpdateClash, ...]
    has_own: bool


def merge_workflow(*, base: WorkflowSpec, here: JsonObject, after: WorkflowSpec, take: str) -> MergedWorkflow:
    """What both changed stays as it is here ("mine"), becomes what the new version says ("theirs"), or everything does ("replace")."""
    present = load_spec(here)
    own = operations_between(base, present)
    has_own = any(not isinstance(one, Move) for one in own)
    if take == REPLACE:
        return MergedWorkflow(tuple(operations_between(present, after)), (), has_own)
    began, draft = Draft.read(dump_spec(base)), Draft.read(here)
    touched = [key for one in own for key in began.touches(one)] if take == MINE else []
    merged = merge(draft, operations_between(base, after), theirs=touched)
    if draft.crossing() is not None:
        raise UpdateCrosses(present.name)
    asked = [one for one in merged.conflicts if one.operation.get("op") != "move"]
    clashes = [
        UpdateClash(present.name, one.label, one.field.replace("_", " "), _shown(one.theirs, one.reason), _shown(one.mine, ""))
        for one in asked
    ]
    return MergedWorkflow(tuple(one for _, one in merged.accepted), tuple(dict.fromkeys(clashes)), has_own)


@dataclass(frozen=True, slots=True)
class MergedAgent:
    """The agent as it will be, the labels of the fields that the new version changes, and where both sides changed the same."""

    spec: AgentSpec
    changed: tuple[str, ...]
    clashes: tuple[UpdateClash, ...]
    has_own: bool


def merge_agent(*, base: AgentSpec, here: AgentSpec, after: AgentSpec, take: str) -> MergedAgent:
    """The same, field by field."""
    old, mine, new = (spec.model_dump(mode="json") for spec in (base, here, after))
    changes = compare(base=old, theirs=new, yours=mine)
    fields = flat_fields(mine)
    for change in changes:
        is_taken = take == REPLACE or (take == THEIRS if change.is_clash else change.yours == change.base)
        if is_taken:
            fields[change.field] = change.theirs
    clashes = tuple(UpdateClash(here.name, "Agent", one.label, one.yours_text, one.theirs_text) for one in changes if one.is_clash)
    changed = tuple(one.label for one in changes if one.theirs != one.base)
    spec = AgentSpec.model_validate(unflatten(fields))
    return MergedAgent(spec, changed, clashes, any(one.yours != one.base for one in changes))


def _shown(value: JsonValue, reason: str) -> str:
    if reason == "removed":
        return "removed here"
    text = "" if value is None else value if isinstance(value, str) else "yes" if value is True else "no" if value is False else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
