"""Turns `--input name=value`, `--input-file` and `--test` into a run's inputs, by the types of the start form."""

import json
from collections.abc import Sequence
from pathlib import Path

from app.cli.terminal import wrong
from engine.errors import Permanent, SpecError
from engine.json import JsonObject, JsonValue
from engine.nodes.fields import FormField, read_form
from engine.spec.guard import parse_json

_YES = frozenset({"true", "yes", "y", "1", "on"})
_NO = frozenset({"false", "no", "n", "0", "off"})


def gather_inputs(fields: Sequence[FormField], *, given: Sequence[str], file: str, sample: JsonObject | None) -> JsonObject:
    """The inputs: a test's, overlaid by the file's, overlaid by the single ones; checked against the form."""
    inputs: JsonObject = {**(sample or {}), **(_read_object(file) if file else {})}
    by_name = {field.name: field for field in fields}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            wrong(f"'{text[:60]}' is not name=value", option="--input")
        inputs[name] = _typed(_read_text(value[1:]) if value.startswith("@") else value, by_name.get(name))
    if not fields:
        return inputs
    try:
        return read_form(tuple(fields), inputs)
    except Permanent as error:
        problems = "\n".join(f"  {name} {problem}" for name, problem in error.details.items())
        known = ", ".join(f"{field.name}{'' if field.required and field.default is None else '?'}" for field in fields)
        wrong(f"these inputs need a look:\n{problems}\nThe workflow asks for: {known}", option="--input")


def _typed(text: str, field: FormField | None) -> JsonValue:
    """The text as its field's type; without a field, JSON where it is JSON."""
    kind = field.type if field else "json"
    if kind in ("text", "long_text", "choice", "date"):
        return text
    if kind == "boolean":
        word = text.strip().lower()
        return True if word in _YES else False if word in _NO else text
    if kind == "list" and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _read_object(file: str) -> JsonObject:
    try:
        value = parse_json(_read_text(file))
    except SpecError as error:
        wrong(f"{file}: {error.findings[0]}", option="--input-file")
    if not isinstance(value, dict):
        wrong(f"{file} must hold a JSON object with one value per field", option="--input-file")
    return value


def _read_text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        wrong(f"cannot read {file} as UTF-8 text: {error}")
