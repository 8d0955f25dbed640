"""Test values: what the variables in an agent's instructions are during a chat, where no workflow fills them."""

import re
from datetime import datetime
from typing import Any

from app.core.errors import Invalid
from app.services.agents.variables import KNOWN, loose_references, needed_values
from app.services.runs.inputs import check_inputs
from app.views.agents import NeededValue
from engine.expressions.errors import ExpressionError, closest
from engine.expressions.moments import moments
from engine.expressions.template import compile_template
from engine.json import JsonObject, JsonValue
from engine.spec.agent import AgentSpec

MAX_TEXT = 20_000
MISSING = "Give {} a value: the instructions use it."
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")  # what a step that sets variables can call one


def checked_values(spec: AgentSpec, values: object, *, now: datetime) -> JsonObject:
    """Return the values by path (`inputs.customer.name`) that the instructions name; raises Invalid with a message per path."""
    given = check_inputs(values if values is not None else {})
    needed = needed_values(spec.instructions)
    problems = {one.path: problem for one in needed if (problem := _problem(one, given.get(one.path)))}
    kept: JsonObject = {one.path: given[one.path] for one in needed if not _is_missing(given.get(one.path))}
    missing = [one.path for one in needed if one.path not in kept]
    problems = problems or _rendering_problems(spec.instructions, kept, missing=missing, now=now)
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return kept


def nested(values: JsonObject, root: str) -> JsonObject:
    """Return the values below `inputs` or `vars` as the object that templates see."""
    whole: JsonObject = {}
    for path, value in values.items():
        first, *names = path.split(".")
        if first != root:
            continue
        holder: dict[str, Any] = whole
        for name in names[:-1]:
            holder = holder.setdefault(name, {})
        holder[names[-1]] = value
    return whole


def _is_missing(value: JsonValue) -> bool:
    return value is None or value == ""


def _problem(needed: NeededValue, value: JsonValue) -> str:
    root, name, *_ = needed.path.split(".")
    if root == "vars" and not _VARIABLE.fullmatch(name):
        return f"No step can set {needed.path}: names of variables are lower-case letters, digits and _. Rename it in the instructions."
    if _is_missing(value):
        return MISSING.format(needed.path) if needed.is_required else ""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{needed.path} is longer than {MAX_TEXT:,} characters."
    if needed.type == "number" and not _is_number(value):
        return f"{needed.path} must be a number, such as 12.5: the instructions calculate with it."
    if needed.type == "list" and not isinstance(value, list):
        return f"{needed.path} must be a list: the instructions go through its entries."
    return ""


def _is_number(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return re.fullmatch(r"\s*[+-]?\d+(?:\.\d+)?\s*", value) is not None
    return isinstance(value, int | float)


def _rendering_problems(instructions: str, kept: JsonObject, *, missing: list[str], now: datetime) -> dict[str, str]:
    """Render once, as the run will, so that what does not fit is told before the answer and not by its failure."""
    inputs = {"message": "", "history": [], **nested(kept, "inputs")}
    try:
        compile_template(instructions).render({"inputs": inputs, "vars": nested(kept, "vars"), **moments(now)})
    except ExpressionError as error:
        wanted = [path for path in missing if f"'{path.rsplit('.', 1)[-1]}'" in error.message]
        if wanted:
            return {path: MISSING.format(path) for path in wanted}
        return {"instructions": _unknown(instructions, error) or f"With these test values the instructions cannot be written out: {error}"}
    return {}


def _unknown(instructions: str, error: ExpressionError) -> str:
    """What to write when the failure is about a name that is no root and resembles none: it was meant as an input."""
    for reference in loose_references(instructions):
        if f"called '{reference.root}'" in error.message and closest(reference.root, KNOWN) is None:
            place = f"line {reference.line}, column {reference.column}"
            remedy = f"Write 'inputs.{reference}' instead; its value is asked for here."
            return f"The instructions use '{reference}' ({place}), and nothing has that name. {remedy}"
    return ""
