"""What differs between two versions, in the words of the forms: labels of fields, values as they stand there, texts line by line."""

import difflib
from collections.abc import Callable
from functools import partial

from sqlmodel import col

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.history.comparing import compare, values_of
from app.services.history.listing import draft_row, version_row
from app.services.inspector.form_values import span_text, text_of
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import load_version
from app.views.history import DRAFT, Comparison, DiffLine, Edge, FieldDifference, FieldWords, NodeDifference, StepWords, VersionRow
from engine.blueprint.yaml_text import write_yaml
from engine.json import JsonObject, JsonValue
from engine.nodes.forms import FormField, form_of
from engine.nodes.registry import KINDS
from engine.spec.workflow import RunLimits
from models.workflow import Workflow, WorkflowVersion

PREVIOUS = "previous"  # stands for the version before the other one
MOST_STEPS, MOST_LINES, MOST_CHARACTERS = 300, 1_500, 20_000
CONTEXT = 2
TOO_LONG = "… too long to compare to its end"
_JOINS = {"all": "for every incoming path", "any": "for the first that arrives"}
_ON_ERROR = {"fail": "stop the run", "branch": "go on at the error port"}
_OWN = {"name": "Name", "description": "Description"}
_LIMITS = {f"limits.{name}": info.title or name for name, info in RunLimits.model_fields.items()}
_NODE_FIELDS = {
    "label": "Label",
    "parent": "Container",
    "kind": "Kind of step",
    "join": "Wait",
    "others": "The other paths then",
    "lock": "Lock",
    "timeout_s": "Time limit",
}


def compare_versions(uow: UnitOfWork, *, workflow_id: object, version_id: object, with_id: object = DRAFT) -> Comparison:
    """What changed between two versions, from the older to the newer. `with_id` is another version, "draft" or "previous"."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    one = _side(uow, workflow, version_id)
    other = _before(uow, workflow, one[0]) if with_id == PREVIOUS else _side(uow, workflow, with_id)
    if other is None:
        return _worded(None, {}, *one)
    older, newer = sorted((one, other), key=lambda side: side[0].number)
    return _worded(*older, *newer)


def tell_changes(
    before: JsonObject, after: JsonObject, *, most: int = MOST_STEPS
) -> tuple[tuple[StepWords, ...], tuple[str, ...], tuple[str, ...]]:
    """Steps that differ, new connections and cut ones, of two definitions that are no versions of one workflow here."""
    found = compare(before, after)
    steps = tuple(_step(node) for node in found.nodes[:most])
    return steps, _edges(found.edges_added, after, most), _edges(found.edges_removed, before, most)


def tell_own(before: JsonObject, after: JsonObject) -> tuple[FieldWords, ...]:
    """What differs in a workflow besides its steps: name, description and limits."""
    return tuple(_own_words(item) for item in compare(before, after).own)


def tell_connections(definition: JsonObject) -> tuple[str, ...]:
    """All connections, by the names of their steps."""
    found = compare({}, definition).edges_added
    return _edges(found, definition, len(found))


def step_names(node: JsonObject) -> tuple[str, str]:
    """What a step of a definition is called, and its kind."""
    kind = KINDS.get(node["kind"])
    return _name(node), kind.title if kind else node["kind"]


def settings_of(node: JsonObject) -> list[tuple[str, str]]:
    """All that is set in a step of a definition, as label and text, uncut."""
    kind = KINDS.get(node["kind"])
    fields = {item.name: item for item in form_of(kind)} if kind else {}
    told = [(label, say(item.after)) for item in values_of(node) for label, say in [_speaker(item, fields)]]
    return [(label, text) for label, text in told if text]


def _side(uow: UnitOfWork, workflow: Workflow, version_id: object) -> tuple[VersionRow, JsonObject]:
    if version_id == DRAFT:
        return draft_row(uow, workflow), workflow.draft
    version = load_version(uow, workflow_id=workflow.id, version_id=version_id)
    return version_row(uow, version, current=workflow.revision), version.spec


def _before(uow: UnitOfWork, workflow: Workflow, row: VersionRow) -> tuple[VersionRow, JsonObject] | None:
    earlier = uow.scoped(WorkflowVersion).where(WorkflowVersion.workflow_id == workflow.id, WorkflowVersion.number < row.number)
    version = uow.session.exec(earlier.order_by(col(WorkflowVersion.number).desc()).limit(1)).first()
    return (version_row(uow, version, current=workflow.revision), version.spec) if version else None


def _worded(older: VersionRow | None, before: JsonObject, newer: VersionRow, after: JsonObject) -> Comparison:
    found = compare(before, after)
    return Comparison(
        older=older,
        newer=newer,
        steps=tuple(_step(node) for node in found.nodes[:MOST_STEPS]),
        own=tuple(_own_words(item) for item in found.own) if older else (),
        edges_added=_edges(found.edges_added, after),
        edges_removed=_edges(found.edges_removed, before),
        moved=found.moved,
        hidden=max(0, len(found.nodes) - MOST_STEPS),
        before=before,
        after=after,
    )


def _edges(edges: tuple[Edge, ...], definition: JsonObject, most: int = MOST_STEPS) -> tuple[str, ...]:
    """Connections by the names of their steps, with the way out where it is not the only one."""
    names = {node["id"]: _name(node) for node in definition.get("nodes", ())}

    def told(source: str, port: str, target: str) -> str:
        way = "" if port == "out" else f" ({port})"
        return f"{names.get(source, source)}{way} → {names.get(target, target)}"

    return tuple(told(*edge) for edge in edges[:most])


def _name(node: JsonObject) -> str:
    kind = KINDS.get(node["kind"])
    return node.get("label") or (kind.title if kind else node["id"])


def _step(node: NodeDifference) -> StepWords:
    kind = KINDS.get(node.kind)
    fields = {item.name: item for item in form_of(kind)} if kind else {}
    return StepWords(
        node=node.node,
        label=node.label if node.label != node.node or kind is None else kind.title,
        kind=node.kind,
        kind_title=kind.title if kind else node.kind,
        change=node.change,
        fields=[_field(item, fields) for item in node.fields],
    )


def _field(item: FieldDifference, fields: dict[str, FormField]) -> FieldWords:
    label, say = _speaker(item, fields)
    return worded(label, say(item.before), say(item.after))


def _speaker(item: FieldDifference, fields: dict[str, FormField]) -> tuple[str, Callable[[JsonValue], str]]:
    """A field's label and how its value is told; the retry policy is told in one line, like the forms' own fields."""
    if not item.is_config:
        return _POLICIES.get(item.field, (item.field, plain))
    known = fields.get(item.field)
    return (known.label, partial(_value, known)) if known else (item.field, plain)


def _own_words(item: FieldDifference) -> FieldWords:
    if item.field == "limits.timeout_s":
        return worded(_LIMITS[item.field], _seconds(item.before), _seconds(item.after))
    if item.field == "limits.max_cost_micros":
        return worded(_LIMITS[item.field], _dollars(item.before), _dollars(item.after))
    return worded(_OWN.get(item.field) or _LIMITS.get(item.field, item.field), plain(item.before), plain(item.after))


def _dollars(value: JsonValue) -> str:
    return f"${value / 1_000_000:,.6f}".rstrip("0").rstrip(".") if isinstance(value, int | float) else ""


def _value(field: FormField, value: JsonValue) -> str:
    if value is None:
        return ""
    if field.widget == "toggle":
        return "on" if value is True else "off"
    if field.options and isinstance(value, str):
        return dict(field.options).get(value, value)
    return plain(value) if isinstance(value, dict | list) else text_of(field, value)


def plain(value: JsonValue) -> str:
    """A value as text: lists and objects as YAML, which differs line by line."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return write_yaml(value).rstrip() if value else ""
    return value if isinstance(value, str) else "yes" if value is True else "no" if value is False else f"{value:g}"


