"""Coupons: made by sellers, entered by buyers, counted at the race, given back with the order, and exact in the books on both gateways."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app import checkout
from app.adapters.payments_stripe import StripeGateway
from app.core.errors import AppError, Conflict, Invalid, NotFound
from app.core.uow import Actor
from app.services.coupons import change_coupon, create_coupon, get_quote, list_coupons
from app.services.coupons.redeeming import CouponHeld, CouponRefused, CouponUsed
from app.services.payments import note_checkout
from app.services.payments.buying import ListingAlreadyOwned, PriceChanged
from app.services.payments.ledger import GATEWAY, PLATFORM, balance
from app.views.coupons import CouponRow
from app.wiring import Wiring
from models.purchase import Purchase
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, FakeStripe, fake_stripe
from tests.support.market import CARD, make_listing, owed
from tests.support.people import make_member, make_workspace

CENTS = 1_999


class Shop:
    """A seller with one listing for money, and buyers."""

    def __init__(self, wiring: Wiring, clock: FrozenClock, gateway: Any = None) -> None:
        self.wiring = wiring if gateway is None else replace(wiring, ports=replace(wiring.ports, payments=gateway))
        self.clock = clock
        with self.wiring.unit() as uow:
            uow.actor = self.seller = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
            self.slug = make_listing(uow, cents=CENTS).slug
            self.other_slug = make_listing(uow, name="Another one", cents=500).slug
            uow.actor = None
            self.buyer = make_member(uow, Role.OWNER, workspace=make_workspace(uow))

    def run_as(self, actor: Actor) -> Any:
        def run(service: Any, **arguments: Any) -> Any:
            with self.wiring.unit(actor) as uow:
                return service(uow, **arguments)

        return run

    def make(self, code: str = "SPRING", **form: Any) -> CouponRow:
        wanted = {"code": code, "kind": "percent", "value": "20", **form}
        return self.run_as(self.seller)(create_coupon, form=wanted)

    def coupon(self) -> CouponRow:
        return self.run_as(self.seller)(list_coupons)[0]

    def quote(self, code: str = "SPRING", actor: Actor | None = None, slug: str = "") -> Any:
        return self.run_as(actor or self.buyer)(get_quote, slug=slug or self.slug, coupon=code)

    def buy(self, cents: int, code: str = "SPRING", actor: Actor | None = None, slug: str = "") -> str:
        return checkout.buy(self.wiring, self.run_as(actor or self.buyer), slug=slug or self.slug, seen_cents=cents, coupon=code)

    def pay(self, url: str) -> None:
        checkout_id, gateway = url.rsplit("/", 1)[-1], self.wiring.ports.payments
        if isinstance(gateway, StripeGateway):
            self.stripe.pay(checkout_id)
            body, signature = self.stripe.event("checkout.session.completed", self.stripe.sessions[checkout_id])
            checkout.deliver(self.wiring, body=body, signature=signature)
        else:
            checkout.pay_with_test_card(self.wiring, checkout_id=checkout_id, card=CARD)

    def orders(self) -> list[Purchase]:
        with self.wiring.unit(write=False) as uow:
            rows = list(uow.session.exec(select(Purchase).order_by(Purchase.id)))  # type: ignore[arg-type]
            uow.session.expunge_all()
            return rows

    def books(self) -> tuple[int, int, int]:
        """What the gateway holds, and what of it is the seller's and the platform's."""
        with self.wiring.unit(write=False) as uow:
            return -balance(uow, GATEWAY, mode="test"), owed(uow, self.seller.workspace_id), balance(uow, PLATFORM, mode="test")

    def another_buyer(self) -> Actor:
        with self.wiring.unit() as uow:
            return make_member(uow, Role.OWNER, workspace=make_workspace(uow))

    stripe: FakeStripe


@pytest.fixture(params=["local", "stripe"])
def shop(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Shop]:
    if request.param == "local":
        yield Shop(wiring, clock)
        return
    with fake_stripe() as fake:
        assert fake.server
        made = Shop(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url))
        made.stripe = fake
        yield made


@pytest.fixture
def local(wiring: Wiring, clock: FrozenClock) -> Shop:
    return Shop(wiring, clock)


def test_what_is_paid_with_a_coupon_is_split_and_returned_to_the_cent(shop: Shop) -> None:
    shop.make()
    quote = shop.quote(" spring ")
    assert (quote.price, quote.discount, quote.total, quote.total_cents, quote.code) == ("$19.99", "\u2212$3.99", "$16.00", 1600, "SPRING")
    assert shop.coupon().uses == 0, "asking holds nothing"
    url = shop.buy(1600)
    assert shop.coupon().uses == 1
    shop.pay(url)
    (order,) = shop.orders()
    assert (order.amount_cents, order.discount_cents, order.coupon_code, order.paid_cents) == (1600, 399, "SPRING", 1600)
    assert shop.books() == (1600, 1280, 320)
    checkout.take_back(shop.wiring, shop.run_as(shop.buyer), purchase_id=str(order.id))
    assert shop.books() == (0, 0, 0)
    assert shop.orders()[0].refunded_cents == 1600
    assert shop.coupon().uses == 1, "a refund is no new use"


def test_the_price_that_is_sent_is_only_compared(shop: Shop) -> None:
    shop.make()
    for seen in (CENTS, 1599, 1601, 0, -1, 1600.0, "1600", None, True, float("nan"), 1e308):
        with pytest.raises(PriceChanged):
            shop.buy(seen)  # type: ignore[arg-type]
    with pytest.raises(PriceChanged):
        shop.buy(1600, code="")
    assert not shop.orders()
    assert shop.coupon().uses == 0


def test_a_second_click_is_the_same_order_and_another_code_another_one(shop: Shop) -> None:
    shop.make()
    shop.make("HALF", value="50", most_uses=1)
    first = shop.buy(1600)
    assert shop.buy(1600, code="spring") == first
    other = shop.buy(1000, code="HALF")
    assert other != first
    uses = {row.code: row.uses for row in shop.run_as(shop.seller)(list_coupons)}
    assert uses == {"SPRING": 0, "HALF": 1}, "the closed checkout has given its use back"
    shop.pay(other)
    assert [(order.state, order.amount_cents) for order in shop.orders()] == [("expired", 1600), ("paid", 1000)]
    with pytest.raises(ListingAlreadyOwned):
        shop.buy(1600)


def test_of_two_tabs_that_buy_at_once_one_page_can_be_paid(shop: Shop) -> None:
    shop.make()
    run, opened = shop.run_as(shop.buyer), list[str]()

    def slow(service: Any, **arguments: Any) -> Any:
        if service is note_checkout and not opened:
            opened.append(arguments["checkout"].id)
            opened.append(shop.buy(1600).rsplit("/", 1)[-1])  # meanwhile, in another tab, with a code
        return run(service, **arguments)

    last = checkout.buy(shop.wiring, slow, slug=shop.slug, seen_cents=CENTS).rsplit("/", 1)[-1]
    gateway = shop.wiring.ports.payments
    assert gateway is not None
    states = [facts.state for one in (*opened, last) if (facts := gateway.facts(one)) is not None]
    assert len({*opened, last}) == 3
    assert [state == "open" for state in states] == [False, False, True]
    assert [order.amount_cents for order in shop.orders() if order.claim] == [CENTS]


def test_a_code_for_everything_is_an_order_that_costs_nothing(shop: Shop) -> None:
    shop.make(value="100")
    url = shop.buy(0)
    (order,) = shop.orders()
    assert url.endswith(f"/purchases/{order.id}")
    assert (order.state, order.amount_cents, order.discount_cents, order.checkout_id, order.paid_cents) == ("paid", 0, CENTS, None, 0)
    assert shop.books() == (0, 0, 0)
    with pytest.raises(ListingAlreadyOwned):
        shop.buy(0)
    with pytest.raises(Conflict):
        checkout.take_back(shop.wiring, shop.run_as(shop.buyer), purchase_id=str(order.id))
    assert shop.coupon().uses == 1


def test_an_expired_checkout_gives_its_use_back(shop: Shop) -> None:
    shop.make(most_uses=1)
    url = shop.buy(1600)
    other = shop.another_buyer()
    with pytest.raises(CouponRefused):
        shop.buy(1600, actor=other)
    gateway: Any = shop.wiring.ports.payments
    gateway.close_checkout(url.rsplit("/", 1)[-1])
    for _ in range(2):
        checkout.hear(shop.wiring, url.rsplit("/", 1)[-1])
    assert shop.coupon().uses == 0
    shop.pay(shop.buy(1600, actor=other))
    assert shop.coupon().uses == 1


def test_an_order_keeps_the_discount_that_it_was_placed_with(local: Shop) -> None:
    row = local.make(expires_at="2026-12-31")
    url = local.buy(1600)
    local.run_as(local.seller)(change_coupon, coupon_id=row.id, form={"is_active": False})
    local.clock.advance(days=400)
    assert local.buy(1600) == url
    with pytest.raises(CouponRefused):
        local.buy(1600, actor=local.another_buyer())
    local.pay(url)
    assert local.books()[0] == 1600


@pytest.mark.parametrize("form", [{"most_uses": 1}, {"expires_at": "2026-03-05"}, {"starts_at": "2027-01-01"}, {"is_paused": True}, {}])
def test_who_guesses_learns_of_no_code_that_it_exists(local: Shop, form: dict[str, Any]) -> None:
    row = local.make(listing=local.other_slug if not form else local.slug, **{k: v for k, v in form.items() if k != "is_paused"})
    if "is_paused" in form:
        local.run_as(local.seller)(change_coupon, coupon_id=row.id, form={"is_active": False})
    if "most_uses" in form:
        local.buy(1600, actor=local.another_buyer())
    if "expires_at" in form:
        local.clock.advance(days=30)
    told = []
    for code in ("SPRING", "NOWHERE", "'; DROP TABLE coupon; --", "\x00\x00\x00", "İSTANBUL", "x" * 200):
        for ask in (local.quote, lambda code: local.buy(1600, code=code)):
            with pytest.raises(CouponRefused) as refused:
                ask(code)
            told.append((refused.value.message, refused.value.error_code, tuple(refused.value.fields)))
    assert len(set(told)) == 1
    assert not [order for order in local.orders() if order.workspace_id == local.buyer.workspace_id]


def test_a_code_counts_once_for_a_buyer_through_whichever_workspace(local: Shop) -> None:
    local.make(listing="")
    local.pay(local.buy(1600))
    with pytest.raises(CouponUsed):
        local.quote(slug=local.other_slug)
    with local.wiring.unit() as uow:
        second = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
    elsewhere = replace(local.buyer, workspace_id=second.workspace_id)
    with pytest.raises(CouponUsed):
        local.buy(1600, actor=elsewhere)
    assert local.coupon().uses == 1


def test_a_code_that_an_open_page_holds_is_not_called_used(local: Shop) -> None:
    local.make(listing="")
    page = local.buy(1600)
    with pytest.raises(CouponHeld) as refused:
        local.buy(400, slug=local.other_slug)
    assert refused.value.fields == {"coupon": str(refused.value)}
    local.buy(CENTS, code="")  # the way out that it names: the first order without the code
    assert local.buy(400, slug=local.other_slug) != page


def test_of_fifty_buyers_at_once_one_gets_the_last_use(local: Shop) -> None:
    local.make(most_uses=1)
    buyers = [local.another_buyer() for _ in range(50)]

    def one(buyer: Actor) -> str:
        try:
            return local.buy(1600, actor=buyer)
        except CouponRefused:
            return ""

    with ThreadPoolExecutor(10) as pool:
        urls = [url for url in pool.map(one, buyers) if url]
    assert len(urls) == 1
    assert local.coupon().uses == 1
    assert [(order.amount_cents, order.coupon_code) for order in local.orders()] == [(1600, "SPRING")]


def test_one_buyer_in_many_tabs_holds_one_use(local: Shop) -> None:
    local.make(most_uses=5)
    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(lambda _: local.buy(1600), range(16)))
    assert len(urls) == 1
    assert local.coupon().uses == 1


def test_sellers_make_codes_for_their_own_listings_only(local: Shop) -> None:
    with pytest.raises(NotFound):
        local.run_as(local.buyer)(create_coupon, form={"code": "MINE", "kind": "percent", "value": "99", "listing": local.slug})
    theirs = local.run_as(local.buyer)(create_coupon, form={"code": "MINE", "kind": "percent", "value": "99", "listing": ""})
    with pytest.raises(CouponRefused):
        local.quote("MINE")
    with pytest.raises(NotFound):
        local.run_as(local.seller)(change_coupon, coupon_id=theirs.id, form={"is_active": False})
    with pytest.raises(NotFound):
        local.run_as(local.seller)(change_coupon, coupon_id=str(uuid.uuid4()), form={})


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"code": "A"}, "code"), ({"code": "a b c"}, "code"), ({"code": None}, "code"),
        ({"value": "0"}, "value"), ({"value": "101"}, "value"), ({"value": "-5"}, "value"), ({"value": "NaN"}, "value"),
        ({"value": 1e308}, "value"),
        ({"kind": "gift"}, "kind"), ({"kind": "amount", "value": "0"}, "value"), ({"kind": "amount", "value": "10000.01"}, "value"),
        ({"kind": "amount", "value": "1.234"}, "value"), ({"most_uses": "0"}, "most_uses"), ({"most_uses": True}, "most_uses"),
        ({"months": "37"}, "months"), ({"months": -1}, "months"), ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
        ({"starts_at": "2027-02-01", "expires_at": "2027-01-01"}, "expires_at"), ({"starts_at": "9999-99-99"}, "starts_at"),
        ({"expires_at": "9999-12-31"}, "expires_at"),
    ],
)  # fmt: skip
def test_a_wrong_code_is_refused_at_its_field(local: Shop, form: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        local.make(**form)
    assert list(refused.value.fields) == [field]


def test_everything_that_is_wrong_in_a_form_is_told_at_once(local: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        local.make(code="a b!", value="133", most_uses="-1", months="x", starts_at="2027-02-01", expires_at="2027-01-01")
    assert set(refused.value.fields) == {"code", "value", "most_uses", "months", "expires_at"}


def test_the_same_code_is_made_once(local: Shop) -> None:
    local.make()
    with pytest.raises(AppError) as refused:
        local.make("spring", value="5")
    assert refused.value.error_code == "code_taken"
    local.make("FIVE", kind="amount", value="$5")
    assert [(row.code, row.discount, row.state) for row in local.run_as(local.seller)(list_coupons)] == [
        ("FIVE", "$5.00", "active"),
        ("SPRING", "20 %", "active"),
    ]


def test_guessing_codes_is_slowed_down(local: Shop) -> None:
    codes: set[str] = set()
    for number in range(70):
        with pytest.raises(AppError) as refused:
            local.quote(f"GUESS-{number}")
        codes.add(refused.value.error_code)
    assert codes == {"coupon_refused", "limit_reached"}
