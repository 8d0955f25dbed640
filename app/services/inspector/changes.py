"""Turns a change in the inspector's form into edit operations; saving them is app.services.workflows.apply_operations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.inspector.form_values import value_of
from app.services.workflows.rows import load_workflow
from engine.expressions.comparisons import OPERATORS, Comparison, read_comparisons, write_comparisons
from engine.json import JsonObject, JsonValue
from engine.nodes.forms import FormField, form_of
from engine.nodes.registry import KINDS
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import NodeSpec

MAX_ENTRIES = 100
_NAMED_AFTER = ("id", "name")


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """One edit of one entry, still untrusted. `text` is a text, or for a condition a change of one of its rows."""

    action: str
    index: object
    cell: str
    text: object

    @property
    def text_only(self) -> str:
        """The text."""
        return _plain(self.text, "text")


_VALUE = FormField("value", "Value", "", "value", None)


def change_field(uow: UnitOfWork, *, workflow_id: object, node_id: object, name: object, text: object) -> list[JsonObject]:
    """A field was edited: returns the operations, or raises Invalid naming the field. A text equal to the default unsets it."""
    node, item = _find(uow, workflow_id, node_id, name)
    if isinstance(text, list):
        value: JsonValue = [one[:200] for one in text if isinstance(one, str)][:MAX_ENTRIES]
    else:
        value = value_of(item, _plain(text, item.name))
    return [_set(node, item, value)]


def change_entry(
    uow: UnitOfWork,
    *,
    workflow_id: object,
    node_id: object,
    name: object,
    action: object,
    index: object = -1,
    cell: object = "",
    text: object = "",
) -> list[JsonObject]:
    """An entry of a list field was added, removed, moved or edited. `action`: add, remove, up, down, cell, condition."""
    node, item = _find(uow, workflow_id, node_id, name)
    edit = EntryEdit(_plain(action, "action"), index, _plain(cell, "cell"), text)
    current = node.config.get(item.name, item.default)
    if item.widget in ("key_values", "values"):
        pairs = list(current.items()) if isinstance(current, dict) else []
        return [_set(node, item, dict(_change_pairs(item, pairs, edit)))]
    entries = [dict(entry) for entry in current if isinstance(entry, dict)] if isinstance(current, list) else []
    return [_set(node, item, _change_entries(item, entries, edit))]


def change_policy(uow: UnitOfWork, *, workflow_id: object, node_id: object, name: object, text: object) -> list[JsonObject]:
    """A policy was edited: join, join_count, attempts, delay_s, timeout_s, on_error or default."""
    require(uow, Permission.EDIT)
    node = _node(uow, workflow_id, node_id)
    return [{"op": "set_policy", "id": node.id, **_policy_value(node, _plain(name, "name"), _plain(text, "text"))}]


def _plain(value: object, field: str) -> str:
    """A text as a form sends it; a nested value is refused before anything writes it out."""
    if isinstance(value, str | int | float):
        return str(value)
    message = "Send this as text."
    raise Invalid(message, fields={field: message})


def _policy_value(node: NodeSpec, name: str, text: str) -> JsonObject:
    retry, on_error = node.retry.model_dump(mode="json"), node.on_error.model_dump(mode="json")
    if name == "join":
        return {"field": "join", "value": 2 if text == "count" else text}
    if name == "join_count":
        return {"field": "join", "value": _number("How many", text, low=1)}
    if name == "timeout_s":
        return {"field": "timeout_s", "value": _number("Time limit", text, low=0.1) if text.strip() else None}
    if name == "attempts":
        return {"field": "retry", "value": {**retry, "attempts": _number("Attempts", text, low=1, high=10)}}
    if name == "delay_s":
        return {"field": "retry", "value": {**retry, "delay_s": _number("First delay", text, low=0, high=3600)}}
    if name == "on_error":
        return {"field": "on_error", "value": {**on_error, "action": text}}
    if name == "default":
        return {"field": "on_error", "value": {**on_error, "default": value_of(_VALUE, text)}}
    raise NotFound("This setting")


def _number(label: str, text: str, *, low: float, high: float = 86_400) -> JsonValue:
    return value_of(FormField(label, label, "", "number", None, low=low, high=high), text)


def _node(uow: UnitOfWork, workflow_id: object, node_id: object) -> NodeSpec:
    spec = load_spec(load_workflow(uow, workflow_id).draft)
    node = next((item for item in spec.nodes if item.id == node_id), None)
    if node is None:
        raise NotFound("This node")
    return node


def _find(uow: UnitOfWork, workflow_id: object, node_id: object, name: object) -> tuple[NodeSpec, FormField]:
    require(uow, Permission.EDIT)
    node = _node(uow, workflow_id, node_id)
    kind = KINDS.get(node.kind)
    item = next((field for field in form_of(kind) if field.name == name), None) if kind else None
    if item is None:
        raise NotFound("This field")
    return node, item


def _set(node: NodeSpec, item: FormField, value: JsonValue) -> JsonObject:
    operation: JsonObject = {"op": "set_config", "id": node.id, "path": [item.name]}
    return {**operation, "unset": True} if value == item.default and not item.is_required else {**operation, "value": value}


def _place(index: object, size: int) -> int:
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < size:
        raise NotFound("This entry")
    return index


def _change_pairs(item: FormField, pairs: list[tuple[str, JsonValue]], edit: EntryEdit) -> list[tuple[str, JsonValue]]:
    taken = {key for key, _ in pairs}
    if edit.action == "add":
        return [*pairs, (_free("name", taken), "")]
    place = _place(edit.index, len(pairs))
    if edit.action == "remove":
        return [*pairs[:place], *pairs[place + 1 :]]
    key, value = pairs[place]
    if edit.cell == "key":
        wanted = edit.text_only.strip()
        if not wanted or (wanted != key and wanted in taken):
            raise Invalid(f"{item.label}: names must be filled in and different.", fields={item.name: "Give each line a name of its own."})
        return [*pairs[:place], (wanted, value), *pairs[place + 1 :]]
    changed = value_of(_VALUE, edit.text_only) if item.widget == "values" else edit.text_only
    return [*pairs[:place], (key, changed), *pairs[place + 1 :]]


def _change_entries(item: FormField, entries: list[JsonObject], edit: EntryEdit) -> list[JsonObject]:
    if edit.action == "add":
        if len(entries) >= MAX_ENTRIES:
            raise Invalid(f"{item.label}: at most {MAX_ENTRIES} are allowed.", fields={item.name: "Remove one first."})
        return [*entries, _blank(item, entries)]
    place = _place(edit.index, len(entries))
    if edit.action == "remove":
        return [*entries[:place], *entries[place + 1 :]]
    if edit.action in ("up", "down"):
        other = place + (1 if edit.action == "down" else -1)
        if 0 <= other < len(entries):
            entries[place], entries[other] = entries[other], entries[place]
        return entries
    column = next((one for one in item.columns if one.name == edit.cell), None)
    if column is None:
        raise NotFound("This field")
    value = _condition(entries[place].get(edit.cell), edit.text) if edit.action == "condition" else value_of(column, edit.text_only)
    entries[place] = {**entries[place], edit.cell: value}
    return entries


def _blank(item: FormField, entries: Sequence[JsonObject]) -> JsonObject:
    """A new entry with an identity and a label of its own."""
    word = "case" if item.widget == "cases" else "button" if item.widget == "buttons" else "field"
    made: JsonObject = {column.name: column.default for column in item.columns if column.default is not None}
    for name in _NAMED_AFTER:
        if any(column.name == name for column in item.columns):
            made[name] = _free(word, {str(entry.get(name)) for entry in entries}, start=len(entries) + 1)
            if any(column.name == "label" for column in item.columns):
                made["label"] = str(made[name]).replace("_", " ").capitalize()
    return made


def _free(word: str, taken: set[str], start: int = 1) -> str:
    number = start
    while (name := f"{word}_{number}") in taken:
        number += 1
    return name


def _condition(current: JsonValue, change: object) -> str:
    """Apply a change of the visual builder: {"row": n, "part": left|operator|right|joiner|add|remove, "text": ..., "paths": [...]}."""
    rows = read_comparisons(str(current or ""))
    if rows is None or not isinstance(change, dict):
        raise Invalid("This condition is too rich for rows; edit it as text.")
    part, text, place = str(change.get("part")), str(change.get("text", "")), change.get("row")
    paths = {str(path) for path in change.get("paths") or ()}
    if part == "add":
        rows.append(Comparison(rows[-1].joiner or "and" if rows else "", text or "inputs", "==", ""))
        return write_comparisons(rows, paths=paths)
    at = _place(place, len(rows))
    if part == "remove":
        del rows[at]
    else:
        rows = _change_row(rows, at, part, text)
    return write_comparisons(rows, paths=paths)


def _change_row(rows: list[Comparison], at: int, part: str, text: str) -> list[Comparison]:
    if part == "joiner" and text in ("and", "or"):
        return [rows[0], *(Comparison(text, row.left, row.operator, row.right) for row in rows[1:])]
    row: dict[str, Any] = {"joiner": rows[at].joiner, "left": rows[at].left, "operator": rows[at].operator, "right": rows[at].right}
    if part == "operator" and text not in OPERATORS:
        raise NotFound("This comparison")
    if part == "left" and not re.fullmatch(r"[A-Za-z_][\w.\[\]-]*", text.strip()):
        raise Invalid("The left side must be the name of a value, such as inputs.plan.")
    if part in row and part != "joiner":
        row[part] = text.strip() if part == "left" else text
    rows[at] = Comparison(**row)
    return rows
