"""What a workspace and a person have besides agents and workflows: one real thing of each kind that a command can name."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, select

from app.core.uow import Actor, UnitOfWork
from app.services import accounts, coupons, members, outgoing
from models.coupon import Coupon
from models.endpoint import WebhookEndpoint
from models.invitation import Invitation
from models.purchase import BankPayout, Purchase
from models.receipt import Receipt
from models.subscription import Invoice, Subscription
from models.user import UserSession
from models.webhook import WebhookDelivery
from models.workflow import Workflow
from tests.support.endpoints import make_endpoint
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.market import make_listing, make_purchase

TABLES: tuple[type[SQLModel], ...] = (
    BankPayout, Coupon, WebhookEndpoint, Invitation, Invoice, Purchase, Receipt, Subscription, UserSession, WebhookDelivery,
)  # fmt: skip
USED = frozenset({"last_seen_at", "updated_at"})  # a refused call may tell that somebody was there


def belongings(uow: UnitOfWork) -> dict[str, str]:
    """Make them for the actor, who owns the workspace: kind of id -> id."""
    hook = make_webhook(uow, uow.session.exec(uow.scoped(Workflow)).first(), name="Orders")
    endpoint = make_endpoint(uow)
    outgoing.rotate_endpoint_secret(uow, endpoint_id=endpoint.detail.row.id)
    make_listing(uow, cents=900)
    coupon = coupons.create_coupon(uow, form={"code": "SPRING", "kind": "percent", "value": "10"})
    made = {
        "coupon_id": str(coupon.id),
        "endpoint_id": str(endpoint.detail.row.id),
        "invitation_id": members.invite_by_email(uow, emails="new@example.com", role="member")[0].id,
        "secret_id": endpoint.detail.secrets[0].id,
        "session_id": _session(uow),
        **_money(uow),
    }
    actor = uow.actor
    delivery = receive(uow, token_of(hook), incoming({"name": "Mia"})).delivery_id  # in the name of the webhook
    uow.actor = actor
    return made | {"delivery_id": str(delivery)}


def rows_of(uow: UnitOfWork, owner: Actor) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in their tables for a workspace and its owner, to be compared with later."""
    found = {}
    for table in TABLES:
        columns = sa.inspect(table).columns
        here = columns.user_id == owner.user_id if table is UserSession else columns.workspace_id == owner.workspace_id
        kept = [column for column in columns if column.name not in USED]
        found[table.__name__] = sorted(map(tuple, uow.session.connection().execute(sa.select(*kept).where(here)).all()), key=str)
    return found


def _session(uow: UnitOfWork) -> str:
    actor = uow.actor
    assert actor
    opened = accounts.open_session(uow, credentials=accounts.Credentials(user_id=actor.user_id, password_hash=""))
    return str(uow.session.exec(select(UserSession.id).where(UserSession.token_hash == accounts.hash_token(opened.token))).one())


def _money(uow: UnitOfWork) -> dict[str, str]:
    """An order with its receipt, a month's invoice of a plan, and a payout that a bank refused."""
    actor, now = uow.actor, uow.ports.clock.now()
    assert actor
    order = make_purchase(uow, actor, seller_id=actor.workspace_id, cents=900)
    order.state, order.paid_cents, order.paid_at = "paid", 900, now
    here: dict[str, Any] = {"workspace_id": actor.workspace_id, "currency": "usd", "mode": "test"}
    lines = [{"text": "Triage", "amount_cents": 900}]
    receipt = Receipt(
        purchase_id=order.id, kind="receipt", number="R-1", series="test-receipt-2026", sequence=1, source_event="paid-1",
        lines=lines, total_cents=900, tax_cents=0, issued_at=now, **here,
    )  # fmt: skip
    standing = Subscription(buyer_id=actor.user_id, title="Team", price_key="team", amount_cents=900, state="active", **here)
    uow.session.add_all([receipt, standing])
    uow.session.flush()
    invoice = Invoice(
        standing_id=standing.id, invoice_id="in_1", number="I-1", state="paid", price_key="team", total_cents=900, paid_cents=900,
        lines=lines, issued_at=now, period_start=now, period_end=now + timedelta(days=30), **here,
    )  # fmt: skip
    refused = BankPayout(gateway_id="po_1", account_id="acct_1", amount_cents=900, state="failed", reason="closed account", **here)
    uow.session.add_all([invoice, refused])
    uow.session.flush()
    return {"order_id": str(order.id), "receipt_id": str(receipt.id), "invoice_id": str(invoice.id), "payout_id": str(refused.id)}
