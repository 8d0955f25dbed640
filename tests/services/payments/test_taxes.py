"""Taxes on single orders: added or included, apart in the books, reversed with refunds and disputes to the cent, on both gateways."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app import checkout
from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.adapters.subscriptions_local import FAILS_LATER
from app.core.errors import Invalid
from app.core.payments import Buyer, PaymentFacts, TaxSettings
from app.core.uow import Actor
from app.services.closing import purge_some
from app.services.closing.workspaces import close, lock_open
from app.services.orders import get_order
from app.services.payments import apply_facts
from app.services.payments.ledger import GATEWAY, PLATFORM, TAX, balance
from app.services.payments.reconciling import compare_order, orders_to_ask
from app.services.subscriptions import get_invoice, get_payable
from app.services.subscriptions.reading import PAID
from app.wiring import Wiring
from models.purchase import Purchase
from models.subscription import Invoice
from models.user import User
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import make_listing, make_purchase, owed, wish_of
from tests.support.people import make_member, make_workspace
from tests.support.renting import GATEWAYS, Rental, RentalAnywhere, rental_at

ON_TOP = TaxSettings(is_on=True, test_bps=1900, collects_ids=True, wants_address=True)
WITHIN = TaxSettings(is_on=True, test_bps=1900, is_inclusive=True)
CENTS = 1_999


class Counter:
    """A buyer at a gateway that works taxes out."""

    def __init__(self, wiring: Wiring, clock: FrozenClock, gateway: Any, stripe: Any = None) -> None:
        self.gateway, self.stripe, self.clock = gateway, stripe, clock
        self.wiring = replace(wiring, ports=replace(wiring.ports, payments=gateway))
        with self.wiring.unit() as uow:
            uow.actor = self.seller = make_member(uow, Role.OWNER, workspace=make_workspace(uow))
            self.slug = make_listing(uow, cents=CENTS).slug
            uow.actor = None
            self.buyer: Actor = make_member(uow, Role.OWNER, workspace=make_workspace(uow))

    def run(self, service: Any, **arguments: Any) -> Any:
        with self.wiring.unit(self.buyer) as uow:
            return service(uow, **arguments)

    def buy(self) -> str:
        url = checkout.buy(self.wiring, self.run, slug=self.slug, seen_cents=CENTS)
        self.checkout_id = url.rsplit("/", 1)[-1]
        if self.stripe:
            self.stripe.pay(self.checkout_id)
        else:
            self.gateway.pay(self.checkout_id, card="4242424242424242", billed_to="Acme Ltd\nGB123456789")
        checkout.hear(self.wiring, self.checkout_id)
        return self.order.payment_id or ""

    @property
    def order(self) -> Purchase:
        with self.wiring.unit(self.buyer, write=False) as uow:
            row = uow.session.exec(uow.scoped(Purchase)).one()
            uow.session.expunge_all()
            return row

    @property
    def books(self) -> tuple[int, int, int, int]:
        """What the gateway holds, and of it the seller's, the platform's and the tax office's."""
        with self.wiring.unit(write=False) as uow:
            held, ours, tax = (balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM, TAX))
            return -held, owed(uow, self.seller.workspace_id), ours, tax

    def agrees(self) -> str:
        with self.wiring.unit(write=False) as uow:
            (asked,) = orders_to_ask(uow, mode="test")
            return compare_order(uow, asked=asked, facts=self.gateway.facts(asked.checkout_id))


@pytest.fixture(params=["local on top", "local within", "stripe on top", "stripe within"])
def counter(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Counter]:
    which, _, how = request.param.partition(" ")
    taxes = ON_TOP if how == "on top" else WITHIN
    if which == "local":
        yield Counter(wiring, clock, LocalGateway(wiring.database, clock=clock, secret=lambda: "secret", taxes=taxes))
        return
    with fake_stripe() as fake:
        assert fake.server
        fake.tax_percent = 19
        yield Counter(wiring, clock, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url, taxes=taxes), fake)


