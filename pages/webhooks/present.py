"""Turns webhook views into what the pages show; the list and the detail page share it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.views import words
from app.views.webhooks import SecretCard, WebhookDetail, WebhookRow

AUTH_WORDS = {
    "secret": "Secret header",
    "signature": "Standard Webhooks signature",
    "hmac": "GitHub-style signature",
    "none": "Address only",
}
REPLY_WORDS = {"accepted": "Answers 202 at once", "result": "Waits for the result"}


@dataclass(frozen=True)
class WebhookItem:
    """One line of the list."""

    id: str = ""
    href: str = ""
    name: str = ""
    workflow: str = ""
    workflow_href: str = ""
    state: str = ""
    reason: str = ""
    auth: str = ""
    reply: str = ""
    last: str = ""
    accepted: str = ""
    refused: str = ""


@dataclass(frozen=True)
class SecretItem:
    """A secret that counts; `note` tells the end of a replaced one."""

    id: str = ""
    ending: str = ""
    note: str = ""
    is_replaced: bool = False


@dataclass(frozen=True)
class MadeItem:
    """What is shown once after making or rotating: the address to copy and the secret."""

    name: str = ""
    href: str = ""
    url: str = ""
    secret: str = ""
    example: str = ""


@dataclass(frozen=True)
class WebhookView:
    """The head and the facts of the detail page."""

    item: WebhookItem = field(default_factory=WebhookItem)
    url: str = ""
    test_url: str = ""
    runs_as: str = ""
    secrets: list[SecretItem] = field(default_factory=list[SecretItem])
    example: str = ""
    listening: str = ""
    can_edit: bool = False
    can_run: bool = False


def webhook_item(row: WebhookRow, *, now: datetime) -> WebhookItem:
    """Present one line."""
    return WebhookItem(
        id=str(row.id),
        href=f"/triggers/webhooks/{row.id}",
        name=row.name,
        workflow=row.workflow_name,
        workflow_href=f"/workflows/{row.workflow_id}",
        state=row.state,
        reason=row.reason,
        auth=AUTH_WORDS.get(row.auth, row.auth),
        reply=REPLY_WORDS.get(row.reply, row.reply),
        last=words.ago(row.last_at, now=now) if row.last_at else "Never",
        accepted=words.count(row.accepted_24h),
        refused=words.count(row.refused_24h),
    )


def secret_item(card: SecretCard, *, now: datetime) -> SecretItem:
    """Present one secret."""
    made = f"made {words.ago(card.created_at, now=now)}"
    note = f"replaced, counts until {words.stamp(card.until)}" if card.until else made
    return SecretItem(card.id, f"…{card.last_four}", note, card.until is not None)


def webhook_view(detail: WebhookDetail, *, now: datetime) -> WebhookView:
    """Present the detail page."""
    return WebhookView(
        item=webhook_item(detail.row, now=now),
        url=detail.url,
        test_url=detail.test_url,
        runs_as=detail.runs_as,
        secrets=[secret_item(card, now=now) for card in detail.secrets],
        example=curl_example(detail),
        listening=words.until(detail.listening_until, now=now) if detail.listening_until else "",
        can_edit=detail.can_edit,
        can_run=detail.can_run,
    )


def curl_example(detail: WebhookDetail, *, secret: str = "", url: str = "") -> str:
    """A request to try in a terminal; a signature has to be computed, so the documentation is named for it."""
    address = url or detail.url
    if not address:
        return ""
    method = detail.methods[0] if detail.methods else "POST"
    lines = [f"curl -X {method} '{address}'"]
    if detail.row.auth == "secret":
        lines.append(f"-H '{detail.auth_header}: {secret or 'YOUR-SECRET'}'")
    if method == "GET":
        query = "&".join(f"{field.name}=…" for field in detail.fields)
        lines[0] = f"curl '{address}{'?' + query if query else ''}'"
    else:
        lines += ["-H 'Content-Type: application/json'", f"-d '{_body(detail)}'"]
    if detail.row.auth in ("signature", "hmac"):
        lines.insert(0, "# Sign the body as docs/webhooks.md shows (Python, JavaScript, shell) and add the headers to:")
        return "\n".join([lines[0], " \\\n  ".join(lines[1:])])
    return " \\\n  ".join(lines)


_SAMPLES: dict[str, Any] = {"integer": "1", "number": "1.5", "boolean": "true", "json": "{}", "list": '["text"]'}


def _body(detail: WebhookDetail) -> str:
    pairs = [f'"{item.name}": {_SAMPLES.get(item.type, chr(34) + "text" + chr(34))}' for item in detail.fields]
    return "{" + ", ".join(pairs) + "}"
