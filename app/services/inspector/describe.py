"""Describes a node of the draft as the inspector shows it: fields with values and problems, policies, and usable names."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from sqlmodel import col

from app.core.permissions import Permission, may, require
from app.core.ports import ModelCard
from app.core.uow import UnitOfWork
from app.services.called import tree_of_workspace
from app.services.credentials import list_credential_choices
from app.services.definitions import load_agents, named_agents
from app.services.inspector.called_fields import fill_called
from app.services.inspector.form_values import span_text, text_of
from app.services.runs.seen import seen_outputs
from app.services.workflows import find_problems
from app.services.workflows.rows import load_workflow
from app.views.node_form import Cell, Choice, Entry, FieldRow, FixRow, NodeForm, PolicyForm, Problem
from engine.errors import Finding
from engine.graph.calls import called_of
from engine.graph.variables import Names, Variable
from engine.json import JsonObject, JsonValue
from engine.nodes.base import NodeKind
from engine.nodes.forms import FormField, form_of
from engine.nodes.registry import KINDS, step_name
from engine.nodes.start import Start
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import NodeSpec, WorkflowSpec
from models.agent import Agent

ENTRY_WORDS = {"cases": "case", "buttons": "button", "form_fields": "field", "key_values": "line", "values": "value"}
PICKED = ("tools", "models", "nodes", "agents")
CHOSEN = ("agent", "model", "workflow", "code")  # what the checker asks for wherever it is a field
HIDDEN_CELLS = {"cases": ("id",), "buttons": ("id",)}
MOST_TOLD = 4
_PAIR = (FormField("key", "Name", "", "text", ""), FormField("value", "Value", "", "template", ""))


def describe_node(uow: UnitOfWork, *, workflow_id: object, node_id: object) -> NodeForm:
    """The form of one node; an empty form when the node is not there (any more) or of an unknown kind."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    spec = load_spec(workflow.draft)
    node = next((item for item in spec.nodes if item.id == node_id), None)
    kind = KINDS.get(node.kind) if node else None
    if node is None or kind is None:
        return NodeForm()
    findings = [finding for finding in find_problems(uow, workflow.draft) if finding.node == node.id]
    tree = tree_of_workspace(uow)
    names = Names(
        spec,
        kinds=KINDS,
        agents=load_agents(uow, named_agents(spec)),
        workflows=tree.called_by(spec),
        seen=partial(seen_outputs, uow, workflow.id),
    )
    rows = [_row(uow, spec, node, item, findings) for item in form_of(kind) if _is_shown(item, kind, node.config)]
    if kind.is_caller:
        rows = fill_called(uow, rows, node.config, tree=tree, reference=called_of(kind, node.config), caller=workflow.id)
    return NodeForm(
        id=node.id,
        kind=kind.kind,
        kind_title=kind.title,
        summary=kind.summary,
        category=kind.category,
        icon=kind.icon,
        label=node.label,
        rows=rows,
        has_advanced=any(row.is_advanced for row in rows),
        policy=_policy(spec, node, kind),
        problems=[Problem(one.severity, one.field or "", one.message, one.remedy) for one in findings],
        variables=[asdict(variable) | {"detail": _detail(variable)} for variable in names.seen_from(node.id)],
        can_edit=may(uow, Permission.EDIT, workflow),
    )


def _detail(variable: Variable) -> str:
    return f"{variable.type}, seen before" if variable.is_seen else variable.type


def _is_shown(item: FormField, kind: NodeKind[Any], config: JsonObject) -> bool:
    if item.show_if is None:
        return True
    other, wanted = item.show_if
    default = next((field.default for field in form_of(kind) if field.name == other), None)
    return str(config.get(other, default)) == wanted


def _row(uow: UnitOfWork, spec: WorkflowSpec, node: NodeSpec, item: FormField, findings: list[Finding]) -> FieldRow:
    value = node.config.get(item.name, item.default)
    mine = _of_field(item.name, findings)
    own = [one for one in mine if one.field == item.name]
    choices = steps_beside(spec, node, value) if item.widget in ("node", "nodes") else _choices(uow, item, value)
    read = _entries(item, value, findings)
    listed = [_of_start(entry) for entry in read] if node.kind == Start.kind else read
    cells = {f"{item.name}.{entry.index}.{cell.name}" for entry in listed for cell in entry.cells}
    loose = [one for one in mine if one.field not in cells]
    return FieldRow(
        name=item.name,
        label=item.label,
        help=item.help,
        widget=item.widget,
        text=text_of(item, value) if not isinstance(value, list | dict) or item.widget not in ENTRY_WORDS else "",
        placeholder=item.placeholder,
        is_on=value is True,
        is_advanced=item.is_advanced,
        is_required=item.is_required or item.widget in CHOSEN,
        error=_told(loose, has_lines=item.widget == "code"),
        severity=mine[0].severity if mine else "",
        fixes=[FixRow(fix.label, [asdict(edit) for edit in fix.edits]) for one in mine[:MOST_TOLD] for fix in one.fixes],
        line=next((one.line for one in own if one.line), 0),
        spots=_spots(own),
        entry_word=ENTRY_WORDS.get(item.widget, ""),
        choices=choices,
        listed=listed,
        href=_place_of(uow, item, value),
        picked=_picked(choices, value) if item.widget in PICKED else [],
    )


