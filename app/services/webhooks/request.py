"""A request to a webhook as it came in, and what of it a workflow and the delivery log may see."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from urllib.parse import parse_qsl

from app.core.redaction import Redactor
from app.services.webhooks.errors import Refused
from engine.errors import SpecError
from engine.json import JsonObject, JsonValue, clean_value
from engine.spec.guard import JsonLimits, parse_json

MOST_PAIRS = 1000
EXCERPT_CHARS = 16_000
BODY_LIMITS = JsonLimits(depth=40, values=200_000, string_chars=1_000_000, total_chars=1_000_000)
_PRIVATE_HEADER = re.compile(r"auth|cookie|secret|token|signature|api-?key|password|session|credential", re.IGNORECASE)
_PROXY_HEADERS = frozenset({"connection", "keep-alive", "te", "upgrade", "via", "x-real-ip", "forwarded"})
_redactor = Redactor(max_depth=40, keep_lines=True)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request; headers and query in the order they came, names of headers in small letters. `began` measures how long it took."""

    method: str
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    body: bytes
    address: str = ""
    began: float = 0.0

    def header(self, name: str) -> str:
        """The one value of a header, or ""; the same header twice could mean one thing here and another to a proxy, so it is refused."""
        values = [value for key, value in self.headers if key == name.lower()]
        if len(values) > 1:
            raise Refused(400, "duplicate_header", f"The header {name} was sent {len(values)} times. Send it once.")
        return values[0] if values else ""


@dataclass(frozen=True, slots=True)
class Content:
    """What is passed on: headers without credentials, the query, and the body as a JSON value."""

    method: str
    headers: dict[str, str]
    query: JsonObject
    body: JsonValue
    content_type: str = ""
    is_text_only: bool = False  # every value is text, as in forms and queries
    raw_body: str = ""  # as it was sent, for who wants to check a signature or parse it otherwise

    def scope(self) -> JsonObject:
        """The names that templates of a mapping see."""
        return {"method": self.method, "headers": self.headers, "query": self.query, "body": self.body, "raw_body": self.raw_body}


@dataclass(frozen=True, slots=True)
class Kept:
    """What the log shows of a request, with secrets blanked."""

    headers: dict[str, str]
    query: JsonObject
    excerpt: str
    sample: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Examined:
    """A request that proved where it comes from. `dedupe_key` names the message; `proof` tells a replay from a second try."""

    incoming: Incoming
    content: Content
    dedupe_key: str | None
    request_hash: str
    proof: str
    at: datetime


def read_content(incoming: Incoming, *, hidden: str) -> Content:
    """Parse by content type; `hidden` is the header that carries the webhook's own secret. Raises Refused with 400 or 415."""
    kind, charset = _content_type(incoming)
    body, is_form = _parse_body(incoming.body, kind, charset)
    return Content(
        method=incoming.method,
        headers=public_headers(incoming.headers, hidden=hidden),
        query=_pairs(incoming.query),
        body=body,
        content_type=kind,
        is_text_only=is_form,
        raw_body=str(clean_value(incoming.body.decode("utf-8", "replace"))),
    )


def public_headers(headers: Sequence[tuple[str, str]], *, hidden: str) -> dict[str, str]:
    """Headers without credentials, cookies, signatures and what proxies add; values of one name joined."""
    kept: dict[str, str] = {}
    for name, value in headers[:200]:
        key = name.lower()
        if key == hidden.lower() or _PRIVATE_HEADER.search(key) or key in _PROXY_HEADERS or key.startswith("x-forwarded-"):
            continue
        text = str(clean_value(value))[:4000]
        kept[key[:100]] = f"{kept[key[:100]]}, {text}" if key[:100] in kept else text
    return kept