def test_tax_belongs_to_neither_seller_nor_platform(counter: Counter) -> None:
    counter.buy()
    is_inclusive = counter.gateway.taxes.is_inclusive
    paid, tax = (1999, 319) if is_inclusive else (2379, 380)
    order = counter.order
    assert (order.amount_cents, order.paid_cents, order.tax_cents) == (CENTS, paid, tax)
    net = paid - tax
    assert counter.books == (paid, net - net // 5, net // 5, tax)
    assert counter.agrees() == ""
    shown = counter.run(get_order, order_id=str(order.id))
    assert (shown.amount, shown.tax) == (("$19.99", "$3.19") if is_inclusive else ("$23.79", "$3.80"))
    checkout.take_back(counter.wiring, counter.run, purchase_id=str(order.id))
    assert counter.books == (0, 0, 0, 0)
    assert counter.order.state == "refunded"
    assert counter.agrees() == ""


def test_partial_refunds_and_disputes_return_the_taxes_part_exactly(counter: Counter) -> None:
    payment = counter.buy()
    whole = counter.books
    for number, cents in enumerate((1, 3, 99, 1000)):
        counter.gateway.refund(payment, amount_cents=cents, key=f"part-{number}")
        for _ in range(2):
            checkout.hear(counter.wiring, payment)
        held, *parts = counter.books
        assert held == sum(parts)
        assert counter.agrees() == ""
    left = counter.books
    (counter.stripe or counter.gateway).dispute(payment, "open")
    checkout.hear(counter.wiring, payment)
    assert counter.books == (0, 0, 0, 0)
    (counter.stripe or counter.gateway).dispute(payment, "won")
    checkout.hear(counter.wiring, payment)
    assert counter.books == left
    counter.gateway.refund(payment, amount_cents=left[0], key="rest")
    checkout.hear(counter.wiring, payment)
    assert counter.books == (0, 0, 0, 0)
    assert whole[0] == counter.order.refunded_cents


def test_what_the_buyer_gave_for_the_invoice_is_kept(counter: Counter) -> None:
    counter.buy()
    told = counter.order.billed_to
    if counter.stripe is None:
        assert told == "Acme Ltd\nGB123456789"
    elif counter.gateway.taxes.collects_ids:
        assert told == "Acme Ltd\n1 High Street, BA1 1AA, Bath, GB\nGB123456789"
        asked = counter.stripe.sessions[counter.checkout_id]["asked"]
        assert asked == {
            "automatic_tax": {"enabled": "true"},
            "tax_id_collection": {"enabled": "true"},
            "billing_address_collection": "required",
        }
    else:
        assert told == ""


def test_the_test_page_says_what_the_sum_is_made_of(wiring: Wiring, clock: FrozenClock) -> None:
    counter = Counter(wiring, clock, LocalGateway(wiring.database, clock=clock, secret=lambda: "secret", taxes=ON_TOP))
    url = checkout.buy(counter.wiring, counter.run, slug=counter.slug, seen_cents=CENTS)
    page = counter.run(get_payable, checkout_id=url.rsplit("/", 1)[-1])
    assert page.amount == "$23.79"
    assert [(line.text, line.amount) for line in page.lines] == [("Price", "$19.99"), ("Tax (19 %)", "$3.80")]
    assert (page.asks_address, page.asks_tax_id, "within 14 days" in page.terms) == (True, True, True)


ACME = Buyer("Acme Ltd", "1 High Street, BA1 1AA, Bath, GB", "GB123456789")


class Renter(RentalAnywhere):
    """A buyer of months who fills in what the page asks for."""

    payer = ACME

    def told(self) -> set[tuple[str, ...]]:
        """To whom the documents of all invoices are made out."""
        return {self.run(get_invoice, invoice_id=str(one.id)).billed_to for one in self.invoices}


@pytest.fixture(params=GATEWAYS)
def renter(request: pytest.FixtureRequest, wiring: Wiring, clock: FrozenClock) -> Iterator[Renter]:
    with rental_at(request.param, Renter, wiring, clock, taxes=ON_TOP) as made:
        yield made


def test_every_month_of_a_listing_and_of_a_plan_is_made_out_to_the_buyer(renter: Renter) -> None:
    for url in (renter.rent(), renter.order("starter")):
        renter.begin(url)
    renter.change("pro")
    renter.pass_month()
    assert len(renter.invoices) == 5
    assert renter.told() == {tuple(ACME.lines.split("\n"))}


def test_the_name_on_an_invoice_outlives_the_workspace(renter: Renter) -> None:
    renter.begin(renter.rent())
    purge(renter)
    assert [one.billed_to for one in renter.invoices] == [ACME.lines]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_where_nothing_is_asked_an_invoice_keeps_the_workspace_and_who_ordered(wiring: Wiring, clock: FrozenClock, gateway: str) -> None:
    with rental_at(gateway, RentalAnywhere, wiring, clock) as plain:
        plain.begin(plain.rent())
        with plain.wiring.unit() as uow:
            name = uow.session.get_one(Workspace, plain.owner.workspace_id).name
            email = uow.session.get_one(User, plain.owner.user_id).email
        purge(plain)
        assert [one.billed_to for one in plain.invoices] == [f"{name}\n{email}"]


def test_an_invoice_of_an_earlier_release_reads_as_it_did(renter: Renter) -> None:
    renter.begin(renter.rent())
    with renter.wiring.unit() as uow:
        uow.session.exec(select(Invoice)).one().billed_to = ""
        uow.session.get_one(Workspace, renter.owner.workspace_id).name = "Renamed"
    ((first, email),) = renter.told()
    assert (first, "@" in email) == ("Renamed", True)


def purge(desk: Rental) -> None:
    """The buyer's workspace is deleted, and time takes what is in it."""
    with desk.wiring.unit(desk.owner) as uow:
        close(uow, lock_open(uow, desk.owner.workspace_id), by=desk.owner.user_id)
    desk.clock.advance(days=15)
    while desk.wiring.call(purge_some, None):
        pass
    with desk.wiring.unit() as uow:
        assert uow.session.get_one(Workspace, desk.owner.workspace_id).name == "Deleted workspace"


def test_the_test_page_asks_for_months_what_it_asks_for_single_orders(wiring: Wiring, clock: FrozenClock) -> None:
    with rental_at("local", Renter, wiring, clock, taxes=ON_TOP) as desk:
        for url in (desk.rent(), desk.order("starter")):
            page = desk.run(get_payable, checkout_id=url.rsplit("/", 1)[-1])
            assert (page.asks_address, page.asks_tax_id, "every month" in page.terms) == (True, True, True)


@pytest.mark.parametrize("kind", ["once", "listing", "plan"])
@pytest.mark.parametrize(
    ("taxes", "buyer", "missing"),
    [
        (ON_TOP, Buyer(), {"billing_name", "billing_address"}),
        (ON_TOP, Buyer(name="Acme", tax_id="GB1"), {"billing_address"}),
        (ON_TOP, Buyer(name="\t ", address="Bath"), {"billing_name"}),
        (replace(ON_TOP, wants_address=False), Buyer(tax_id="GB1"), {"billing_name"}),
        (replace(ON_TOP, wants_address=False), Buyer(), set()),
        (TaxSettings(), Buyer(), set()),
        (ON_TOP, Buyer("Acme", "Bath"), set()),
    ],
)
def test_every_payment_is_refused_alike_without_what_must_be_given(
    wiring: Wiring, clock: FrozenClock, kind: str, taxes: TaxSettings, buyer: Buyer, missing: set[str]
) -> None:
    with rental_at("local", Renter, wiring, clock, taxes=taxes) as desk:
        desk.payer = buyer
        desk.change_listing(is_monthly=kind != "once")
        if kind == "once":
            url = checkout.buy(desk.wiring, desk.run, slug=desk.slug, seen_cents=desk.cents)
        else:
            url = desk.order("starter") if kind == "plan" else desk.rent()
        subject = url.rsplit("/", 1)[-1]
        assert desk.run(get_payable, checkout_id=subject).ended == ""
        if not missing:
            desk.pay(url)
            assert desk.run(get_payable, checkout_id=subject).ended == PAID
            return
        with pytest.raises(Invalid) as refused:
            desk.pay(url)
        assert set(refused.value.fields) == missing
        assert desk.invoices == []


def test_an_open_invoice_is_paid_without_giving_its_buyer_again(wiring: Wiring, clock: FrozenClock) -> None:
    with rental_at("local", Renter, wiring, clock, taxes=ON_TOP) as desk:
        desk.pay(desk.rent(), card=FAILS_LATER)
        desk.pass_month()
        desk.payer = Buyer()
        desk.pay(desk.seen.pay_url)
        assert [(one.state, one.billed_to) for one in desk.invoices] == [("paid", ACME.lines)] * 2


@pytest.mark.parametrize(("paid", "tax"), [(1998, 0), (2000, 0), (2380, 380), (1999, -1), (2378, 380), (0, 0), (1999 + 380, 379)])
def test_a_payment_over_another_sum_settles_nothing(wiring: Wiring, clock: FrozenClock, paid: int, tax: int) -> None:
    with wiring.unit() as uow:
        buyer, seller = make_member(uow), make_member(uow)
        purchase = make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=CENTS)
        facts = PaymentFacts("cs_1", str(purchase.id), "paid", CENTS, "usd", "pi_1", paid_cents=paid, tax_cents=tax)
        assert apply_facts(uow, facts) is None
        assert purchase.state == "pending"
        assert balance(uow, GATEWAY, mode="test") == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cents=st.integers(1, 5_000), bps=st.integers(0, 3_000), within=st.booleans(), shares=st.lists(st.integers(1, 60), max_size=5))
