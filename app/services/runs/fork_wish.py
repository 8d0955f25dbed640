"""What a client asks of a fork, read from untrusted arguments: which point, which version, and which values are written by hand."""

from dataclasses import dataclass
from typing import Any, cast

from app.core.errors import Invalid, LimitReached, NotFound
from app.core.text import text_problem
from app.services.runs.inputs import check_inputs
from engine.json import JsonObject, JsonValue

HOWS = ("from", "failed", "moment")
VERSIONS = ("same", "current")
FIELDS = ("output", "inputs")
MAX_EDITS = 100


@dataclass(frozen=True, slots=True)
class Edit:
    """A value that a person wrote in place of a recorded one."""

    node: str
    iteration: str
    field: str
    value: JsonValue
    port: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkWish:
    """`how`: from a step on, from what failed on, or as things stood at a moment (`seq`, None: at the end)."""

    how: str
    node: str = ""
    iteration: str = ""
    seq: int | None = None
    version: str = "same"
    edits: tuple[Edit, ...] = ()
    with_pins: bool = False


def read_wish(*, how: object, node: object, iteration: object, seq: object, version: object, edits: object) -> ForkWish:
    """Raise Invalid with one message per argument."""
    if not isinstance(how, str) or how not in HOWS:
        raise _refuse("how", f"Choose one of: {', '.join(HOWS)}.")
    if not isinstance(version, str) or version not in VERSIONS:
        raise _refuse("version", f"Choose one of: {', '.join(VERSIONS)}.")
    if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool) or seq < 1):
        raise _refuse("seq", "The moment is the number of a journal entry, from 1.")
    place = read_place(node, iteration) if how == "from" else ("", "")
    return ForkWish(how=how, node=place[0], iteration=place[1], seq=seq, version=version, edits=read_edits(edits))


def read_place(node: object, iteration: object) -> tuple[str, str]:
    """A step's id and the entry it ran for; what cannot be one is not found."""
    if text_problem(node, max_length=63, label="Step") or text_problem(iteration, max_length=120, label="Entry") or not node:
        raise NotFound("This step")
    return str(node), str(iteration)


def read_edits(edits: object) -> tuple[Edit, ...]:
    """`[{node, iteration, field, value, port}]`; the value is plain JSON of a sane size."""
    if edits is None:
        return ()
    if not isinstance(edits, list):
        raise _refuse("edits", "Give a list of values, each with node, field and value.")
    if len(edits) > MAX_EDITS:
        raise LimitReached(f"At most {MAX_EDITS} values can be changed at once.")
    return tuple(_read_edit(edit) for edit in cast("list[object]", edits))


def _read_edit(edit: object) -> Edit:
    if not isinstance(edit, dict):
        raise _refuse("edits", "Each value is an object with node, field and value.")
    given = cast("dict[str, Any]", edit)
    node, iteration = read_place(given.get("node"), given.get("iteration") or "")
    field, port = given.get("field", "output"), given.get("port")
    if field not in FIELDS:
        raise _refuse("edits", f"What is changed of '{node}' is one of: {', '.join(FIELDS)}.")
    if port is not None and text_problem(port, max_length=63, label="Port"):
        raise _refuse("edits", f"The way out of '{node}' is the name of one of its ports.")
    return Edit(node, iteration, str(field), check_value({"value": given.get("value")}, node), port or None)


def check_value(value: JsonObject, node: str) -> JsonValue:
    """The value, or Invalid under the step's id."""
    try:
        return check_inputs(value)["value"]
    except Invalid as refused:
        message = next(iter(refused.fields.values()), refused.message)
        raise Invalid(f"The value for '{node}' cannot be used: {message}", fields={node: message}) from refused


def _refuse(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: message})