def _words(finding: Finding, has_lines: bool = False) -> str:
    place = f"Line {finding.line}: " if has_lines and finding.line else ""
    return f"{place}{finding.message} {finding.remedy}".strip()


def _of_field(place: str, findings: list[Finding]) -> list[Finding]:
    """What is wrong with a field or inside it, errors first."""
    inside = [one for one in findings if one.field == place or (one.field or "").startswith(f"{place}.")]
    return sorted(inside, key=lambda one: (one.field != place, one.severity != "error"))


def _told(findings: list[Finding], *, has_lines: bool = False) -> str:
    """Each finding in a line of its own, with its place where lines are numbered; of many the first, and how many more there are."""
    lines = list(dict.fromkeys(_words(one, has_lines) for one in findings))
    rest = len(lines) - MOST_TOLD
    return "\n".join([*lines[:MOST_TOLD], *([f"{rest} more in the list of findings."] if rest > 0 else [])])


def _spots(findings: list[Finding]) -> list[list[int]]:
    return [[one.line, one.column or 1] for one in findings if one.line]


def _place_of(uow: UnitOfWork, item: FormField, value: JsonValue) -> str:
    """Where the chosen agent is edited."""
    if item.widget != "agent" or not isinstance(value, str):
        return ""
    agent = uow.session.exec(uow.scoped(Agent).where(Agent.slug == value, col(Agent.deleted_at).is_(None))).first()
    return f"/agents/{agent.id}" if agent else ""


def _picked(choices: list[Choice], value: JsonValue) -> list[Choice]:
    """What is picked, by the names people read; what is not to be had (any more) by its id."""
    labels = {choice.value: choice.label for choice in choices}
    return [Choice(str(one), labels.get(str(one), f"{one} (not available)")) for one in value] if isinstance(value, list) else []


def _choices(uow: UnitOfWork, item: FormField, value: JsonValue) -> list[Choice]:
    if item.widget in ("agent", "agents"):
        rows = uow.session.exec(uow.scoped(Agent).where(Agent.deleted_at == None).order_by(Agent.name))  # type: ignore[arg-type]  # noqa: E711 - SQL
        return _with_current([Choice(agent.slug, agent.name) for agent in rows], value)
    if item.widget in ("model", "models"):
        cards = [card for card in uow.catalogue.cards() if card.is_available]
        return _with_current([Choice(card.id, _model_label(card)) for card in cards], value)
    if item.widget == "credential":
        saved = [Choice(one.name, f"{one.name} · {one.detail}") for one in list_credential_choices(uow)]
        return [Choice("", "None"), *saved] if not value else [Choice("", "None"), *_with_current(saved, value)]
    return [Choice(option, label) for option, label in item.options]


def steps_beside(spec: WorkflowSpec, node: NodeSpec, value: JsonValue) -> list[Choice]:
    """The steps that can be named here: beside this one, or beside a container around it."""
    by_id = {one.id: one for one in spec.nodes}
    around, scope = {node.id}, node.parent
    scopes: set[str | None] = {scope}
    while scope is not None and scope not in around:
        around.add(scope)
        scope = by_id[scope].parent if scope in by_id else None
        scopes.add(scope)
    seen = [one for one in spec.nodes if one.parent in scopes and one.id not in around and one.kind not in ("note", "start", "end")]
    return _with_current([Choice(one.id, step_name(one.id, one.kind, one.label)) for one in seen], value)


def _model_label(card: ModelCard) -> str:
    return f"{card.label} (demo, free)" if card.is_demo else f"{card.label} · {card.provider}"


def _with_current(choices: list[Choice], value: JsonValue) -> list[Choice]:
    """Offer the value that is set even if it is not to be had, so that the form never changes it by itself."""
    if not isinstance(value, str) or any(choice.value == value for choice in choices):
        return choices
    return [Choice("", "Choose…"), *choices] if not value else [Choice(value, f"{value} (not available)"), *choices]


def _entries(item: FormField, value: JsonValue, findings: list[Finding]) -> list[Entry]:
    if item.widget in ("key_values", "values"):
        pairs = value if isinstance(value, dict) else {}
        return [
            Entry(index, key, [_cell(_PAIR[0], key), _cell(_PAIR[1], text_of(_value_field(), raw))])
            for index, (key, raw) in enumerate(pairs.items())
        ]
    if not item.columns or not isinstance(value, list):
        return []
    return [_entry(item, raw, index, findings) for index, raw in enumerate(value) if isinstance(raw, dict)]


