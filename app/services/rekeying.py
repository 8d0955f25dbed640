"""Seals every kept secret anew with the installation's present key; `agent-factory vault` calls it, page by page.

PLACES lists every column that holds something sealed, and what it is sealed to; a test compares it with the code that seals.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.audit_chain import key_context
from app.core.ports import SealBroken, SecretBox
from app.services.accounts.external import sealed_to as attempt_sealed_to
from app.services.accounts.second_factor import sealed_to as totp_sealed_to
from app.services.credentials.rows import seal_context
from app.services.mail import sealed_to as mail_sealed_to
from app.services.sign_ins.rows import sealed_to as sign_in_sealed_to
from app.services.signing import SecretPlace
from app.services.webhooks.receiving import content_context
from app.services.webhooks.rows import token_context
from models.account import Mail
from models.audit import AuditHead
from models.credential import Credential
from models.endpoint import WebhookEndpoint
from models.identity import SignInAttempt
from models.sign_in import WorkspaceSignIn
from models.user import User
from models.webhook import Webhook, WebhookDelivery

PAGE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A column with sealed text, or with a list of objects that each hold one under `sealed`."""

    table: type[SQLModel]
    column: str
    context: Callable[[Any, str], str]  # row, id of the listed object
    is_list: bool = False
    key: str = "id"


PLACES: tuple[Place, ...] = (
    Place(Credential, "sealed", lambda row, _: seal_context(row.workspace_id, row.id, row.version)),
    Place(AuditHead, "key_sealed", lambda row, _: key_context(row.workspace_id), key="workspace_id"),
    Place(Webhook, "token_sealed", lambda row, _: token_context(row.workspace_id, row.id)),
    Place(Webhook, "secrets", lambda row, item: SecretPlace(row.workspace_id, row.id).of(item), is_list=True),
    Place(WebhookEndpoint, "secrets", lambda row, item: SecretPlace(row.workspace_id, row.id).of(item), is_list=True),
    Place(User, "totp_sealed", lambda row, _: totp_sealed_to(row)),
    Place(SignInAttempt, "sealed", lambda row, _: attempt_sealed_to(row.id)),
    Place(WorkspaceSignIn, "sealed", lambda row, _: sign_in_sealed_to(row.id)),
    Place(Mail, "sealed", lambda row, _: mail_sealed_to(row.id)),
    Place(WebhookDelivery, "request_sealed", lambda row, _: content_context(row)),
)


@dataclass(slots=True)
class Rekeyed:
    """How many texts were sealed anew, and how many could not be opened, by table."""

    renewed: Counter[str]
    broken: Counter[str]


def reseal_page(connection: sa.Connection, box: SecretBox, place: Place, *, after: Any, result: Rekeyed) -> Any:
    """Seal the next rows of a place anew; returns where to go on, or None at the end. Rows are locked while they change."""
    table: sa.Table = place.table.__table__  # type: ignore[attr-defined]
    key, column = table.c[place.key], table.c[place.column]
    query = sa.select(table).order_by(key).limit(PAGE).with_for_update()
    rows = connection.execute(query.where(key > after) if after is not None else query).all()
    for row in rows:
        kept = getattr(row, place.column)
        renewed = _renewed(box, place, row, kept, result)
        if renewed != kept:
            connection.execute(sa.update(table).where(key == getattr(row, place.key)).values({column: renewed}))
    return getattr(rows[-1], place.key) if len(rows) == PAGE else None


def count_keys(connection: sa.Connection, box: SecretBox) -> Counter[str]:
    """How many sealed texts name which key."""
    found: Counter[str] = Counter()
    for place in PLACES:
        table: sa.Table = place.table.__table__  # type: ignore[attr-defined]
        for kept in connection.execute(sa.select(table.c[place.column])).scalars():
            found.update(box.key_of(text) for text in _texts(place, kept))
    return found


def _texts(place: Place, kept: Any) -> Iterator[str]:
    if place.is_list:
        yield from (item["sealed"] for item in kept or ())
    elif kept:
        yield kept


def _renewed(box: SecretBox, place: Place, row: Any, kept: Any, result: Rekeyed) -> Any:
    if place.is_list:
        return [{**item, "sealed": _one(box, place, item["sealed"], place.context(row, item["id"]), result)} for item in kept or ()]
    return _one(box, place, kept, place.context(row, ""), result) if kept else kept


def _one(box: SecretBox, place: Place, sealed: str, context: str, result: Rekeyed) -> str:
    if box.key_of(sealed) == box.key_id:
        return sealed
    name = str(place.table.__tablename__)
    try:
        plain = box.open(sealed, context=context)
    except SealBroken:
        result.broken[name] += 1
        return sealed
    result.renewed[name] += 1
    return box.seal(plain, context=context)
