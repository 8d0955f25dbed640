"""Domains of a workspace: proved by a TXT record, so that nobody speaks for addresses of others. One workspace has a proved domain."""

import re
import secrets

from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from app.core.errors import Conflict, Invalid, LimitReached, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.sign_ins.rows import detail, domain_view, load
from app.views.sign_ins import DomainRow, SignInDetail
from models.sign_in import SignInDomain

MOST = 20
_DOMAIN = re.compile(r"(?=.{4,240}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def add_domain(uow: UnitOfWork, *, domain: object) -> SignInDetail:
    """Note a domain and make the record that proves it."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row, name = load(uow), _clean(domain)
    if _find(uow, name) is None:
        count = select(func.count()).where(SignInDomain.workspace_id == uow.workspace_id)
        if uow.session.exec(count).one() >= MOST:
            raise LimitReached(f"A workspace has at most {MOST} domains.")
        uow.session.add(SignInDomain(workspace_id=uow.workspace_id, domain=name, token=secrets.token_hex(16)))
        uow.session.flush()
    return detail(uow, row)


def read_domain(uow: UnitOfWork, *, domain: object) -> DomainRow:
    """The record to look for."""
    require(uow, Permission.MANAGE_WORKSPACE)
    load(uow)
    return domain_view(_load(uow, domain))


def note_domain(uow: UnitOfWork, *, domain: object, texts: tuple[str, ...]) -> SignInDetail:
    """Take the domain's TXT records, as the DNS gave them to the edge: the domain is proved if its record is among them."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row, found = load(uow), _load(uow, domain)
    wanted = domain_view(found)
    if wanted.record_value not in {text.strip() for text in texts}:
        told = f"No TXT record at {wanted.record_name} says {wanted.record_value} yet. New records take some minutes to be seen everywhere."
        raise Conflict(told, code="domain_not_proved")
    found.held, found.confirmed_at = found.domain, uow.ports.clock.now()
    uow.session.add(found)
    try:
        uow.session.flush()
    except IntegrityError as held:
        raise Conflict("Another workspace of this installation signs in with this domain. It has to give it up first.") from held
    return detail(uow, row)


def remove_domain(uow: UnitOfWork, *, domain: object) -> SignInDetail:
    """Give a domain up; who came in by it stays a member."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = load(uow)
    uow.session.delete(_load(uow, domain))
    uow.session.flush()
    return detail(uow, row)


def _clean(domain: object) -> str:
    text = domain.strip().casefold().removeprefix("@").rstrip(".") if isinstance(domain, str) and len(domain) < 300 else ""
    try:
        name = text.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _DOMAIN.fullmatch(name):
        raise Invalid("Please mend the marked field.", fields={"domain": "Enter a domain such as example.com."})
    return name


def _find(uow: UnitOfWork, name: str) -> SignInDomain | None:
    return uow.session.exec(uow.scoped(SignInDomain).where(SignInDomain.domain == name)).first()


def _load(uow: UnitOfWork, domain: object) -> SignInDomain:
    row = _find(uow, domain.casefold()[:300]) if isinstance(domain, str) else None
    if row is None:
        raise NotFound("This domain")
    return row