def test_every_sequence_of_refunds_empties_every_account(
    wiring: Wiring, clock: FrozenClock, cents: int, bps: int, within: bool, shares: list[int]
) -> None:
    gateway = LocalGateway(
        wiring.database, clock=clock, secret=lambda: "secret", taxes=TaxSettings(is_on=True, is_inclusive=within, test_bps=bps)
    )
    with wiring.unit() as uow:
        buyer, seller = make_member(uow), make_member(uow)
        purchase = make_purchase(uow, buyer, seller_id=seller.workspace_id, cents=cents)
        wish, start = wish_of(purchase), [balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM, TAX)]
    opened = gateway.open_checkout(wish)
    gateway.pay(opened.id, card="4242424242424242")
    facts = gateway.facts(opened.id)
    assert facts
    left = facts.paid_cents
    for number, share in enumerate([*shares, 100]):
        part = min(left, max(1, facts.paid_cents * share // 100)) if share < 100 else left
        if part:
            gateway.refund(facts.payment_id, amount_cents=part, key=f"{wish.reference}-{number}")
            left -= part
            with wiring.unit() as uow:
                found = gateway.facts(opened.id)
                assert found
                apply_facts(uow, found)
    with wiring.unit(write=False) as uow:
        assert [balance(uow, account, mode="test") for account in (GATEWAY, PLATFORM, TAX)] == start
        assert owed(uow, seller.workspace_id) == 0
