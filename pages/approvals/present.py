"""Turns an approval into a card to decide on."""

from dataclasses import dataclass, field
from datetime import datetime

from app.views import words
from app.views.runs import ApprovalCard
from components.forms.answers import AnswerField, answer_fields, as_text
from engine.json import JsonObject
from engine.nodes.approval import pressing_needs_fields


@dataclass(frozen=True)
class ButtonItem:
    """One answer."""

    id: str
    label: str
    style: str


@dataclass(frozen=True)
class FilledIn:
    """One field as it was answered."""

    label: str
    text: str


@dataclass(frozen=True)
class ApprovalItem:
    """One decision, ready to show."""

    id: str
    run_href: str
    run_title: str
    title: str
    message: str
    buttons: list[ButtonItem]
    fields: list[AnswerField]
    asked: str
    expires: str
    status: str
    answer: str
    note: str
    decided: str
    can_decide: bool
    asked_of: str = ""
    overdue: str = ""
    is_overdue: bool = False
    may_stay_empty: str = ""
    filled_in: list[FilledIn] = field(default_factory=list["FilledIn"])


def approval_item(card: ApprovalCard, *, now: datetime) -> ApprovalItem:
    """Present one approval."""
    buttons = [_button(raw) for raw in card.request.get("buttons") or []]
    fields = answer_fields(card.request.get("fields") or [])
    label = next((button.label for button in buttons if button.id == card.button), card.button or "")
    return ApprovalItem(
        id=str(card.id),
        run_href=f"/runs/{card.run_id}",
        run_title=card.run_title,
        title=card.title or "Your decision is needed",
        message=str(card.request.get("message", "")),
        buttons=buttons,
        fields=fields,
        asked=words.ago(card.created_at, now=now),
        expires=words.until(card.expires_at, now=now) if card.expires_at else "",
        status=card.status,
        answer=label,
        note=card.note,
        decided=" ".join(part for part in (card.decided_by, words.ago(card.decided_at, now=now)) if part),
        can_decide=card.can_decide and card.status == "pending",
        asked_of=card.assignee,
        overdue=_overdue(card, now),
        is_overdue=card.status == "pending" and card.overdue_at is not None and card.overdue_at <= now,
        may_stay_empty=_may_stay_empty(card.request, buttons) if any(item.required for item in fields) else "",
        filled_in=_filled_in(fields, card.values) if card.status == "decided" else [],
    )


def _filled_in(fields: list[AnswerField], values: JsonObject) -> list[FilledIn]:
    """What went on from here, field by field."""
    texts = [(one.title, as_text(values.get(one.name), one.type)) for one in fields]
    return [FilledIn(label, text) for label, text in texts if text]


_ROLES = {"member": "all members", "admin": "administrators", "owner": "owners"}


def _overdue(card: ApprovalCard, now: datetime) -> str:
    """When more people are asked, in words; "" if never or decided."""
    if card.status != "pending" or card.overdue_at is None:
        return ""
    who = _ROLES.get(card.escalate_to, card.escalate_to)
    if card.overdue_at <= now:
        return f"overdue since {words.ago(card.overdue_at, now=now)}; {who} may decide too"
    return f"goes to {who} {words.until(card.overdue_at, now=now)}"


def _may_stay_empty(request: JsonObject, buttons: list[ButtonItem]) -> str:
    """Which buttons ask for no required field, in words; "" if all do or none does."""
    free = [f"“{button.label}”" for button in buttons if not pressing_needs_fields(request, button.id)]
    return f"{' and '.join(free)} can be pressed with empty fields." if 0 < len(free) < len(buttons) else ""


def _button(raw: JsonObject) -> ButtonItem:
    identity = str(raw.get("id", ""))
    return ButtonItem(identity, str(raw.get("label") or identity), str(raw.get("style", "")))
