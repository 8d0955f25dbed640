"""Turns credential views into what the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.destinations import safe_destination
from app.services.credentials.kinds import KINDS
from app.views import words
from app.views.credentials import CredentialRow, CredentialUser

STATES = {"ok": "Works", "untested": "Not tested", "failing": "Test failed", "expired": "Expired", "locked": "Cannot be opened"}
TONES = {"ok": "green", "failing": "red", "expired": "amber", "locked": "red"}


@dataclass(frozen=True)
class CredentialItem:
    """One line of the list."""

    id: str = ""
    name: str = ""
    kind: str = ""
    note: str = ""
    hosts: str = ""
    last_four: str = ""
    state: str = ""
    tone: str = "neutral"
    state_note: str = ""
    used: str = ""


@dataclass(frozen=True)
class CredentialForm:
    """What the dialog starts with; never the secret."""

    id: str = ""
    name: str = ""
    kind: str = "bearer"
    provider: str = "openai"
    public_name: str = ""
    hosts: str = ""
    description: str = ""
    test_url: str = ""
    expires: str = ""


@dataclass(frozen=True)
class UserItem:
    """Something that names a credential."""

    name: str = ""
    href: str = ""
    place: str = ""


def credential_item(row: CredentialRow, *, now: datetime) -> CredentialItem:
    """Present one line."""
    tested = f"{row.test_message} Tested {words.ago(row.tested_at, now=now)}." if row.tested_at else ""
    expiry = f"Until\u00a0{row.expires_at:%d\u00a0%b\u00a0%Y}." if row.expires_at else ""
    return CredentialItem(
        id=str(row.id),
        name=row.name,
        kind=row.kind_label,
        note=row.description,
        hosts=", ".join(row.hosts) or ("all models of the provider" if row.kind == "model" else ""),
        last_four=f"…{row.last_four}" if row.last_four else "",
        state=STATES[row.state],
        tone=TONES.get(row.state, "neutral"),
        state_note=" ".join(part for part in (tested, expiry) if part),
        used=f"Used {words.ago(row.last_used_at, now=now)}" if row.last_used_at else "Not used yet",
    )


def credential_form(row: CredentialRow) -> CredentialForm:
    """The dialog of an existing one."""
    return CredentialForm(
        id=str(row.id),
        name=row.name,
        kind=row.kind,
        provider=row.provider or "openai",
        public_name=row.public_name,
        hosts="\n".join(row.hosts),
        description=row.description,
        test_url=row.test_url,
        expires=f"{row.expires_at:%Y-%m-%d}" if row.expires_at else "",
    )


def wished_form(wish: Mapping[str, str]) -> CredentialForm:
    """The dialog of a new one, as the link to it asks; who saves it sees and may change all of it."""
    name, hosts = wish.get("name", "")[:60], wish.get("hosts", "")[:2000].split(",")
    return CredentialForm(name=name, kind=wish["new"], hosts="\n".join(hosts))


def marketplace_page(wanted: str) -> str:
    """Where a saved credential leads back to: a listing, or nowhere."""
    page = safe_destination(wanted)
    return page if page.startswith("/marketplace/") else ""


def user_item(user: CredentialUser) -> UserItem:
    """Present what names it, with a way there."""
    return UserItem(user.name, f"/{user.kind}s/{user.id}", user.place)


KIND_CHOICES = [(kind.id, kind.label) for kind in KINDS.values()]
PROVIDERS = list(KINDS["model"].providers)
HELP = {kind.id: kind.help for kind in KINDS.values()}
PUBLIC_LABELS = {kind.id: kind.public_label for kind in KINDS.values()}
SECRET_LABELS = {kind.id: kind.secret_label for kind in KINDS.values()}
