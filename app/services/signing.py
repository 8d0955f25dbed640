"""Secrets of webhooks, both ways: made, sealed in their row, several at once during a rotation, used as Standard Webhooks say."""

import base64
import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.core.errors import Unavailable
from app.core.ports import SealBroken, SecretBox
from app.views.webhooks import SecretCard
from engine.json import JsonObject

PREFIX = "whsec_"
OVERLAP = timedelta(hours=24)  # how long a replaced secret still counts
MOST = 5
TOLERANCE_S = 300  # of the Standard Webhooks library


class SecretUnreadable(Unavailable):
    """The installation's secret key is not the one it was sealed with."""

    code = "secret_unreadable"

    def __init__(self) -> None:
        super().__init__("The secret cannot be read, because this installation's secret key has changed. Make a new secret.")


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """What a secret is sealed to: `owner` is the row that keeps it."""

    workspace_id: object
    owner: object

    def of(self, secret_id: str) -> str:
        """The context of one secret."""
        return f"signing:{self.workspace_id}:{self.owner}:{secret_id}"


def make_secret() -> str:
    """192 random bits in the form that Standard Webhooks libraries take."""
    return PREFIX + base64.b64encode(randomness.token_bytes(24)).decode()


def add_secret(kept: Sequence[JsonObject], plain: str, *, box: SecretBox, place: SecretPlace, now: datetime) -> list[JsonObject]:
    """The list with a new first secret; those before it count for the overlap only."""
    secret_id = randomness.token_hex(8)
    added = {
        "id": secret_id,
        "sealed": box.seal(plain.encode(), context=place.of(secret_id)),
        "last_four": plain[-4:],
        "created_at": now.isoformat(),
        "until": None,
    }
    earlier = [{**item, "until": item["until"] or (now + OVERLAP).isoformat()} for item in active_secrets(kept, now)]
    return [added, *earlier][:MOST]


def active_secrets(kept: Sequence[JsonObject], now: datetime) -> list[JsonObject]:
    """Those that count now, newest first."""
    return [item for item in kept if not item.get("until") or datetime.fromisoformat(item["until"]) > now]


def without_secret(kept: Sequence[JsonObject], secret_id: object, now: datetime) -> list[JsonObject]:
    """The list without one of the replaced secrets; the newest stays whatever is asked."""
    return [item for index, item in enumerate(active_secrets(kept, now)) if index == 0 or item["id"] != secret_id]


def reveal_secrets(kept: Sequence[JsonObject], *, box: SecretBox, place: SecretPlace, now: datetime) -> list[str]:
    """The secrets that count now, for use at once; raises SecretUnreadable when none opens."""
    current = active_secrets(kept, now)
    opened: list[str] = []
    for item in current:
        try:
            opened.append(box.open(item["sealed"], context=place.of(item["id"])).decode())
        except SealBroken:
            continue
    if current and not opened:
        raise SecretUnreadable()
    return opened


def secret_cards(kept: Sequence[JsonObject], now: datetime) -> tuple[SecretCard, ...]:
    """What may be shown of them."""
    return tuple(
        SecretCard(
            id=item["id"],
            last_four=item["last_four"],
            created_at=datetime.fromisoformat(item["created_at"]),
            until=datetime.fromisoformat(item["until"]) if item.get("until") else None,
        )
        for item in active_secrets(kept, now)
    )


def sign(secrets: Sequence[str], *, message_id: str, at: datetime, body: str) -> str:
    """The `webhook-signature` header: one signature per secret that counts."""
    return " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets)


def is_signed(secrets: Sequence[str], headers: dict[str, str], body: bytes) -> str:
    """Check `webhook-id`, `-timestamp` and `-signature` over the raw body; returns "" or what is wrong in plain words."""
    problem = "There is no secret to check the signature with."
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers, json_parse=False)
        except WebhookVerificationError as error:
            problem = _PROBLEMS.get(str(error), "The signature does not fit the body, the headers and the secret.")
        except ValueError:  # what the library's parsing trips over: bad base64, a body that is not UTF-8
            problem = "The signature cannot be read. It looks like v1,<base64>, over a body in UTF-8."
        else:
            return ""
    return problem


_PROBLEMS = {
    "Missing required headers": "The headers webhook-id, webhook-timestamp and webhook-signature are required.",
    "Invalid Signature Headers": "The header webhook-timestamp is not a Unix time in seconds.",
    "Message timestamp too old": f"The message is older than {TOLERANCE_S} seconds. Sign it anew, and check the sender's clock.",
    "Message timestamp too new": f"The message is dated more than {TOLERANCE_S} seconds ahead. Check the sender's clock.",
}
