"""Whether a request comes from whom the webhook trusts: nothing asked, a secret in a header, or a signature over the raw body."""

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.ports import SecretBox
from app.services.signing import SecretPlace, is_signed, reveal_secrets
from app.services.webhooks.errors import Refused, unauthorized
from app.services.webhooks.request import Examined, Incoming, read_content
from app.services.webhooks.settings import WebhookSettings
from engine.json import JsonObject

LONGEST_KEY = 250


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook that takes requests now: all the edge needs before it writes anything."""

    webhook_id: uuid.UUID
    workspace_id: uuid.UUID
    settings: WebhookSettings
    secrets: Sequence[JsonObject]
    is_test: bool = False

    @property
    def hidden_header(self) -> str:
        """The header that carries the secret."""
        return self.settings.auth_header if self.settings.auth in ("secret", "hmac") else ""


def check_method(target: Target, method: str) -> None:
    """Raise Refused for a method that the webhook does not take."""
    allowed = target.settings.methods
    if method not in allowed:
        raise Refused(405, "method_not_allowed", f"This webhook takes {' and '.join(allowed)}, not {method}.")


def examine(target: Target, incoming: Incoming, *, box: SecretBox, now: datetime) -> Examined:
    """Check method, proof and content, and name the message; pure, so that no lock is held meanwhile. Raises Refused."""
    check_method(target, incoming.method)
    proof = _prove(target, incoming, box=box, now=now)
    content = read_content(incoming, hidden=target.hidden_header)
    digest = hashlib.sha256(incoming.method.encode() + b"\x00" + repr(list(incoming.query)).encode() + b"\x00" + incoming.body)
    return Examined(incoming, content, _message_key(target, incoming), digest.hexdigest(), proof, now)


def _prove(target: Target, incoming: Incoming, *, box: SecretBox, now: datetime) -> str:
    auth, place = target.settings.auth, SecretPlace(target.workspace_id, target.webhook_id)
    if auth == "none":
        return ""
    secrets = reveal_secrets(target.secrets, box=box, place=place, now=now)
    if auth == "signature":
        return _prove_signature(incoming, secrets)
    given = incoming.header(target.settings.auth_header)
    if not given:
        raise unauthorized(f"The header {target.settings.auth_header} is missing.", "missing_proof")
    if auth == "secret":
        fits = any(_same(given, secret) or _same(given, f"Bearer {secret}") for secret in secrets)
    else:
        fits = any(_fits_body(given, secret, incoming.body) for secret in secrets)
    if not fits:
        raise unauthorized(f"The header {target.settings.auth_header} does not fit.")
    return ""


def _prove_signature(incoming: Incoming, secrets: Sequence[str]) -> str:
    headers = {name: incoming.header(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    problem = is_signed(secrets, headers, incoming.body)
    if problem:
        raise unauthorized(problem)
    return hashlib.sha256(headers["webhook-timestamp"].partition(".")[0].strip().encode()).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _fits_body(given: str, secret: str, body: bytes) -> bool:
    """An HMAC-SHA256 of the raw body, in hex or base64, with or without `sha256=` before it."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    text = given.strip().removeprefix("sha256=")
    try:
        sent = bytes.fromhex(text) if len(text) == 2 * len(expected) else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(sent, expected)


def _message_key(target: Target, incoming: Incoming) -> str | None:
    settings = target.settings
    name = "webhook-id" if settings.auth == "signature" else settings.key_header
    value = incoming.header(name) if name else ""
    if not value:
        return None
    if len(value) > LONGEST_KEY or not value.isascii() or not value.isprintable():
        raise Refused(400, "bad_key", f"The header {name} must be printable ASCII of at most {LONGEST_KEY} characters.")
    kind = "id" if settings.auth == "signature" else "key"
    return f"{'test ' if target.is_test else ''}{kind}:{value}"
