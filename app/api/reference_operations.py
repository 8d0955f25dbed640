"""One operation of the API as it stands on the page at /docs: what it needs, takes and answers, with a request to copy."""

import json
import re
from dataclasses import dataclass
from html import escape
from typing import Any

from app.api.reference_shapes import Line, Shapes, bounds, marked

COMMON = {"400", "401", "403", "404", "409", "413", "422", "429", "503"}
WHO = {
    "anyone": "No key needed.",
    "visitor": "No key needed where the marketplace is public; elsewhere",
    "person": "A person who has signed in (an access token); API keys are refused with 403 <code>person_needed</code>.",
    "page": "A page of this site, with its cookie where somebody is signed in.",
    "operator": "An operator of the installation.",
}
_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z`])")


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path, and what OpenAPI says of it."""

    method: str
    path: str
    spec: dict[str, Any]

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return str(self.spec["operationId"])

    @property
    def words(self) -> tuple[str, str]:
        """The first sentence, and the rest."""
        told = " ".join(str(self.spec.get("description") or self.spec.get("summary") or "").split())
        first, *rest = _SENTENCE.split(told, maxsplit=1)
        return first, " ".join(rest)


def operation_markup(shapes: Shapes, one: Operation) -> str:
    """The fold of one operation."""
    first, rest = one.words
    heading = (
        f'<summary><span class="method {one.method.lower()}">{one.method}</span><code>{escape(one.path)}</code>'
        f'<span class="says">{marked(first)}</span></summary>'
    )
    parts = (
        f"<p>{marked(rest)}</p>" if rest else "",
        f'<p class="needs">{_needs(one.spec.get("x-needs") or {})}</p>',
        _table("Parameters", _parameters(shapes, one.spec), is_placed=True),
        _body(shapes, one.spec),
        _heading("Request"),
        f"<pre>{escape(curl(shapes, one))}</pre>",
        _answers(shapes, one.spec),
    )
    return f'<details class="op" id="{escape(one.anchor)}">{heading}<div class="inner">{"".join(parts)}</div></details>'


def _needs(need: dict[str, Any]) -> str:
    who, scope = str(need.get("who", "")), str(need.get("scope", ""))
    roles = _listed([str(role) for role in need.get("roles", ())])
    asked = f"scope <code>{escape(scope)}</code>, role {roles}." if scope else "any key or access token that counts."
    if who == "visitor":
        return f"{WHO[who]} {asked}"
    return WHO.get(who) or f"Needs {asked}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def _parameters(shapes: Shapes, spec: dict[str, Any]) -> list[tuple[Line, str]]:
    return [(_parameter(shapes, one), one["in"]) for one in spec.get("parameters", ())]


def _parameter(shapes: Shapes, one: dict[str, Any]) -> Line:
    schema = one.get("schema", {})
    words = f"{one.get('description', '')} {bounds(shapes.whole(schema))}".strip()
    return Line(one["name"], shapes.kind(schema).removesuffix(" or null"), words, bool(one.get("required")))


def _content(answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The media type and the schema, with the example that the route itself gives."""
    for kind, content in answer.get("content", {}).items():
        shown = {"examples": [content["example"]]} if "example" in content else {}
        return kind, content.get("schema", {}) | shown
    return "", {}


def _body(shapes: Shapes, spec: dict[str, Any]) -> str:
    kind, schema = _content(spec.get("requestBody", {}))
    if not kind:
        return ""
    lines = [(line, "") for line in shapes.lines(schema)]
    if lines:
        return _table("Body", lines)
    words = str(schema.get("description") or shapes.whole(schema).get("description") or "")
    return f"{_heading('Body')}<p>A JSON {escape(shapes.kind(schema))}: {marked(words)}</p>"


def _table(title: str, lines: list[tuple[Line, str]], *, is_placed: bool = False) -> str:
    if not lines:
        return ""
    rows = "".join(_row(line, place, is_placed) for line, place in lines)
    place = "<th>In</th>" if is_placed else ""
    head = f"<tr><th>Field</th>{place}<th>Type</th><th>What</th></tr>"
    return f'{_heading(title) if title else ""}<div class="scroll" tabindex="0"><table>{head}{rows}</table></div>'


def _row(line: Line, place: str, is_placed: bool) -> str:
    mark = ' <b class="must">required</b>' if line.is_required else ""
    where = f"<td>{escape(place)}</td>" if is_placed else ""
    kind = f'<td class="kind">{escape(line.kind)}</td>'
    return f"<tr><td><code>{escape(line.name)}</code>{mark}</td>{where}{kind}<td>{marked(line.words)}</td></tr>"


def curl(shapes: Shapes, one: Operation) -> str:
    """The request as a shell would send it."""
    spec = one.spec
    method = "" if one.method == "GET" else f" -X {one.method}"
    lines = [f'curl{method} "$AF_URL{_PLACE.sub(_placeholder, one.path)}"']
    if spec.get("security"):
        token = "AF_ACCESS_TOKEN" if spec.get("x-needs", {}).get("who") == "person" else "AF_API_KEY"
        lines.append(f'-H "Authorization: Bearer ${token}"')
    headers = {item["name"].lower() for item in spec.get("parameters", ()) if item["in"] == "header"}
    lines += ["-H 'Idempotency-Key: order-4711'"] if "idempotency-key" in headers else []
    lines += ["-H 'If-Match: \"3\"'"] if "if-match" in headers else []
    kind, schema = _content(spec.get("requestBody", {}))
    if kind == "application/json":
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{_json(shapes.sample(schema, is_sparse=True))}'")
    return " \\\n  ".join(lines)


def _placeholder(found: re.Match[str]) -> str:
    return found[1].upper()


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False).replace("'", "\\u0027")


def _answers(shapes: Shapes, spec: dict[str, Any]) -> str:
    responses: dict[str, Any] = spec["responses"]
    good = "".join(_answer(shapes, status, answer) for status, answer in responses.items() if status[0] in "23")
    own = [f"<b>{status}</b> {marked(answer['description'])}." for status, answer in responses.items() if status in ("412", "428")]
    usual = ", ".join(status for status in responses if status in COMMON)
    refused = f'{" ".join(own)} {usual}: see <a href="#errors">errors</a>.' if usual else " ".join(own)
    return f"{good}{_heading('Refusals')}<p>{refused}</p>" if refused else good


def _answer(shapes: Shapes, status: str, answer: dict[str, Any]) -> str:
    kind, schema = _content(answer)
    title = _heading(f"Answer {status}")
    words = str(answer.get("description", ""))
    if kind == "text/event-stream":
        return f"{title}<p>Server-sent events; see <a href='#streams'>streams</a>.</p>"
    if kind != "application/json" or not schema:
        return f"{title}<p>{marked(words)}{'.' if kind == '' else f' ({escape(kind)}).'}</p>"
    fields = shapes.whole(schema).get("properties", {})
    held = fields.get("data", schema)
    table = _table("", [(Line(line.name, line.kind, line.words, False), "") for line in shapes.lines(held)])
    fold = f"<details class=fields><summary>Fields of the answer</summary>{table}</details>" if table else ""
    return f"{title}<pre>{escape(_json(shapes.sample(schema)))}</pre>{fold}"


def _heading(title: str) -> str:
    return f"<h4>{escape(title)}</h4>"
