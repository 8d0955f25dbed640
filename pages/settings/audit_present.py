"""Turns audit views into what the page shows."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.views import words
from app.views.audit import AuditRow

TONES = {"done": "neutral", "denied": "red", "failed": "amber"}
NAMES = {"totp_since": "two-factor sign-in since", "email_verified_at": "address confirmed", "fee_bps": "fee (hundredths of a percent)"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)\Z")
KINDS = {"person": "", "key": "by API key", "run": "by a run", "system": "by Agent Factory", "console": "on the command line"}


@dataclass(frozen=True)
class ChangeItem:
    """One field, before and after."""

    name: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class AuditItem:
    """One line of the list, and what its dialog tells."""

    seq: int = 0
    when: str = ""
    who: str = ""
    how: str = ""
    what: str = ""
    action: str = ""
    thing: str = ""
    kind: str = ""
    outcome: str = ""
    is_denied: bool = False
    note: str = ""
    resource_id: str = ""
    changes: list[ChangeItem] = field(default_factory=list[ChangeItem])


def audit_item(row: AuditRow) -> AuditItem:
    """Present one entry."""
    how = " · ".join(part for part in (KINDS.get(row.actor_kind, "") if row.actor_name else "", row.address) if part)
    return AuditItem(
        seq=row.seq,
        when=words.stamp(row.at),
        who=row.actor_name or {"run": "A run", "system": "Agent Factory"}.get(row.actor_kind, "Somebody"),
        how=how,
        what=row.what,
        action=row.action,
        thing=row.name or row.note,
        kind=" · ".join(part for part in (row.kind.capitalize().replace("Api key", "API key"), row.note if row.name else "") if part),
        outcome=row.outcome,
        is_denied=row.outcome == "denied",
        note=row.note,
        resource_id=row.resource_id,
        changes=[ChangeItem(NAMES.get(name, name.replace("_", " ")), _text(pair[0]), _text(pair[1])) for name, pair in row.changes.items()],
    )


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, str) and _MOMENT.match(value):
        return words.stamp(datetime.fromisoformat(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
