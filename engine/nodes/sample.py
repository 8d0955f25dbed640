"""An example value of a JSON Schema, always the same for the same schema: what a dry run uses in place of a result."""

from datetime import datetime
from typing import Any

from engine.json import JsonObject, JsonSchema, JsonValue, as_list, as_object

MAX_DEPTH = 12
MAX_ITEMS = 5
MAX_VALUES = 1000  # references can make a small schema describe an endless value
_TEXTS = {"email": "someone@example.com", "uri": "https://example.com", "uuid": "00000000-0000-4000-8000-000000000000", "time": "12:00:00"}


def sample(schema: JsonSchema, *, now: datetime) -> JsonValue:
    """The schema's own default or example where it has one, otherwise the plainest value that fits; None where it says nothing."""
    return _Sampling(schema, now).value(schema, 0)


class _Sampling:
    def __init__(self, root: JsonSchema, now: datetime) -> None:
        self.root = root
        self.now = now
        self.left = MAX_VALUES

    def value(self, schema: Any, depth: int) -> JsonValue:
        self.left -= 1
        known = as_object(schema)
        if known is None or depth > MAX_DEPTH or self.left < 0:
            return None
        for key in ("const", "default"):
            if key in known:
                return known[key]
        for key in ("examples", "enum"):
            if choices := as_list(known.get(key)):
                return choices[0]
        if "$ref" in known:
            return self.value(self._follow(known["$ref"]), depth + 1)
        for key in ("anyOf", "oneOf", "allOf"):
            if parts := as_list(known.get(key)):
                return self.value(parts[0], depth + 1)
        return self._plain(known, depth)

    def _plain(self, schema: JsonObject, depth: int) -> JsonValue:
        match _type_of(schema):
            case "object":
                fields = as_object(schema.get("properties")) or {}
                return {name: self.value(part, depth + 1) for name, part in fields.items() if self.left > 0}
            case "array":
                count = min(_whole(schema.get("minItems"), 1), MAX_ITEMS) if "items" in schema else 0
                return [self.value(schema["items"], depth + 1) for _ in range(count)]
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return _whole(schema.get("minimum"), 1)
            case "boolean":
                return True
            case _:
                return None

    def _text(self, schema: JsonObject) -> str:
        form = schema.get("format")
        if form == "date-time":
            return self.now.isoformat()
        if form == "date":
            return self.now.date().isoformat()
        text = _TEXTS.get(str(form), "Example text")
        return text.ljust(min(_whole(schema.get("minLength"), 0), 1000), ".") if form is None else text

    def _follow(self, reference: Any) -> Any:
        """A reference inside the schema, such as #/$defs/item, or # for the whole of it."""
        place: Any = self.root
        for part in str(reference).removeprefix("#").strip("/").split("/"):
            inner = as_object(place) if part else self.root
            place = inner.get(part) if inner is not None and part else inner
        return place


def _type_of(schema: JsonObject) -> Any:
    kind: Any = schema.get("type")
    if kinds := as_list(kind):
        return next((one for one in kinds if one != "null"), "null")
    if kind is None:
        return "object" if "properties" in schema else "array" if "items" in schema else None
    return kind


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else otherwise
