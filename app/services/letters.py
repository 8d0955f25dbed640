"""Letters to sellers about their listings, to buyers about new versions, to members about what is shared, and who wants which of them.

They are queued in the transaction that causes them. Each has a link that ends its kind for who got it, without signing in.
"""

import hmac
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into
from app.core.errors import Invalid, NotFound
from app.core.money import format_cents
from app.core.permissions import require_person
from app.core.uow import UnitOfWork
from app.services.accounts.profile import current_user
from app.services.mail import find_reader, queue_mail
from app.views.letters import LetterChoice, LetterPage, StoppedLetter
from models.account import LetterStop
from models.ids import new_id, parse_id
from models.user import User
from models.workspace import Membership, Role, Workspace

SELLING = "/marketplace/sell"
SHARES_PER_HOUR = 100
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sale": ("Sales", "Somebody bought a listing, or paid another month of it."),
        "refund": ("Refunds", "A buyer got money back."),
        "dispute": ("Disputes", "A bank took a payment back, or returned it."),
        "review": ("Reviews", "Somebody wrote a review."),
        "decision": ("Moderation", "A version was accepted or refused, a listing taken down, or a review of yours hidden."),
        "payout": ("Payouts", "A payout arrived, or failed."),
        "update": ("Updates", "A listing that a workspace of yours has installed has a newer version."),
        "share": ("Sharing", "Somebody shared an agent or a workflow with you, or made it yours."),
    }
)
OF_MEMBERS = frozenset({"share"})
"""Kinds for every member; the others go to who leads a workspace."""
OF_BUYERS = frozenset({"update"})
"""Kinds for who leads a workspace that has installed listings; the rest are for who leads one that sells."""
MONEY = MappingProxyType(
    {
        "sale": ("sale", "Sold: {title}", "Your share is {amount}. It can be paid out seven days from now."),
        "refund": ("refund", "Refunded: {title}", "A buyer got money back, and {amount} went back from your share."),
        "refund_failed": ("refund", "Refund returned: {title}", "A refund did not arrive, and {amount} of your share came back with it."),
        "dispute": (
            "dispute",
            "Disputed: {title}",
            "A buyer's bank took a payment back, and {amount} of your share with it, until it decides.",
        ),
        "dispute_won": ("dispute", "Dispute won: {title}", "The bank returned the payment, and with it {amount} of your share."),
    }
)


@dataclass(frozen=True, slots=True)
class Booked:
    """What happened to money of a listing: the kind as the ledger calls it, and the seller's share."""

    kind: str
    title: str
    cents: int
    currency: str
    mode: str


def tell_booked(uow: UnitOfWork, seller_id: uuid.UUID, booked: Booked) -> None:
    """A sale, a refund or a dispute, after it was written into the books for the first time. It tells nothing of the buyer."""
    kind, subject, text = MONEY[booked.kind]
    test = "\n\nThis was test mode: no money moved." if booked.mode == "test" else ""
    told = text.format(amount=format_cents(booked.cents, booked.currency))
    tell_sellers(uow, seller_id, kind=kind, subject=subject.format(title=booked.title), text=f"{told}{test}")


def tell_inquiry(uow: UnitOfWork, seller_id: uuid.UUID, title: str) -> None:
    """A bank asks before it disputes anything."""
    text = "A buyer's bank asks about a payment. No money has moved; if the bank disputes it, you hear of that too."
    tell_sellers(uow, seller_id, kind="dispute", subject=f"Asked about: {title}", text=text)


def tell_lost(uow: UnitOfWork, seller_id: uuid.UUID, title: str) -> None:
    """A dispute is over, and the buyer's bank keeps what it took."""
    text = "The buyer's bank decided for the buyer. What it took back stays with the buyer."
    tell_sellers(uow, seller_id, kind="dispute", subject=f"Dispute lost: {title}", text=text)


def tell_sellers(uow: UnitOfWork, seller_id: uuid.UUID, *, kind: str, subject: str, text: str, path: str = SELLING) -> None:
    """A letter to the owners and admins of the selling workspace who want this kind; none where no e-mail is sent."""
    if uow.ports.mailer.kind == "none":
        return
    space = uow.session.exec(select(Workspace).where(Workspace.id == seller_id)).first()
    site, name = uow.ports.public_url, space.name if space else ""
    for _, user_id, email in _readers(uow, [seller_id], kind):
        stop = _stop_url(uow, user_id, kind)
        foot = f"You get this because you lead {name}. No more letters about {KINDS[kind][0].lower()}: {stop}"
        queue_mail(uow, to=email, subject=f"{name}: {subject}", text=f"{text}\n\n{site}{path}\n\n--\n{foot}\n", stop_url=stop)


def tell_updates(uow: UnitOfWork, spaces: Mapping[uuid.UUID, tuple[str, str]], *, title: str, number: str, path: str) -> int:
    """Letters to the owners and admins of workspaces (their names, and the versions they have) about a newer version; returns how many.

    They name what the shelf shows to everybody, and nothing that is inside. In as many statements for many as for one.
    """
    readers, site = _readers(uow, spaces, "update"), uow.ports.public_url
    for workspace_id, user_id, email in readers:
        (name, has), stop = spaces[workspace_id], _stop_url(uow, user_id, "update")
        text = f"Version {number} of {title} is out; {name} has {has}. Nothing changes by itself: see what it changes, then update."
        foot = f"You get this because you lead {name}. No more letters about updates: {stop}"
        told = f"{text}\n\n{site}{path}\n\n--\n{foot}\n"
        queue_mail(uow, to=email, subject=f"{name}: Update of {title} to {number}", text=told, stop_url=stop)
    return len(readers)