def _of_start(entry: Entry) -> Entry:
    """A field of the start tells how steps refer to it by its own name; nothing ran before it that a default could refer to."""
    name = next((cell.text for cell in entry.cells if cell.name == "name"), "")
    told = {"name": f"How steps refer to it: {{{{ inputs.{name} }}}}.", "default": "Used when nothing is filled in."}
    return replace(entry, cells=[replace(cell, help=told.get(cell.name, cell.help)) for cell in entry.cells])


def _entry(item: FormField, raw: JsonObject, index: int, findings: list[Finding]) -> Entry:
    """An entry with what is wrong beside the very cell."""
    hidden = HIDDEN_CELLS.get(item.widget, ())
    place = f"{item.name}.{index}"
    inside = _of_field(place, findings)
    wrong = {column.name: [one for one in inside if one.field == f"{place}.{column.name}"] for column in item.columns}
    columns = [column for column in item.columns if column.name not in hidden and _applies(column, item, raw)]
    cells = [_cell(column, _shown(column, raw), wrong[column.name]) for column in columns]
    return Entry(index, _entry_title(item, raw, index), cells, _hint(item, raw), _words(inside[0]) if inside else "")


def _hint(item: FormField, raw: JsonObject) -> str:
    """What a closed field asks for: "Long text, optional"."""
    if item.widget != "form_fields":
        return ""
    options = next((column.options for column in item.columns if column.name == "type"), ())
    kind = dict(options).get(str(raw.get("type", "text")), str(raw.get("type", "")))
    return kind if raw.get("required", True) else f"{kind}, optional"


def _applies(column: FormField, item: FormField, raw: JsonObject) -> bool:
    """Whether a cell is asked for, such as the options of a choice."""
    if column.show_if is None:
        return True
    other, wanted = column.show_if
    default = next((field.default for field in item.columns if field.name == other), None)
    return str(raw.get(other, default)) == wanted


def _value_field() -> FormField:
    return FormField("value", "Value", "", "value", None)


def _entry_title(item: FormField, raw: JsonObject, index: int) -> str:
    named = raw.get("label") or raw.get("title") or raw.get("name")
    return str(named or f"{ENTRY_WORDS[item.widget].capitalize()} {index + 1}")


def _shown(column: FormField, raw: JsonObject) -> str:
    return text_of(column, raw.get(column.name, column.default))


def _cell(column: FormField, text: str, wrong: Sequence[Finding] = ()) -> Cell:
    return Cell(
        name=column.name,
        label=column.label,
        help=column.help,
        widget=column.widget,
        text=text,
        is_on=text == "true",
        choices=[Choice(option, label) for option, label in column.options],
        error=_told(list(wrong)),
        spots=_spots(list(wrong)),
    )


def _policy(spec: WorkflowSpec, node: NodeSpec, kind: NodeKind[Any]) -> PolicyForm:
    incoming = sum(1 for edge in spec.edges if edge.target == node.id)
    default = FormField("default", "Default output", "", "value", None)
    return PolicyForm(
        join="count" if isinstance(node.join, int) else node.join,
        join_count=str(node.join) if isinstance(node.join, int) else "2",
        attempts=str(node.retry.attempts),
        delay_s=f"{node.retry.delay_s:g}",
        max_delay_s=f"{node.retry.max_delay_s:g}",
        words=_policy_words(node, kind),
        timeout_s="" if node.timeout_s is None else f"{node.timeout_s:g}",
        on_error=node.on_error.action,
        default_text=text_of(default, node.on_error.default),
        others=node.others,
        lock=node.lock or "",
        can_fail=kind.can_fail,
        can_retry=kind.can_fail and not kind.is_container,
        has_join=incoming > 1,
        has_lock=not (kind.is_drawing or kind.is_entry),
    )


def _policy_words(node: NodeSpec, kind: NodeKind[Any]) -> str:
    """What holds, in one line: "3 attempts, 30 s, then go on at the error port"."""
    if not kind.can_fail:
        return {"all": "for every path", "any": "for the first path"}.get(str(node.join), f"for {node.join} paths")
    attempts = "1 attempt" if node.retry.attempts == 1 else f"{node.retry.attempts} attempts"
    limit = "" if node.timeout_s is None else span_text(node.timeout_s)
    then = {"fail": "stop", "branch": "error port", "default": "default output"}[node.on_error.action]
    parts = [attempts] if not kind.is_container else []
    return ", ".join([*parts, *([limit] if limit else []), f"then {then}" if parts or limit else then])
