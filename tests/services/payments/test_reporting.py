"""The platform's report says what the ledger holds, in every sum, over any period; operators alone read it. Fees are of their moment."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app import checkout
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor
from app.services.audit import list_entries
from app.services.coupons import create_coupon
from app.services.market import list_listing_fees, set_listing_fee
from app.services.market.fees import change_fee, read_fees
from app.services.payments import apply_facts, export_report, get_report
from app.services.payments.ledger import GATEWAY, IN_TRANSIT, PLATFORM, TAX, balance
from app.services.payments.reporting import read_report
from app.wiring import Wiring
from models.user import User
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.market import make_listing, owed
from tests.support.people import make_member, make_workspace
from tests.support.renting import Rental


class Platform(Rental):
    """A monthly listing, single orders with and without coupons, refunds, disputes, payouts, and a plan."""

    def __init__(self, wiring: Wiring, clock: FrozenClock) -> None:
        super().__init__(wiring, clock)
        with self.wiring.unit() as uow:
            uow.actor = self.seller
            self.single = make_listing(uow, name="Single", cents=1_999).slug
            create_coupon(uow, form={"code": "FIVE", "kind": "amount", "value": "5"})

    def buyer(self) -> Callable[..., Any]:
        with self.wiring.unit() as uow:
            buyer = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
        return lambda service, **arguments: self.run_as(buyer, service, **arguments)

    def buy(self, cents: int = 1_999, coupon: str = "") -> tuple[str, Callable[..., Any]]:
        run = self.buyer()
        url = checkout.buy(self.wiring, run, slug=self.single, seen_cents=cents, coupon=coupon)
        self.pay(url)
        facts = self.gateway.facts(url.rsplit("/", 1)[-1])
        assert facts
        return facts.payment_id, run

    def hear_payment(self, payment: str) -> None:
        with self.wiring.unit() as uow:
            apply_facts(uow, self.gateway.facts(payment))

    def figures(self, **period: str) -> dict[str, int]:
        with self.wiring.unit(write=False) as uow:
            reports = read_report(uow, **period)
            return {line.key: line.cents for one in reports for line in one.lines}


@pytest.fixture
def platform(wiring: Wiring, clock: FrozenClock) -> Platform:
    return Platform(wiring, clock)


def everything(platform: Platform) -> None:
    """A bit of all that can be booked."""
    platform.subscribe("starter")
    platform.pay(platform.rent())
    first, _ = platform.buy()
    platform.buy(1_499, "FIVE")
    second, _ = platform.buy()
    third, _ = platform.buy()
    platform.gateway.refund(first, amount_cents=333, key="r")
    platform.hear_payment(first)
    for payment, states in ((second, ("open",)), (third, ("open", "won"))):
        for state in states:
            platform.gateway.dispute(payment, state)
            platform.hear_payment(payment)
    platform.clock.advance(days=8)

    def as_seller(service: Any, **arguments: Any) -> Any:
        return platform.run_as(platform.seller, service, **arguments)

    checkout.pay_out(platform.wiring, as_seller)


def test_the_reports_sums_are_the_ledgers_balances(platform: Platform) -> None:
    everything(platform)
    told = platform.figures(since="2020-01-01", until="2030-01-01")
    with platform.wiring.unit(write=False) as uow:
        held = {name: balance(uow, account, mode="test") for name, account in
                (("gateway", GATEWAY), ("platform", PLATFORM), ("tax", TAX), ("in_transit", IN_TRANSIT))}  # fmt: skip
        creators = owed(uow, platform.seller.workspace_id)
    assert told["balance_gateway"] == -held["gateway"]
    assert (told["balance_platform"], told["balance_tax"], told["balance_in_transit"]) == (
        held["platform"], held["tax"], held["in_transit"],
    )  # fmt: skip
    assert told["balance_creators"] == creators
    parts = [f"balance_{name}" for name in ("platform", "creators", "tax", "in_transit")]
    assert told["balance_gateway"] == sum(told[name] for name in parts)
    assert (told["fees"], told["tax_kept"]) == (held["platform"], held["tax"])
    assert told["creators"] + told["payouts"] == creators
    assert told["received"] == told["gross"] + told["discounts"] + told["plans"] + told["tax"]
    assert told["kept"] == told["received"] + told["refunds"] + told["disputes"] + told["disputes_won"]
    assert told["kept"] == told["fees"] + told["creators"] + told["tax_kept"]
    assert told["kept"] + told["payouts"] == told["balance_gateway"]
    assert (told["gross"], told["discounts"], told["plans"]) == (5 * 1_999, -500, 9_900)
    assert (told["refunds"], told["disputes"], told["disputes_won"]) == (-333, -2 * 1_999, 1_999)
    assert told["payouts"] < 0


def test_periods_add_up_to_the_whole(platform: Platform) -> None:
    everything(platform)
    day = platform.clock.now().date().isoformat()
    before = {"since": "2020-01-01", "until": platform.clock.now().replace(day=platform.clock.now().day - 1).date().isoformat()}
    whole, early, late = platform.figures(since="2020-01-01"), platform.figures(**before), platform.figures(since=day, until=day)
    for name, cents in whole.items():
        assert cents == (late[name] if name.startswith("balance_") else early[name] + late[name]), name


def test_the_file_holds_the_same_cents(platform: Platform) -> None:
    everything(platform)
    operator = make_operator(platform)
    file = platform.run_as(operator, export_report, since="2020-01-01")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert {row["figure"]: int(row["cents"]) for row in rows} == platform.figures(since="2020-01-01")
    assert platform.run_as(operator, get_report, since="2020-01-01")[0].mode == "test"


def make_operator(platform: Platform) -> Actor:
    with platform.wiring.unit() as uow:
        actor = make_member(uow, Role.OWNER)
        user = uow.session.get(User, actor.user_id)
        assert user
        user.email_verified_at = platform.clock.now()
        key = user.email_key
    platform.wiring = replace(platform.wiring, ports=replace(platform.wiring.ports, operators=frozenset({key})))
    return actor


@pytest.mark.parametrize("service", [get_report, export_report, list_listing_fees])
def test_nobody_else_reads_the_platforms_money(platform: Platform, service: Any) -> None:
    with pytest.raises(NotAllowed):
        platform.run(service)
    with pytest.raises(NotAllowed):
        platform.run(set_listing_fee, slug=platform.single, percent="0")


@pytest.mark.parametrize(
    ("period", "field"),
    [({"since": "yesterday"}, "since"), ({"until": "2027-02-30"}, "until"), ({"since": "2027-02-02", "until": "2027-02-01"}, "until"),
     ({"since": "9999-12-31"}, "since"), ({"since": 7}, "since")],
)  # fmt: skip
def test_a_period_that_is_none_is_refused_at_its_field(platform: Platform, period: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        platform.figures(**period)
    assert list(refused.value.fields) == [field]


def fee(platform: Platform, percent: object, starts_on: object = "") -> Any:
    with platform.wiring.unit() as uow:
        return change_fee(uow, slug=platform.single, percent=percent, starts_on=starts_on)


def test_orders_keep_the_part_of_their_moment(platform: Platform) -> None:
    url = checkout.buy(platform.wiring, platform.buyer(), slug=platform.single, seen_cents=1_999)
    fee(platform, "12.5")
    tomorrow = platform.clock.now().date().replace(day=platform.clock.now().day + 1).isoformat()
    fee(platform, 0, tomorrow)
    start = platform.shares[2]
    platform.pay(url)
    assert platform.shares[2] - start == 399
    payment, _ = platform.buy()
    assert platform.shares[2] - start == 399 + 249
    platform.clock.advance(days=1)
    platform.buy()
    assert platform.shares[2] - start == 399 + 249
    platform.gateway.refund(payment, amount_cents=1_999, key="all")
    platform.hear_payment(payment)
    assert platform.shares[2] - start == 399
    assert [(row.percent, row.is_now) for row in read_all(platform)] == [("0", True), ("12.5", False)]


def read_all(platform: Platform) -> Any:
    with platform.wiring.unit(write=False) as uow:
        return read_fees(uow)


def test_a_month_has_the_part_of_its_beginning(platform: Platform) -> None:
    platform.pay(platform.rent())
    with platform.wiring.unit() as uow:
        change_fee(uow, slug=platform.slug, percent="10")
    assert platform.shares[2] == 399
    platform.wait(days=31)
    assert platform.shares[2] == 399 + 199


@pytest.mark.parametrize("percent", ["101", "-1", "1e1", "", None, "1.234", True, 12.5, "\u0661"])
def test_a_part_that_is_none_is_refused(platform: Platform, percent: object) -> None:
    with pytest.raises(Invalid) as refused:
        fee(platform, percent)
    assert list(refused.value.fields) == ["percent"]


@pytest.mark.parametrize("day", ["2020-01-01", "soon", 5, "2027-02-30"])
def test_a_part_begins_today_or_later(platform: Platform, day: object) -> None:
    with pytest.raises(Invalid) as refused:
        fee(platform, "10", day)
    assert list(refused.value.fields) == ["starts_on"]


def test_only_listings_have_a_part(platform: Platform) -> None:
    with platform.wiring.unit() as uow, pytest.raises(NotFound):
        change_fee(uow, slug="nowhere", percent="10")


def test_what_is_set_stands_in_the_sellers_trail(platform: Platform) -> None:
    fee(platform, "15")
    found = platform.run_as(platform.seller, list_entries)
    assert "listing fee" in str(found)
