"""Coupons of monthly listings: the first month, some months or every one, on both gateways, and exact when a month goes back."""

from collections.abc import Iterator
from typing import Any

import pytest

from app import subscribing
from app.adapters.payments_stripe import StripeGateway
from app.core.payments import TaxSettings
from app.services.coupons import create_coupon, get_quote, list_coupons
from app.services.coupons.redeeming import CouponUsed
from app.services.payments.buying import PriceChanged
from app.wiring import Wiring
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.renting import CENTS, GATEWAYS, RentalAnywhere, rental_at

MONTH = 31


class Season(RentalAnywhere):
    """A rental whose seller gives codes."""

    def make(self, **form: Any) -> None:
        self.run_as(self.seller, create_coupon, form={"code": "SPRING", "kind": "amount", "value": "5", **form})

    @property
    def uses(self) -> int:
        return self.run_as(self.seller, list_coupons)[0].uses

    def subscribe_with(self, cents: int) -> None:
        self.begin(subscribing.order_listing(self.wiring, self.run, slug=self.slug, seen_cents=cents, coupon="spring"))

    def months(self, count: int) -> list[int]:
        """What each month has cost, after so many more of them."""
        for _ in range(count):
            self.pass_month()
        return [one.paid_cents for one in self.invoices]


@pytest.fixture(params=GATEWAYS)
def season(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Season]:
    with rental_at(request.param, Season, wiring, clock) as made:
        yield made


@pytest.mark.parametrize(("months", "paid"), [(1, [1499, 1999, 1999]), (2, [1499, 1499, 1999]), (0, [1499, 1499, 1499])])
def test_a_code_counts_for_as_many_months_as_it_says(season: Season, months: int, paid: list[int]) -> None:
    season.make(months=months)
    season.subscribe_with(1499)
    assert season.months(2) == paid
    assert season.uses == 1
    assert [one.discount_cents for one in season.invoices] == [CENTS - cents for cents in paid]
    held, seller, platform, tax = season.shares
    assert (held, tax) == (sum(paid), 0)
    assert platform == sum(cents * 2000 // 10_000 for cents in paid)
    assert held == seller + platform
    season.take_back()
    assert season.shares[0] == sum(paid[:-1])


def test_a_free_first_month_lets_it_run_and_is_followed_by_paid_ones(season: Season) -> None:
    season.make(kind="percent", value="100")
    season.subscribe_with(0)
    assert season.has_right()
    assert season.shares == (0, 0, 0, 0)
    assert season.months(1) == [0, CENTS]
    assert season.has_right()


def test_the_quote_says_how_long_it_costs_less(season: Season) -> None:
    season.make(months=3)
    quote = season.run(get_quote, slug=season.slug, coupon="SPRING")
    assert (quote.total_cents, quote.note) == (1499, "The first 3 months, then $19.99 a month.")
    for seen in (CENTS, 1498, 0):
        with pytest.raises(PriceChanged):
            subscribing.order_listing(season.wiring, season.run, slug=season.slug, seen_cents=seen, coupon="SPRING")
    assert season.uses == 0


def test_another_click_without_the_code_gives_the_use_back(season: Season) -> None:
    season.make(most_uses=1)
    subscribing.order_listing(season.wiring, season.run, slug=season.slug, seen_cents=1499, coupon="SPRING")
    assert season.uses == 1
    season.rent()
    assert season.uses == 0
    season.subscribe_with(1499)
    assert season.uses == 1
    season.end()
    season.months(1)
    with pytest.raises(CouponUsed):
        subscribing.order_listing(season.wiring, season.run, slug=season.slug, seen_cents=1499, coupon="SPRING")


@pytest.mark.parametrize(("is_inclusive", "paid", "tax"), [(False, 1784, 285), (True, 1499, 239)])
def test_taxes_come_off_or_on_top_of_what_the_code_leaves(
    wiring: Wiring, clock: FrozenClock, is_inclusive: bool, paid: int, tax: int
) -> None:
    taxes = TaxSettings(is_on=True, is_inclusive=is_inclusive, test_bps=1900)
    with fake_stripe() as fake:
        assert fake.server
        fake.tax_percent = 19
        from_stripe = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url, taxes=taxes)
        stripe = Season(wiring, clock, gateway=from_stripe)
        stripe.stripe = fake
        stripe.make(months=1)
        stripe.subscribe_with(1499)
        (invoice,) = stripe.invoices
        paid_there = paid if is_inclusive else 1783  # the stand-in rounds taxes down
        assert (invoice.paid_cents, invoice.paid_cents - invoice.tax_cents) == (paid_there, 1260 if is_inclusive else 1499)
    local = Season(wiring, clock)
    local.gateway.taxes = taxes
    local.make(months=1)
    before = local.shares[3]
    local.subscribe_with(1499)
    invoice = local.invoices[-1]
    assert (invoice.paid_cents, invoice.tax_cents) == (paid, tax)
    assert local.shares[3] - before == tax
