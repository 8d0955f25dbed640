"""A listing that is paid by the month, its seller, and a workspace that subscribes to it."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from app import subscribing
from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.core.payments import TaxSettings
from app.core.uow import Actor
from app.services.market import install_listing
from app.services.market.access import has_paid, load_listing
from app.services.orders import get_order
from app.services.payments.ledger import GATEWAY, PLATFORM, balance
from app.services.runs import start_run
from app.services.subscriptions.booking import TAX
from app.views.purchases import PurchaseRow
from app.wiring import Wiring
from models.listing import Listing
from models.workspace import Role
from tests.support.billing import Desk
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe
from tests.support.market import CARD, make_listing, make_payout_account, owed
from tests.support.people import make_member, make_workspace

CENTS = 1_999
MONTH = 31
GATEWAYS = ("local", "stripe")
NO_TAXES = TaxSettings()
R = TypeVar("R", bound="RentalAnywhere")
QUESTION = {"question": "Why is the sky blue?"}


class Rental(Desk):
    """The desk's owner is the buyer."""

    def __init__(self, wiring: Wiring, clock: FrozenClock, *, gateway: Any = None, cents: int = CENTS) -> None:
        super().__init__(wiring, clock, gateway=gateway)
        self.cents = cents
        with self.wiring.unit() as uow:
            uow.actor = self.seller = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
            self.slug = make_listing(uow, cents=cents, is_monthly=True).slug
            make_payout_account(uow, self.seller.workspace_id)

    def rent(self, cents: object = None) -> str:
        return subscribing.order_listing(self.wiring, self.run, slug=self.slug, seen_cents=self.cents if cents is None else cents)

    def renting(self, *, card: str = CARD) -> str:
        """Subscribe and install; the id of the copy."""
        self.pay(self.rent(), card=card)
        return self.install()

    def install(self) -> str:
        return self.run(install_listing, slug=self.slug, version="1.0.0")

    def start(self, workflow_id: str, actor: Actor | None = None) -> Any:
        return self.run_as(actor or self.owner, start_run, workflow_id=workflow_id, inputs=QUESTION)

    def end(self) -> None:
        subscribing.end_listing(self.wiring, self.run, order_id=str(self.standing.id))

    def keep(self) -> None:
        subscribing.keep_listing(self.wiring, self.run, order_id=str(self.standing.id))

    def take_back(self) -> None:
        subscribing.take_month_back(self.wiring, self.run, order_id=str(self.standing.id))

    def hear(self, subject: str) -> None:
        subscribing.hear_standing(self.wiring, subject)

    def change_listing(self, **values: Any) -> None:
        with self.wiring.unit(self.seller) as uow:
            listing = uow.session.exec(uow.scoped(Listing)).one()
            for name, value in values.items():
                setattr(listing, name, value)

    def has_right(self) -> bool:
        """Whether the buyer's workspace may use the listing now."""
        return bool(self.run(lambda uow: has_paid(uow, load_listing(uow, self.slug))))

    @property
    def seen(self) -> PurchaseRow:
        return self.run(get_order, order_id=str(self.standing.id))

    @property
    def shares(self) -> tuple[int, int, int, int]:
        """What the gateway holds, and what of it is the seller's, the platform's and the tax office's."""
        with self.wiring.unit(write=False) as uow:
            held, ours, tax = (balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM, TAX))
            return -held, owed(uow, self.seller.workspace_id), ours, tax


class RentalAnywhere(Rental):
    """A rental at either gateway; time and cards are the gateway's."""

    stripe: FakeStripe | None = None

    def begin(self, url: str) -> None:
        """Pay the first month on the page of the order."""
        if self.stripe:
            self.stripe.now = self.clock.now()
            self.hear(self.stripe.subscribe(url.rsplit("/", 1)[-1]))
        else:
            self.pay(url)

    def pass_month(self) -> None:
        """And the workers ask the gateway."""
        self.clock.advance(days=MONTH)
        if self.stripe:
            self.stripe.pass_time(days=MONTH)
        subscribing.ask_due(self.wiring)


@contextmanager
def rental_at(gateway: str, kind: type[R], wiring: Wiring, clock: FrozenClock, *, taxes: TaxSettings = NO_TAXES) -> Generator[R]:
    """A rental at one of GATEWAYS."""
    if gateway == "local":
        yield kind(wiring, clock, gateway=LocalGateway(wiring.database, clock=clock, secret=lambda: "secret", taxes=taxes))
        return
    with fake_stripe() as fake:
        assert fake.server
        made = kind(wiring, clock, gateway=StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url, taxes=taxes))
        made.stripe = fake
        yield made
