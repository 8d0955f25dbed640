"""The schema builder's model: a JSON Schema as a flat list of rows with stable ids, edits on rows, and back, loss-free.

States keep the rows (also while a name is still wrong or doubled); `schema_from_rows` gives the schema they stand for.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.json import JsonObject, JsonSchema
from engine.spec.output_schema import FIELD_NAME, check_output_schema

KINDS = ("text", "number", "integer", "boolean", "choice", "object", "array")
_TYPE_OF_KIND = {
    "text": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "choice": "string",
    "object": "object",
    "array": "array",
}
_KIND_OF_TYPE = {"string": "text", "number": "number", "integer": "integer", "boolean": "boolean", "object": "object", "array": "array"}
_OWN = frozenset({"type", "description", "enum", "properties", "required", "items"})
_CLOSED = '{"additionalProperties": false}'  # a group made here allows no other fields, as strict providers demand
MAX_ROWS = 200
MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """One field. Rows stand in depth-first order; `item_kind` is what a list holds, whose fields follow one level deeper.

    `choices` is the comma-separated text of a choice; `extra` keeps keywords the builder does not show, as JSON text.
    """

    uid: int
    depth: int
    name: str
    kind: str
    description: str = ""
    is_required: bool = True
    choices: str = ""
    item_kind: str = "text"
    extra: str = "{}"
    item_extra: str = "{}"
    problem: str = ""

    @property
    def holds_fields(self) -> bool:
        """Whether fields may stand below this row."""
        return self.kind == "object" or (self.kind == "array" and self.item_kind == "object")


# --- schema -> rows -------------------------------------------------------------------------------------------------------


def rows_from_schema(schema: JsonSchema | None) -> list[SchemaRow]:
    """Return the rows of an object schema; [] for none. Raises ValueError for what rows cannot show (anyOf, type lists)."""
    if not schema:
        return []
    rows: list[SchemaRow] = []
    _read_fields(schema, 0, rows)
    return rows


def rows_from_json(text: str) -> tuple[list[SchemaRow], JsonSchema | None, str]:
    """Read the raw JSON view: (rows, schema, problem). A problem names line and column, or what is wrong with the schema."""
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        return [], None, f"This is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    except RecursionError:
        return [], None, "This JSON is nested too deeply."
    problem = schema_problem(schema)
    if problem:
        return [], None, problem
    try:
        return rows_from_schema(schema), schema, ""
    except ValueError:
        return [], schema, ""


def schema_problem(schema: object) -> str:
    """Return the first thing wrong with a schema in one sentence, or ""."""
    findings = check_output_schema(schema)
    if not findings:
        return ""
    where = f"{findings[0].field}: " if findings[0].field else ""
    return f"{where}{findings[0].message} {findings[0].remedy}".strip()


def _read_fields(schema: JsonObject, depth: int, rows: list[SchemaRow]) -> None:
    required = schema.get("required") or []
    for name, child in (schema.get("properties") or {}).items():
        kind, choices = _kind_of(child)
        items = child.get("items") if kind == "array" else None
        item_kind, item_choices = _kind_of(items) if isinstance(items, dict) else ("text", "")
        if item_kind == "array":
            raise ValueError("a list of lists is edited as JSON")
        rows.append(
            SchemaRow(
                uid=len(rows) + 1,
                depth=depth,
                name=name,
                kind=kind,
                description=str(child.get("description", "")),
                is_required=name in required,
                choices=choices or item_choices,
                item_kind=item_kind,
                extra=_extra(child),
                item_extra=_extra(items, keep=("description",)) if isinstance(items, dict) else "{}",
            )
        )
        if kind == "object":
            _read_fields(child, depth + 1, rows)
        elif item_kind == "object" and isinstance(items, dict):
            _read_fields(items, depth + 1, rows)


def _kind_of(schema: JsonObject) -> tuple[str, str]:
    if "anyOf" in schema or "const" in schema:
        raise ValueError("alternatives are edited as JSON")
    kind, options = schema.get("type"), schema.get("enum")
    if options is not None:
        if kind not in (None, "string") or not all(isinstance(one, str) and "," not in one for one in options):
            raise ValueError("choices other than plain texts are edited as JSON")
        return "choice", ", ".join(options)
    if not isinstance(kind, str) or kind not in _KIND_OF_TYPE:
        raise ValueError("several types are edited as JSON")
    return _KIND_OF_TYPE[kind], ""


def _extra(schema: JsonObject, keep: Sequence[str] = ()) -> str:
    return json.dumps({key: value for key, value in schema.items() if key not in _OWN or key in keep})


# --- rows -> schema -------------------------------------------------------------------------------------------------------


def schema_from_rows(rows: Sequence[SchemaRow]) -> JsonSchema | None:
    """Return the object schema the rows stand for, or None for no rows."""
    if not rows:
        return None
    return _write_fields(rows, 0, extra={"additionalProperties": False})


def _write_fields(rows: Sequence[SchemaRow], depth: int, *, extra: JsonObject) -> JsonObject:
    schema: JsonObject = {"type": "object", "properties": {}, **extra}
    required: list[str] = []
    for row, below in _groups(rows, depth):
        schema["properties"][row.name] = _write_row(row, below)
        if row.is_required:
            required.append(row.name)
    if required:
        schema["required"] = required
    return schema


def _groups(rows: Sequence[SchemaRow], depth: int) -> Iterator[tuple[SchemaRow, Sequence[SchemaRow]]]:
    """Yield each row of a level with the rows below it."""
    starts = [index for index, row in enumerate(rows) if row.depth == depth]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield rows[start], rows[start + 1 : end]


def _write_row(row: SchemaRow, below: Sequence[SchemaRow]) -> JsonObject:
    field: JsonObject = {}
    if row.kind == "array":
        field["type"] = "array"
        field["items"] = _write_value(row, row.item_kind, below, extra=json.loads(row.item_extra))
        field.update(json.loads(row.extra))
    else:
        field = _write_value(row, row.kind, below, extra=json.loads(row.extra))
    if row.description:
        field["description"] = row.description
    return field


def _write_value(row: SchemaRow, kind: str, below: Sequence[SchemaRow], *, extra: JsonObject) -> JsonObject:
    if kind == "object":
        return _write_fields(below, row.depth + 1, extra=extra)
    value: JsonObject = {"type": _TYPE_OF_KIND[kind]}
    if kind == "choice":
        value["enum"] = [choice.strip() for choice in row.choices.split(",") if choice.strip()]
    return {**value, **extra}


# --- edits ----------------------------------------------------------------------------------------------------------------


def edit_rows(rows: Sequence[SchemaRow], action: object, uid: object, value: object = "") -> list[SchemaRow]:
    """Apply one edit of the builder and mark problems; unknown actions and ids change nothing, for payloads are untrusted.

    Actions: add (uid 0: at the end; else inside that row), remove, up, down, name, kind, item_kind, description, choices, required.
    """
    made = list(rows)
    index = next((at for at, row in enumerate(made) if row.uid == uid), None)
    if action == "add":
        made = _add(made, index)
    elif index is not None and action == "remove":
        del made[index : _end(made, index)]
    elif index is not None and action in ("up", "down"):
        made = _move(made, index, -1 if action == "up" else 1)
    elif index is not None:
        made = _change(made, index, str(action), value)
    return _marked(made)


def _end(rows: Sequence[SchemaRow], index: int) -> int:
    """Return where the rows below `index` end."""
    depth = rows[index].depth
    return next((at for at in range(index + 1, len(rows)) if rows[at].depth <= depth), len(rows))


def _add(rows: list[SchemaRow], parent: int | None) -> list[SchemaRow]:
    at = len(rows) if parent is None else _end(rows, parent)
    depth = 0 if parent is None else rows[parent].depth + 1
    if len(rows) >= MAX_ROWS or depth > MAX_DEPTH or (parent is not None and not rows[parent].holds_fields):
        return rows
    taken = {row.name for row in rows}
    name = next(f"field_{number}" for number in range(1, len(rows) + 2) if f"field_{number}" not in taken)
    uid = max((row.uid for row in rows), default=0) + 1
    return [*rows[:at], SchemaRow(uid=uid, depth=depth, name=name, kind="text"), *rows[at:]]


def _move(rows: list[SchemaRow], index: int, step: int) -> list[SchemaRow]:
    depth, end = rows[index].depth, _end(rows, index)
    block = rows[index:end]
    if step > 0:
        if end >= len(rows) or rows[end].depth != depth:
            return rows
        after = _end(rows, end)
        return [*rows[:index], *rows[end:after], *block, *rows[after:]]
    before = next((at for at in range(index - 1, -1, -1) if rows[at].depth <= depth), -1)
    if before < 0 or rows[before].depth != depth:
        return rows
    return [*rows[:before], *block, *rows[before:index], *rows[end:]]


def _change(rows: list[SchemaRow], index: int, action: str, value: object) -> list[SchemaRow]:
    row = rows[index]
    if action == "required":
        rows[index] = replace(row, is_required=value is True or value == "true")
    elif action in ("name", "description", "choices") and isinstance(value, str):
        limit = {"name": 64, "description": 1000, "choices": 4000}[action]
        rows[index] = replace(row, **{action: value.strip()[:limit]})
    elif action in ("kind", "item_kind") and value in KINDS and not (action == "item_kind" and value == "array"):
        extra = row.extra if action == "item_kind" else _CLOSED if value == "object" else "{}"
        changed = replace(row, **{action: value, "extra": extra, "item_extra": _CLOSED if value == "object" else "{}"})
        if row.holds_fields and not changed.holds_fields:
            del rows[index + 1 : _end(rows, index)]
        rows[index] = changed
        if changed.holds_fields and not row.holds_fields:
            return _add(rows, index)
    return rows


def rows_problem(rows: Sequence[SchemaRow]) -> str:
    """Return what keeps the rows from being a schema, with the field named by its place and its name; "" when they are one."""
    at = next((at for at, row in enumerate(rows) if row.problem), None)
    if at is None:
        return ""
    name = f" (“{rows[at].name}”)" if rows[at].name else ""
    return f"Field {at + 1}{name}: {rows[at].problem}"


def _marked(rows: Sequence[SchemaRow]) -> list[SchemaRow]:
    """Set each row's problem."""
    marked = list(rows)
    siblings: dict[tuple[int, ...], set[str]] = {}
    path: list[int] = []
    for index, row in enumerate(rows):
        del path[row.depth :]
        names = siblings.setdefault(tuple(path), set())
        marked[index] = replace(row, problem=_row_problem(row, names, has_fields=_end(rows, index) > index + 1))
        names.add(row.name)
        path.append(row.uid)
    return marked


def _row_problem(row: SchemaRow, earlier: set[str], *, has_fields: bool) -> str:
    if not row.name:
        return "Give the field a name."
    if not FIELD_NAME.match(row.name):
        return "Use letters, digits, _ and - only, beginning with a letter."
    if row.name in earlier:
        return "Another field here has the same name. Rename one of them."
    is_choice = "choice" in (row.kind, row.item_kind if row.kind == "array" else "")
    if is_choice and not any(choice.strip() for choice in row.choices.split(",")):
        return "List the allowed values, separated by commas."
    if row.holds_fields and not has_fields and _is_closed(row):
        return "Add at least one field inside."
    return ""


def _is_closed(row: SchemaRow) -> bool:
    """Whether the group takes no other fields than those inside; one from elsewhere may be open, and then it needs none."""
    kept = json.loads(row.item_extra if row.kind == "array" else row.extra)
    return kept.get("additionalProperties") is False
