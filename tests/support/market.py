"""Builders of listings and purchases, and what the buyer's and the bank's side do at the test gateway."""

import uuid
from collections.abc import Sequence

from app.adapters.payments_local import LocalGateway
from app.core.payments import CheckoutWish
from app.core.uow import Actor, UnitOfWork
from app.services.market.publishing import add_version, free_slug
from app.services.payments import apply_facts
from app.services.payments.ledger import balance, creator_account
from engine.blueprint.codec import decode
from engine.json import JsonObject
from models.ids import new_id
from models.listing import Listing
from models.purchase import PayoutAccount, Purchase

CARD = "4242424242424242"
BLUEPRINT = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Ask, version: 1.0.0, description: Answers a question.}
agents:
  helper: {name: Helper, model: demo/assistant, instructions: You answer in one sentence.}
workflows:
  ask:
    name: Ask
    nodes:
      start: {kind: start, config: {fields: [{name: question, type: long_text}]}, position: [0, 100]}
      answer: {kind: agent, config: {agent: helper, message: '{{ inputs.question }}'}, position: [320, 100]}
    edges: [start -> answer]
tests:
- {name: A question, workflow: ask, inputs: {question: 'Why is the sky blue?'}}
"""


def till(uow: UnitOfWork) -> LocalGateway:
    """The test gateway that the product itself wires; it writes in transactions of its own, so commit before."""
    assert isinstance(uow.ports.payments, LocalGateway)
    return uow.ports.payments


def make_purchase(uow: UnitOfWork, buyer: Actor, *, seller_id: uuid.UUID, cents: int, fee_bps: int = 2000) -> Purchase:
    """An order as it stands before its checkout is opened."""
    row = Purchase(
        workspace_id=buyer.workspace_id, buyer_id=buyer.user_id, seller_id=seller_id, title="Triage", version="1.0.0",
        amount_cents=cents, currency="usd", fee_bps=fee_bps, mode="test",
    )  # fmt: skip
    row.claim = f"{buyer.workspace_id}:{new_id()}"
    uow.session.add(row)
    uow.session.flush()
    return row


def wish_of(purchase: Purchase) -> CheckoutWish:
    """What the gateway is asked for."""
    return CheckoutWish(
        reference=str(purchase.id), key=f"checkout-{purchase.id}", title=purchase.title, amount_cents=purchase.amount_cents,
        currency=purchase.currency, email="buyer@example.com", success_url="/purchases", cancel_url="/marketplace",
    )  # fmt: skip


def make_payout_account(uow: UnitOfWork, workspace_id: uuid.UUID) -> PayoutAccount:
    """Where the creator's money goes."""
    row = PayoutAccount(
        workspace_id=workspace_id, account_id=f"acct_{workspace_id.hex}", mode="test", is_ready=True, claim=f"{workspace_id}:test"
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def hear(uow: UnitOfWork, subject: str) -> Purchase | None:
    """Ask the gateway and apply what it says, as the webhook does."""
    facts = till(uow).facts(subject)
    assert facts
    return apply_facts(uow, facts)


def owed(uow: UnitOfWork, workspace_id: uuid.UUID) -> int:
    """The creator's balance in cents."""
    return balance(uow, creator_account(workspace_id), mode="test")


def make_listing(
    uow: UnitOfWork,
    *,
    name: str = "Order triage",
    category: str = "support",
    cents: int = 0,
    description: str = "",
    version: str = "1.0.0",
    licence: str = "standard",
    is_monthly: bool = False,
    samples: Sequence[JsonObject] = (),
) -> Listing:
    """A published listing of the actor's workspace, with one version of a small sound blueprint."""
    listing = Listing(
        workspace_id=uow.workspace_id, slug=free_slug(uow, name), creator="Acme", currency="usd", fee_bps=2000, icon="workflow",
        name="", tagline="", category="",
    )  # fmt: skip
    wish = {
        "name": name, "tagline": f"{name} for everybody", "description": description or "Does what it says, quickly. " * 4,
        "category": category, "price_cents": cents, "licence": licence, "version": version, "changelog": "First.",
        "is_monthly": is_monthly,
    }  # fmt: skip
    add_version(uow, listing, decode(BLUEPRINT), wish=wish, samples=list(samples))
    return listing