def _seconds(value: JsonValue) -> str:
    return span_text(float(value)) if isinstance(value, int | float) else ""


def _join(value: JsonValue) -> str:
    return f"for {value} paths" if isinstance(value, int) else _JOINS.get(str(value or "all"), str(value))


def _retry(value: JsonValue) -> str:
    retry = value if isinstance(value, dict) else {}
    attempts = retry.get("attempts", 1)
    return f"{attempts} attempts, the second after {_seconds(retry.get('delay_s', 1.0))}" if attempts != 1 else "1 attempt"


def _on_error(value: JsonValue) -> str:
    policy = value if isinstance(value, dict) else {}
    action = str(policy.get("action", "fail"))
    return f"go on with {plain(policy.get('default')) or 'nothing'}" if action == "default" else _ON_ERROR.get(action, action)


_POLICIES: dict[str, tuple[str, Callable[[JsonValue], str]]] = {
    **{name: (label, plain) for name, label in _NODE_FIELDS.items()},
    "join": ("Wait", _join),
    "timeout_s": ("Time limit", _seconds),
    "retry": ("Attempts", _retry),
    "on_error": ("If it fails", _on_error),
}


def worded(label: str, before: str, after: str) -> FieldWords:
    """A change of a text; what is too long to compare line by line says so."""
    is_cut = max(len(before), len(after)) > MOST_CHARACTERS
    before, after = before[:MOST_CHARACTERS], after[:MOST_CHARACTERS]
    if "\n" not in before and "\n" not in after and not is_cut:
        return FieldWords(label, before, after)
    old, new = before.splitlines(), after.splitlines()
    lines = _lines(old[:MOST_LINES], new[:MOST_LINES])
    if is_cut or max(len(old), len(new)) > MOST_LINES:
        lines.append(DiffLine("gap", TOO_LONG))
    return FieldWords(label, before, after, lines)


def _lines(before: list[str], after: list[str]) -> list[DiffLine]:
    """Removed and added lines with a little of what stands around them."""
    found: list[DiffLine] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        if found or group[0][1]:
            found.append(DiffLine("gap", "…"))
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                found += [DiffLine("same", line) for line in before[old_start:old_end]]
                continue
            found += [DiffLine("removed", line) for line in before[old_start:old_end]]
            found += [DiffLine("added", line) for line in after[new_start:new_end]]
    return found