def tell_author(uow: UnitOfWork, user_id: uuid.UUID, *, subject: str, text: str, path: str) -> None:
    """A letter to the author of a review about a decision on it, unless they want none about decisions."""
    _tell_one(uow, user_id, "decision", subject=subject, text=f"{text}\n\n{uow.ports.public_url}{path}", why="you wrote the review")


def tell_shared(uow: UnitOfWork, user_id: uuid.UUID, *, subject: str, text: str, path: str) -> None:
    """A letter to a member about what somebody shared with them or made theirs; beyond some an hour of one person, none."""
    by = uow.actor.user_id if uow.actor else user_id
    if by == user_id or uow.ports.limiter.hit(f"share-letters:{by}", allowed=SHARES_PER_HOUR, window_s=3600) > 0:
        return
    why = "it was shared with you"
    _tell_one(uow, user_id, "share", subject=subject, text=f"{text}\n\n{uow.ports.public_url}{path}", why=why)


def _tell_one(uow: UnitOfWork, user_id: uuid.UUID, kind: str, *, subject: str, text: str, why: str) -> None:
    stopped = select(LetterStop.id).where(LetterStop.kind == kind, LetterStop.user_id == user_id)
    reader = find_reader(uow, user_id)
    if reader is None or uow.session.exec(stopped).first() is not None:
        return
    stop = _stop_url(uow, user_id, kind)
    foot = f"You get this because {why}. No more letters about {KINDS[kind][0].lower()}: {stop}"
    queue_mail(uow, to=reader.email, subject=subject, text=f"{text}\n\n--\n{foot}\n", stop_url=stop)


def get_letters(uow: UnitOfWork) -> LetterPage:
    """What the signed-in person gets."""
    require_person(uow)
    user = current_user(uow)
    stopped = set(uow.session.exec(select(LetterStop.kind).where(LetterStop.user_id == user.id)))
    choices = tuple(
        LetterChoice(kind, label, about, kind not in stopped, kind in OF_MEMBERS, kind in OF_BUYERS)
        for kind, (label, about) in KINDS.items()
    )
    return LetterPage(choices, user.email, uow.ports.mailer.kind != "none")


def choose_letters(uow: UnitOfWork, *, kind: object, is_on: object) -> None:
    """Get letters of a kind, or no more of them."""
    require_person(uow)
    user = current_user(uow)
    if not isinstance(kind, str) or kind not in KINDS:
        raise Invalid("There are no such letters.", fields={"kind": f"Choose one of {', '.join(KINDS)}."})
    if is_on is True:
        uow.session.connection().execute(sa.delete(LetterStop).where(col(LetterStop.user_id) == user.id, col(LetterStop.kind) == kind))
    else:
        _stop(uow, user.id, kind)
    record(uow.trail, kind="letters", resource_id=user.id, name=KINDS[kind][0], note="on" if is_on is True else "off")


def find_letters(uow: UnitOfWork, *, token: object) -> StoppedLetter:
    """What a link of a letter would end; whoever holds it got the letter."""
    user_id, kind = _read_token(uow, token)
    stopped = select(LetterStop.id).where(LetterStop.user_id == user_id, LetterStop.kind == kind)
    return StoppedLetter(KINDS[kind][0], uow.session.exec(stopped).first() is not None)


def stop_letters(uow: UnitOfWork, *, token: object) -> StoppedLetter:
    """End that kind for who got the letter; again changes nothing."""
    user_id, kind = _read_token(uow, token)
    _stop(uow, user_id, kind)
    return StoppedLetter(KINDS[kind][0], is_stopped=True)


def _stop(uow: UnitOfWork, user_id: uuid.UUID, kind: str) -> None:
    connection, now = uow.session.connection(), uow.ports.clock.now()
    table: sa.Table = LetterStop.__table__  # type: ignore[attr-defined]
    row = {"id": new_id(), "created_at": now, "updated_at": now, "user_id": user_id, "kind": kind}
    connection.execute(insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["user_id", "kind"]))


def _readers(uow: UnitOfWork, workspaces: Collection[uuid.UUID], kind: str) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """Workspace, person and address of the owners and admins who want this kind."""
    stopped = select(LetterStop.user_id).where(LetterStop.kind == kind)
    people = select(Membership.workspace_id, User.id, User.email).join(User, col(Membership.user_id) == col(User.id))
    led = people.where(col(Membership.workspace_id).in_(workspaces), col(Membership.role).in_((Role.OWNER, Role.ADMIN)))
    wanted = led.where(col(User.is_demo).is_(False), col(User.disabled_at).is_(None), ~col(User.id).in_(stopped))
    return [(row[0], row[1], row[2]) for row in uow.session.exec(wanted)]


def _stop_url(uow: UnitOfWork, user_id: uuid.UUID, kind: str) -> str:
    return f"{uow.ports.public_url}/letters/stop/{token_of(uow, user_id, kind)}"


def token_of(uow: UnitOfWork, user_id: uuid.UUID, kind: str) -> str:
    """What a link to end a kind of letter carries: only this installation can make it, and only who got the letter has it."""
    return f"{user_id.hex}.{kind}.{uow.ports.box.mark(f'letters:{user_id.hex}:{kind}')}"


def _read_token(uow: UnitOfWork, token: object) -> tuple[uuid.UUID, str]:
    parts = token.split(".") if isinstance(token, str) and len(token) <= 300 else []
    user_id = parse_id(parts[0]) if len(parts) == 3 else None
    if user_id is None or parts[1] not in KINDS or not hmac.compare_digest(token_of(uow, user_id, parts[1]).encode(), str(token).encode()):
        raise NotFound("This link")
    if uow.session.get(User, user_id) is None:
        raise NotFound("This link")
    return user_id, parts[1]
