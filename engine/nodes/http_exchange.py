"""Between the HTTP node's config and the wire: encoding the request, judging and decoding the answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message as Headers
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from engine.errors import Permanent, Transient
from engine.json import JsonObject, JsonValue, clean_value
from engine.nodes.http_config import HttpConfig
from engine.ports import HttpRequest, HttpResponse

MAX_BYTES = 900_000
TEXT_BESIDE_JSON = 100_000  # a longer JSON answer is kept once, as `json`


def build_request(config: HttpConfig, *, key: str) -> HttpRequest:
    """The request as it leaves; what changes something carries the step's Idempotency-Key."""
    headers = {name.strip(): value for name, value in config.headers.items() if name.strip()}
    body, content_type = _encode(config)
    _default(headers, "Accept", "application/json, text/*;q=0.9, */*;q=0.5")
    if content_type:
        _default(headers, "Content-Type", content_type)
    if config.method not in ("GET", "HEAD"):
        _default(headers, "Idempotency-Key", key)
    for name, value in headers.items():
        if any(sign in name + value for sign in "\r\n\x00"):
            raise Permanent("invalid_header", f"The header '{name[:40]}' holds a line break.", field="headers")
    return HttpRequest(
        config.method,
        _address(config.url, config.query),
        headers,
        body,
        config.timeout_s,
        MAX_BYTES,
        credential=config.credential,
    )


def _address(url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Permanent("invalid_url", "The address must start with http:// or https:// and name a host.", field="url")
    if not query:
        return url.strip()
    joined = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, parts.fragment))


def _default(headers: dict[str, str], name: str, value: str) -> None:
    if name.lower() not in {known.lower() for known in headers}:
        headers[name] = value


def _encode(config: HttpConfig) -> tuple[bytes | None, str]:
    if config.body_type == "json":
        return json.dumps(config.body_json, ensure_ascii=False, allow_nan=False).encode(), "application/json"
    if config.body_type == "text":
        return config.body_text.encode(), "text/plain; charset=utf-8"
    if config.body_type == "form":
        return urlencode(config.body_form).encode(), "application/x-www-form-urlencoded"
    return None, ""


def read_response(response: HttpResponse, expect: str, *, now: datetime) -> JsonObject:
    """The node's output, or the failure that the status stands for."""
    text = _decode(response)
    if not _is_expected(response.status, expect):
        raise _refusal(response, text, now)
    parsed = _parse(response, text)
    is_doubled = parsed is not None and len(text) > TEXT_BESIDE_JSON
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}
    return {"status": response.status, "headers": headers, "body": "" if is_doubled else text, "json": parsed}


def _is_expected(status: int, expect: str) -> bool:
    return any(part.strip() in (str(status), f"{status // 100}xx") for part in expect.split(","))


def _refusal(response: HttpResponse, text: str, now: datetime) -> Transient | Permanent:
    status = response.status
    shown = " ".join(text[:300].split())
    message = f"The other side answered {status}" + (f": {shown}" if shown else ".")
    if status in (408, 425, 429) or status >= 500:
        return Transient("http_status", message, delay_s=_retry_after(response, now), details={"status": status})
    return Permanent("http_status", message, details={"status": status})


def _retry_after(response: HttpResponse, now: datetime) -> float | None:
    value = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "").strip()
    if value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _decode(response: HttpResponse) -> str:
    charset = _content_type(response).get_param("charset", "utf-8")
    try:
        text = response.body.decode(charset if isinstance(charset, str) else "utf-8", errors="replace")
    except LookupError:
        text = response.body.decode("utf-8", errors="replace")
    return text.replace("\x00", "\ufffd")


def _content_type(response: HttpResponse) -> Headers:
    headers = Headers()
    headers["content-type"] = next((value for name, value in response.headers.items() if name.lower() == "content-type"), "text/plain")
    return headers


def _parse(response: HttpResponse, text: str) -> JsonValue:
    """The JSON value of an answer that says it is JSON or looks like it; None otherwise."""
    kind = _content_type(response).get_content_type()
    if not (kind.endswith("json") or text.lstrip()[:1] in ("{", "[")):
        return None
    try:
        return clean_value(json.loads(text))
    except (ValueError, RecursionError):
        return None
