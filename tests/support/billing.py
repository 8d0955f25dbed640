"""A workspace that can pay for a plan at the test gateway, whose time is the test's clock."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import select

from app import checkout, subscribing
from app.adapters.payments_local import LocalGateway
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.payments import Buyer
from app.core.uow import Actor
from app.services.payments.ledger import GATEWAY, PLATFORM, balance
from app.services.plans import get_plan
from app.services.plans.catalogue import PLANS
from app.services.subscriptions import get_billing
from app.services.subscriptions.booking import TAX
from app.views.plans import BillingDetail, ChangePreview
from app.wiring import Wiring
from models.account import Mail
from models.subscription import Invoice, Subscription
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.market import CARD
from tests.support.people import make_member


class Desk:
    """An owner at the page of the plan, and the gateway on the other side."""

    payer = Buyer()  # what is filled in where the page of the payment asks

    def __init__(self, wiring: Wiring, clock: FrozenClock, *, gateway: Any = None) -> None:
        self.gateway: Any = gateway or LocalGateway(wiring.database, clock=clock, secret=lambda: "secret")
        self.wiring = replace(wiring, ports=replace(wiring.ports, default_plan="free", payments=self.gateway, clock=clock))
        self.clock = clock
        with self.wiring.unit() as uow:
            self.owner = make_member(uow, Role.OWNER)

    def run(self, service: Any, **arguments: Any) -> Any:
        return self.run_as(self.owner, service, **arguments)

    def run_as(self, actor: Actor, service: Any, **arguments: Any) -> Any:
        with self.wiring.unit(actor) as uow:
            return service(uow, **arguments)

    def order(self, plan: object = "starter", cents: object = None) -> str:
        price = PLANS[plan].price_cents if cents is None and isinstance(plan, str) else cents
        return subscribing.order_plan(self.wiring, self.run, plan=plan, seen_cents=price)

    def pay(self, url: str, *, card: str = CARD) -> None:
        checkout.pay_with_test_card(self.wiring, checkout_id=url.rsplit("/", 1)[-1], card=card, buyer=self.payer)

    def subscribe(self, plan: str = "starter", *, fails_later: bool = False) -> None:
        self.pay(self.order(plan), card=FAILS_LATER if fails_later else CARD)

    def preview(self, plan: object) -> ChangePreview:
        return subscribing.preview(self.wiring, self.run, plan=plan)

    def change(self, plan: str) -> ChangePreview:
        shown = self.preview(plan)
        subscribing.change_plan(self.wiring, self.run, plan=plan, at=shown.at, seen_cents=shown.due_cents)
        return shown

    def wait(self, **parts: float) -> int:
        """Time passes, and the sweep asks as workers do."""
        self.clock.advance(**parts)
        return subscribing.ask_due(self.wiring)

    @property
    def plan(self) -> str:
        return self.run(get_plan).name

    @property
    def billing(self) -> BillingDetail:
        return self.run(get_billing)

    @property
    def standing(self) -> Subscription:
        with self.wiring.unit(write=False) as uow:
            row = uow.session.exec(select(Subscription).order_by(Subscription.created_at, Subscription.id)).all()[-1]  # type: ignore[arg-type]
            uow.session.expunge_all()
            return row

    @property
    def invoices(self) -> list[Invoice]:
        with self.wiring.unit(write=False) as uow:
            rows = list(uow.session.exec(select(Invoice).order_by(Invoice.issued_at, Invoice.id)))  # type: ignore[arg-type]
            uow.session.expunge_all()
            return rows

    @property
    def books(self) -> tuple[int, int, int]:
        """What the gateway holds, what of it is the platform's, and what the tax office's."""
        with self.wiring.unit(write=False) as uow:
            held, ours, tax = (balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM, TAX))
            return -held, ours, tax

    @property
    def letters(self) -> list[str]:
        with self.wiring.unit(write=False) as uow:
            return sorted(row.subject for row in uow.session.exec(select(Mail)))

    def paid_until(self) -> datetime:
        end = self.billing.period_end
        assert end
        return end