def keep(content: Content) -> Kept:
    """The request for the eyes of people."""
    query = _redactor.plain(content.query)
    body = _redactor.plain(content.body)
    headers = _redactor.plain(content.headers)
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False, indent=2)
    is_small = len(text) <= 4 * EXCERPT_CHARS
    sample: JsonObject = {"method": content.method, "headers": headers, "query": query, "body": body} if is_small else {}
    return Kept(headers, query, _shorten(text), sample)


def keep_raw(incoming: Incoming, *, hidden: str) -> Kept:
    """The same for a request that was refused before its body was understood: only its beginning."""
    text = _redactor.text(incoming.body[:2000].decode("utf-8", "replace").replace("\x00", "\ufffd"), keep_lines=True)
    query = _redactor.plain(_pairs(incoming.query[:50]))
    return Kept(_redactor.plain(public_headers(incoming.headers, hidden=hidden)), query, text)


def shorten_reply(text: str) -> str:
    """An answer as the log keeps it."""
    return _shorten(_redactor.text(text[: EXCERPT_CHARS + 1].replace("\x00", "\ufffd"), keep_lines=True))


def _shorten(text: str) -> str:
    return text if len(text) <= EXCERPT_CHARS else f"{text[:EXCERPT_CHARS]}…"


def _content_type(incoming: Incoming) -> tuple[str, str]:
    header = incoming.header("content-type")
    message = Message()
    message["content-type"] = header or "application/octet-stream"
    charset = message.get_param("charset", "utf-8")
    return (message.get_content_type() if header else ""), str(charset).lower()


def _parse_body(raw: bytes, kind: str, charset: str) -> tuple[JsonValue, bool]:
    if not raw:
        return None, False
    if kind == "application/json" or kind.endswith("+json"):
        return _parse_json(raw), False
    if kind == "application/x-www-form-urlencoded":
        return _parse_form(_decode(raw, "utf-8")), True
    if kind.startswith("text/") or kind in ("application/xml", "application/x-ndjson", "application/graphql") or kind.endswith("+xml"):
        return _decode(raw, charset), False
    named = f"{kind} is not taken here" if kind else "The request has a body but no Content-Type"
    remedy = "Send JSON (application/json), form fields (application/x-www-form-urlencoded) or text (text/plain)."
    if kind == "multipart/form-data":
        remedy = "Files are not taken. Send the fields as application/x-www-form-urlencoded or JSON, and a link to the file."
    raise Refused(415, "wrong_media_type", f"{named}. {remedy}")


def _parse_json(raw: bytes) -> JsonValue:
    try:
        return parse_json(raw, limits=BODY_LIMITS)
    except SpecError as error:
        finding = error.findings[0]
        place = f" Line {finding.line}, column {finding.column}." if finding.line else ""
        words = f"{finding.message} {finding.remedy}".strip() + place
        raise Refused(400, "bad_body", f"The body cannot be read as JSON. {words}", fields={finding.field or "body": words}) from error


def _parse_form(text: str) -> JsonObject:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_PAIRS)
    except ValueError as error:
        hint = " It looks like JSON: send the header Content-Type: application/json." if text.lstrip()[:1] in ("{", "[") else ""
        raise Refused(400, "bad_body", f"The body cannot be read as form fields.{hint}") from error
    return _pairs(pairs)


def _pairs(pairs: Sequence[tuple[str, str]]) -> JsonObject:
    """A name that comes once has a text, one that comes more often a list of texts."""
    found: JsonObject = {}
    for name, value in pairs[:MOST_PAIRS]:
        key, text = str(clean_value(name))[:200], clean_value(value)
        if key not in found:
            found[key] = text
        elif isinstance(found[key], list):
            found[key].append(text)
        else:
            found[key] = [found[key], text]
    return found


def _decode(raw: bytes, charset: str) -> str:
    try:
        text = raw.decode("utf-8-sig" if charset in ("utf-8", "utf8", "us-ascii") else charset)
    except (LookupError, UnicodeDecodeError) as error:
        raise Refused(415, "wrong_media_type", "The body is not text in UTF-8. Binary content is not taken; send JSON or text.") from error
    return str(clean_value(text))
