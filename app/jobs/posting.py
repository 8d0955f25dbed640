"""One attempt to deliver a message: signed as Standard Webhooks say, through the guarded client, without following redirects."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from app.core.errors import AppError
from app.core.ports import SecretBox
from app.core.redaction import Redactor
from app.services.outgoing.rows import place_of
from app.services.outgoing.sending import Outcome, Owed
from app.services.signing import reveal_secrets, sign
from engine.errors import NodeFailed
from engine.json import JsonObject
from engine.ports import HttpClient, HttpRequest, HttpResponse
from models.base import utc_now

TIMEOUT_S = 15.0
ANSWER_BYTES = 16_000  # what is read of an answer
EXCERPT = 4_000  # characters of it that are kept
_REDACT = Redactor(keep_lines=True)
_KEPT_HEADERS = frozenset({"content-type", "content-length", "date", "location", "retry-after", "server", "x-request-id"})


async def post_message(owed: Owed, *, http: HttpClient, box: SecretBox) -> Outcome:
    """Send it once and tell how that ended; never raises for what the receiver or the network does."""
    began = time.monotonic()
    now = utc_now()
    try:
        secrets = reveal_secrets(owed.secrets, box=box, place=place_of(owed.workspace_id, owed.endpoint_id), now=now)
        request = _request(owed, secrets, now)
        answer = await http.send(request)
    except (NodeFailed, AppError) as error:
        return Outcome(None, error.message, {}, "", _since(began))
    return _judge(answer, _since(began), now)


def _request(owed: Owed, secrets: list[str], now: datetime) -> HttpRequest:
    body = json.dumps(owed.payload, separators=(",", ":"))
    headers = {
        "content-type": "application/json",
        "user-agent": "AgentFactory-Webhooks/1",
        "webhook-id": str(owed.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": sign(secrets, message_id=str(owed.id), at=now, body=body),
    }
    return HttpRequest(
        "POST", owed.url, headers, body.encode(), timeout_s=TIMEOUT_S, max_bytes=ANSWER_BYTES, follow_redirects=False, cut_body=True
    )


def _judge(answer: HttpResponse, duration_ms: float, now: datetime) -> Outcome:
    excerpt = _REDACT.text(answer.body.decode("utf-8", errors="replace").replace("\x00", "")[:EXCERPT], keep_lines=True)
    headers: JsonObject = {name: value[:500] for name, value in answer.headers.items() if name in _KEPT_HEADERS}
    return Outcome(answer.status, _problem(answer), headers, excerpt, duration_ms, _retry_after_s(answer.headers, now))


def _problem(answer: HttpResponse) -> str:
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("location", "")[:300])
        where = f" to {target.scheme}://{target.hostname}" if target.scheme and target.hostname else ""
        return f"The receiver redirects{where} ({answer.status}). Signed messages follow no redirect: enter the final address."
    return f"The receiver answered {answer.status}. A status from 200 to 299 counts as received."


def _retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
