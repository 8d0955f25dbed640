"""What a workspace is connected to, from the places where each is managed: a list to look at, which the settings and the API show."""

from urllib.parse import urlsplit

from sqlmodel import col, func

from app.core.permissions import Permission, permissions_of, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.credentials import list_credentials
from app.services.outgoing import list_endpoints
from app.services.sign_ins.rows import present
from app.views.connections import ConnectionPage, ConnectionRow
from app.views.credentials import CredentialRow
from app.views.outgoing import EndpointRow
from models.purchase import Payout, PayoutAccount
from models.sign_in import WorkspaceIdentity, WorkspaceSignIn


def list_connections(uow: UnitOfWork, *, search: object = "") -> ConnectionPage:
    """Model providers, other saved keys, outgoing webhooks and, for owners, the provider of sign-ins and the payout account."""
    require(uow, Permission.VIEW)
    is_owner = Permission.MANAGE_WORKSPACE in permissions_of(uow.actor)
    keys = sorted((_of_key(row) for row in list_credentials(uow).rows), key=lambda row: row.kind != "model")
    rows = [*keys, *(_of_endpoint(row) for row in list_endpoints(uow).rows)]
    if is_owner:
        rows += [*_sign_in(uow), *_payouts(uow)]
    words = search_words(search).lower()
    fitting = tuple(row for row in rows if words in f"{row.name} {row.detail}".lower())
    return ConnectionPage(fitting, total=len(rows), is_partial=not is_owner)


def _of_key(row: CredentialRow) -> ConnectionRow:
    is_model = row.kind == "model"
    return ConnectionRow(
        kind="model" if is_model else "credential",
        name=row.name,
        detail=row.kind_label if is_model else ", ".join(row.hosts),
        state=row.state,
        note=row.test_message if row.state == "failing" else "",
        last_used_at=row.last_used_at,
        href="/settings/credentials",
    )


def _of_endpoint(row: EndpointRow) -> ConnectionRow:
    delivers = "ok" if row.last_success_at else "untested"
    return ConnectionRow(
        kind="webhook",
        name=row.name,
        detail=urlsplit(row.url).netloc,
        state=row.state if row.state != "active" else "failing" if row.failing_since else delivers,
        note=row.reason,
        last_used_at=row.last_success_at,
        href=f"/triggers/outgoing/{row.id}",
    )


def _sign_in(uow: UnitOfWork) -> list[ConnectionRow]:
    row = present(uow)
    return [_of_sign_in(uow, row)] if row is not None else []


def _of_sign_in(uow: UnitOfWork, row: WorkspaceSignIn) -> ConnectionRow:
    came = uow.scoped(WorkspaceIdentity).where(WorkspaceIdentity.sign_in_id == row.id)
    last = uow.session.exec(came.with_only_columns(func.max(col(WorkspaceIdentity.last_used_at)))).one()  # type: ignore[call-overload]
    tested = "untested" if row.test_ok is None else "ok" if row.test_ok else "failing"
    return ConnectionRow(
        kind="sign_in",
        name=row.name,
        detail=urlsplit(row.issuer).netloc,
        state=tested if row.is_enabled else "off",
        note=row.test_message if row.is_enabled and row.test_ok is False else "",
        last_used_at=last,
        href="/settings/sign-in",
    )


def _payouts(uow: UnitOfWork) -> list[ConnectionRow]:
    """The account at the payment service that is in use here: money of a test never goes to a real one."""
    if uow.ports.payments is None:
        return []
    mode = uow.ports.payments.mode
    account = uow.session.exec(uow.scoped(PayoutAccount).where(PayoutAccount.mode == mode)).first()
    if account is None:
        return []
    paid = uow.scoped(Payout).where(Payout.mode == mode, Payout.state == "paid").order_by(col(Payout.id).desc())
    last = uow.session.exec(paid).first()
    return [
        ConnectionRow(
            kind="payouts",
            name="Payouts",
            detail="Test payments" if mode == "test" else "Stripe",
            state="ok" if account.is_ready else "unfinished",
            note="" if account.is_ready else "The payment service still asks for something.",
            last_used_at=last.created_at if last else None,
            href="/marketplace/sell",
        )
    ]
