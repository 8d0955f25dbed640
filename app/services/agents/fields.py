"""The fields of an agent in the words of the form, and which of them differ between two definitions."""

from engine.json import JsonObject, JsonValue
from engine.spec.agent import AgentLimits, AgentSpec
from engine.words import as_words

_HIDDEN = frozenset({"schema_version"})


def flat_fields(spec: JsonObject) -> dict[str, JsonValue]:
    """Return a definition as flat dotted fields: `limits.max_steps` counts on its own, everything else as a whole."""
    fields = {name: value for name, value in spec.items() if name not in _HIDDEN and name != "limits"}
    fields.update({f"limits.{name}": value for name, value in (spec.get("limits") or {}).items()})
    return fields


def unflatten(fields: dict[str, JsonValue]) -> JsonObject:
    """Undo flat_fields."""
    spec: JsonObject = {name: value for name, value in fields.items() if not name.startswith("limits.")}
    limits = {name.removeprefix("limits."): value for name, value in fields.items() if name.startswith("limits.")}
    return {**spec, "limits": limits} if limits else spec


def label_of(field: str) -> str:
    """Return the form's label of a dotted field."""
    group, _, name = field.partition(".")
    known = AgentLimits.model_fields.get(name) if group == "limits" and name else AgentSpec.model_fields.get(field)
    return (known.title if known else None) or as_words(field[:80])


def changed_fields(before: JsonObject, after: JsonObject) -> list[str]:
    """Return the dotted fields that differ, in the order of the form."""
    old, new = flat_fields(before), flat_fields(after)
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def shown(value: JsonValue) -> str:
    """Return a value as a short text for a comparison."""
    if value is None or value in ("", [], ()):
        return "(empty)"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        names = ", ".join((value.get("properties") or {}).keys())
        return f"fields: {names}" if names else "a JSON object"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 400 else f"{text[:400]}…"
