"""The contract of gateways about who monthly invoices are made out to: both ask for it once and tell it with every invoice."""

from collections.abc import Iterator

import pytest

from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.payments import TaxSettings
from app.wiring import Wiring
from tests.adapters.test_subscriptions import CARD, PRO, Till, wish
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe

GIVEN = "Acme Ltd\n1 High Street, BA1 1AA, Bath, GB\nGB123456789"
ASKING = TaxSettings(collects_ids=True, wants_address=True)


class Asking(Till):
    """A till at which the buyer fills in what the page asks for."""

    def begin(self, checkout_id: str, *, fails_later: bool = False) -> str:
        if isinstance(self.gateway, LocalGateway):
            card, asked = FAILS_LATER if fails_later else CARD, self.gateway.taxes.wants_address
            assert self.gateway.pay(checkout_id, card=card, billed_to=GIVEN if asked else "") == ""
            return self.at(checkout_id).subscription_id
        return super().begin(checkout_id, fails_later=fails_later)

    def buyers(self, subject: str) -> list[str]:
        return [one.billed_to for one in self.at(subject).invoices]


def till_of(which: str, taxes: TaxSettings, wiring: Wiring, clock: FrozenClock) -> Iterator[Asking]:
    if which == "local":
        yield Asking(LocalGateway(wiring.database, clock=clock, secret=lambda: "secret", taxes=taxes), clock)
        return
    with fake_stripe() as fake:
        assert fake.server
        fake.now = clock.now()
        yield Asking(StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url, taxes=taxes), clock, fake)


@pytest.fixture(params=["local", "stripe"])
def till(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Asking]:
    yield from till_of(request.param, ASKING, wiring, clock)


@pytest.fixture(params=["local", "stripe"])
def plain(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Asking]:
    yield from till_of(request.param, TaxSettings(), wiring, clock)


def test_the_first_month_raises_and_renewals_are_made_out_to_the_same_buyer(till: Asking) -> None:
    subject = till.subscribe()
    till.wait(days=1)
    till.gateway.change_now(subject, price=PRO, at=till.clock.now(), key="c1")
    till.wait(days=70)
    assert till.buyers(subject) == [GIVEN] * 4


def test_who_pays_an_open_invoice_does_not_change_who_it_is_made_out_to(till: Asking) -> None:
    subject = till.subscribe(fails_later=True)
    till.wait(days=32)
    before = till.buyers(subject)
    till.pay(till.at(subject).invoices[-1].id)
    assert till.at(subject).state == "active"
    assert (till.buyers(subject), before) == ([GIVEN] * 2, [GIVEN] * 2)


def test_nothing_is_told_where_nothing_is_asked(plain: Asking) -> None:
    subject = plain.subscribe()
    plain.wait(days=40)
    assert plain.buyers(subject) == ["", ""]


def test_stripes_page_is_told_to_ask_for_months_as_for_single_orders(wiring: Wiring, clock: FrozenClock) -> None:
    for till in till_of("stripe", ASKING, wiring, clock):
        assert till.stripe
        session = till.stripe.sessions[till.gateway.open_subscription(wish()).id]
        assert session["asked"] == {
            "automatic_tax": None,
            "tax_id_collection": {"enabled": "true"},
            "billing_address_collection": "required",
        }
