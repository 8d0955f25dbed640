"""A workspace's own sign-in in words, for its page."""

from dataclasses import dataclass
from datetime import datetime

from app.views.sign_ins import DomainRow, SignInDetail
from app.views.words import ago

NEWCOMERS = (("viewer", "Viewer"), ("member", "Member"), ("admin", "Admin"))


@dataclass(frozen=True, slots=True)
class SignInItem:
    """The provider as the page shows it; empty while none is set up."""

    id: str = ""
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    about_key: str = "From your provider. It is sealed, and shown to nobody again."
    address: str = ""
    redirect_uri: str = ""
    people: str = ""
    state: str = ""
    tone: str = "neutral"
    test_message: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class DomainItem:
    """A domain as one line."""

    domain: str = ""
    record_name: str = ""
    record_value: str = ""
    note: str = ""
    is_proved: bool = False


def sign_in_item(detail: SignInDetail, *, now: datetime) -> SignInItem:
    """Put it into words."""
    tested = f" Tested {ago(detail.tested_at, now=now)}." if detail.tested_at else ""
    state, tone = ("Off", "neutral") if not detail.is_enabled else _state(detail)
    kept = f"The saved one ends in {detail.last_four}. " if detail.last_four else ""
    return SignInItem(
        id=str(detail.id),
        name=detail.name,
        issuer=detail.issuer,
        client_id=detail.client_id,
        about_key=f"{kept}Leave it empty to keep the saved one.",
        address=detail.address,
        redirect_uri=detail.redirect_uri,
        people=_people(detail.people),
        state=state,
        tone=tone,
        test_message=f"{detail.test_message}{tested}" if detail.test_message else "Not tested yet.",
        is_required=detail.is_required,
    )


def domain_item(row: DomainRow, *, now: datetime) -> DomainItem:
    """Put it into words."""
    note = f"Proved {ago(row.confirmed_at, now=now)}" if row.confirmed_at else "Waits for its DNS record"
    return DomainItem(row.domain, row.record_name, row.record_value, note, row.confirmed_at is not None)


def _state(detail: SignInDetail) -> tuple[str, str]:
    if detail.test_ok is False:
        return "Does not answer", "red"
    return ("In use", "green") if detail.people else ("Nobody has come in yet", "amber")


def _people(count: int) -> str:
    return "" if not count else f"{count} {'person has' if count == 1 else 'people have'} come in by it."
