"""Turns endpoint views into what the pages show; the list and the detail page share it."""

from dataclasses import dataclass, field
from datetime import datetime

from app.services.announcements import EVENTS
from app.views import words
from app.views.outgoing import EndpointDetail, EndpointRow
from pages.webhooks.present import SecretItem, secret_item


@dataclass(frozen=True)
class EndpointItem:
    """One line of the list."""

    id: str = ""
    href: str = ""
    name: str = ""
    url: str = ""
    state: str = ""
    reason: str = ""
    events: str = ""
    scope: str = ""
    health: str = ""
    is_failing: bool = False
    pending: str = ""
    delivered: str = ""
    failed: str = ""


@dataclass(frozen=True)
class EndpointView:
    """The detail page."""

    item: EndpointItem = field(default_factory=EndpointItem)
    secrets: list[SecretItem] = field(default_factory=list[SecretItem])
    event_words: list[str] = field(default_factory=list[str])
    can_edit: bool = False
    has_failed: bool = False


def endpoint_item(row: EndpointRow, *, now: datetime) -> EndpointItem:
    """Present one line."""
    is_failing = row.failing_since is not None
    success = f"last success {words.ago(row.last_success_at, now=now)}" if row.last_success_at else "no success yet"
    health = f"failing since {words.ago(row.failing_since, now=now)}" if is_failing else success
    count = len(row.events)
    return EndpointItem(
        id=str(row.id),
        href=f"/triggers/outgoing/{row.id}",
        name=row.name,
        url=row.url,
        state=row.state,
        reason=row.reason,
        events="all events" if count == len(EVENTS) else f"{count} event{'' if count == 1 else 's'}",
        scope="all workflows" if not row.workflow_count else f"{row.workflow_count} workflow{'' if row.workflow_count == 1 else 's'}",
        health=health,
        is_failing=is_failing,
        pending=words.count(row.pending),
        delivered=words.count(row.delivered_24h),
        failed=words.count(row.failed_24h),
    )


def endpoint_view(detail: EndpointDetail, *, now: datetime) -> EndpointView:
    """Present the detail page."""
    return EndpointView(
        item=endpoint_item(detail.row, now=now),
        secrets=[secret_item(card, now=now) for card in detail.secrets],
        event_words=[EVENTS.get(event, event) for event in detail.row.events],
        can_edit=detail.can_edit,
        has_failed=detail.row.failed_24h > 0 or bool(detail.row.failures),
    )
