"""Shapes of the API's description in words and as samples: for the page at /docs (app/api/reference.py)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

Schema = dict[str, Any]
DEPTH = 4
_CHOICE = re.compile(r"\^\(([a-z_|]+)\)\$")
ID = "0198c0de-7a11-7c3e-9d2b-5f0e6a4b1c2d"
MOMENT = "2026-03-04T09:00:00Z"
FORMATS = {"uuid": ID, "date-time": MOMENT, "date": "2026-03-04", "uri": "https://example.com", "email": "ada@example.com"}
KINDS = {"uuid": "id", "date-time": "moment", "date": "day", "uri": "address"}
# What a text of this name looks like; the first that the name ends with.
SAMPLES = {
    "email": "ada@example.com",
    "password": "a long sentence only you know",
    "currency": "usd",
    "issuer": "https://login.example.com",
    "url": "https://example.com/hook",
    "slug": "card-helper",
    "provider": "openai",
    "model": "demo/assistant",
    "role": "member",
    "domain": "example.com",
    "zone": "Europe/Vienna",
    "code": "123456",
    "day": "2026-03-04",
    "title": "Card questions",
    "name": "Card helper",
    "id": ID,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field: `name` is its path (`limits.max_steps`, `items[].id`), `kind` its type in words."""

    name: str
    kind: str
    words: str
    is_required: bool


class Shapes:
    """The description's schemas by name."""

    def __init__(self, api: dict[str, Any]) -> None:
        self._named: dict[str, Schema] = api["components"]["schemas"]

    def whole(self, schema: Schema) -> Schema:
        """The schema behind a reference, and behind "or null"."""
        for _ in range(8):
            if "$ref" in schema:
                schema = {
                    **self._named.get(schema["$ref"].rpartition("/")[2], {}),
                    **({"description": schema["description"]} if "description" in schema else {}),
                }
                continue
            options = _options(schema)
            if len(options) != 1:
                return schema
            schema = {**options[0], **{key: schema[key] for key in ("description", "default", "examples") if key in schema}}
        return schema

    def lines(self, schema: Schema, *, prefix: str = "", seen: tuple[str, ...] = ()) -> Iterator[Line]:
        """Every field, with those of nested shapes below it."""
        whole = self.whole(schema)
        needed = set(whole.get("required", ()))
        for name, field in whole.get("properties", {}).items():
            words = str(field.get("description") or "")
            yield Line(prefix + name, self.kind(field), f"{words} {bounds(self.whole(field))}".strip(), name in needed)
            yield from self._below(field, prefix + name, seen)

    def _below(self, field: Schema, name: str, seen: tuple[str, ...]) -> Iterator[Line]:
        whole = self.whole(field)
        if whole.get("type") == "array":
            name, whole = f"{name}[]", self.whole(whole.get("items", {}))
        title = str(whole.get("title", ""))
        if whole.get("properties") and title not in seen and len(seen) < DEPTH:
            yield from self.lines(whole, prefix=f"{name}.", seen=(*seen, title))

    def kind(self, schema: Schema) -> str:
        """The type in words: `list of object`, `text or null`, `"a" or "b"`."""
        options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if options:
            return " or ".join(dict.fromkeys(self.kind(one) for one in options))
        whole = self.whole(schema)
        values = whole.get("enum") or ([whole["const"]] if "const" in whole else [])
        if values:
            return " or ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in values)
        named = str(whole.get("type", "any"))
        if named == "array":
            return f"list of {self.kind(whole['items'])}" if "items" in whole else "list"
        if named == "string":
            return KINDS.get(str(whole.get("format", "")), "string")
        return named

    def sample(self, schema: Schema, *, name: str = "", is_sparse: bool = False, seen: tuple[str, ...] = ()) -> Any:
        """A value as it could be; sparse ones hold what is required, or else the first few fields."""
        if schema.get("examples"):
            return schema["examples"][0]
        whole = self.whole(schema)
        if whole.get("examples"):
            return whole["examples"][0]
        if options := _options(whole):
            return self.sample(options[0], name=name, is_sparse=is_sparse, seen=seen)
        if "const" in whole or whole.get("enum"):
            return whole.get("const", (whole.get("enum") or [None])[0])
        kind = whole.get("type")
        if kind == "object" or "properties" in whole:
            return self._object(whole, is_sparse, seen)
        if "prefixItems" in whole:
            return [self.sample(one, is_sparse=is_sparse, seen=seen) for one in whole["prefixItems"]]
        if kind == "array":
            item = whole.get("items", {})
            return [self.sample(item, name=name.removesuffix("s"), is_sparse=is_sparse, seen=seen)] if item else []
        return _plain(whole, name)

    def _object(self, whole: Schema, is_sparse: bool, seen: tuple[str, ...]) -> Schema:
        title, fields = str(whole.get("title", "")), whole.get("properties", {})
        if not fields or title in seen or len(seen) > 2 * DEPTH:
            return {}
        chosen = [name for name in fields if name in whole.get("required", ())] if is_sparse else list(fields)
        return {name: self.sample(fields[name], name=name, is_sparse=is_sparse, seen=(*seen, title)) for name in chosen or list(fields)[:3]}


def marked(words: str) -> str:
    """Escaped, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _options(schema: Schema) -> list[Schema]:
    return [one for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if one.get("type") != "null"]


def _plain(whole: Schema, name: str) -> Any:
    kind, default = whole.get("type"), whole.get("default")
    if kind == "null" or kind is None:
        return default
    if kind == "boolean":
        return bool(default)
    if kind in ("integer", "number"):
        return default if default is not None else max(1, whole.get("minimum", 1))
    if default:
        return default
    if choice := _CHOICE.fullmatch(str(whole.get("pattern", ""))):
        return choice[1].partition("|")[0]
    if whole.get("format") in FORMATS:
        return FORMATS[whole["format"]]
    if name.endswith("_at"):
        return MOMENT
    return next((text for ending, text in SAMPLES.items() if name == ending or name.endswith(f"_{ending}")), "…")


def bounds(whole: Schema) -> str:
    """What else a value must keep, in words."""
    told: list[str] = []
    if choice := _CHOICE.fullmatch(str(whole.get("pattern", ""))):
        told.append(f"One of {choice[1].replace('|', ', ')}.")
    told += [f"{words} {_number(whole[key])}." for key, words in (("minimum", "At least"), ("maximum", "At most")) if key in whole]
    if "maxItems" in whole:
        told.append(f"At most {_number(whole['maxItems'])} of them.")
    if "maxLength" in whole:
        told.append(f"At most {_number(whole['maxLength'])} characters.")
    default = whole.get("default")
    if isinstance(default, bool) or default:
        told.append(f"Default: {default if isinstance(default, str) else json.dumps(default)}.")
    return " ".join(told)


def _number(value: float) -> str:
    return f"{value:,.15g}"
