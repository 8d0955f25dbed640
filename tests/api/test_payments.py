"""Buying over HTTP: one order whatever is clicked or sent, settled by a verified event alone, taken back exactly once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.services.accounts import resolve_actor
from app.services.market import get_listing, install_listing, set_listing_price, unlist_listing
from app.services.market.installing import ListingNotBought
from app.services.orders import list_orders
from app.services.payments.ledger import GATEWAY, PLATFORM, balance
from app.session import COOKIE
from app.wiring import Wiring
from models.ledger import LedgerEntry
from models.listing import Listing
from models.purchase import Purchase
from models.workspace import Membership, Role
from tests.support.api import api_over
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import CARD, make_listing, owed
from tests.support.people import make_member

PRICE = 1999


def landing(answer: Any) -> str:
    """Where an order leads to."""
    return answer.json()["data"]["next"]


class Shop:
    """A seller with one listing, a signed-in buyer, and the gateway between them."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.buyer = self.person("ada@example.com")
        with wiring.unit() as uow:
            uow.actor = self.seller = make_member(uow, Role.OWNER)
            self.slug = make_listing(uow, cents=PRICE).slug

    def person(self, email: str) -> TestClient:
        client = TestClient(api_over(self.wiring), headers={"Origin": self.wiring.settings.public_url})
        client.post("/api/v1/auth/sign-up", json={"name": "Ada", "email": email, "password": "engine of analysis 9"})
        return client

    def order(self, client: TestClient | None = None, cents: object = PRICE) -> Any:
        return (client or self.buyer).post("/api/v1/purchases", json={"slug": self.slug, "seen_cents": cents})

    def as_buyer(self, service: Any, **arguments: Any) -> Any:
        with self.wiring.unit() as uow:
            uow.actor = resolve_actor(uow, token=self.buyer.cookies[COOKIE])
            return service(uow, **arguments)

    def purchases(self) -> list[Purchase]:
        with self.wiring.unit(write=False) as uow:
            rows = list(uow.session.exec(select(Purchase)))
            uow.session.expunge_all()
            return rows

    def books(self) -> tuple[int, int, int]:
        with self.wiring.unit(write=False) as uow:
            return owed(uow, self.seller.workspace_id), balance(uow, PLATFORM, mode="test"), balance(uow, GATEWAY, mode="test")

    def entries(self) -> int:
        with self.wiring.unit(write=False) as uow:
            return len(uow.session.exec(select(LedgerEntry.id)).all())

    def pay(self, url: str) -> Any:
        return self.buyer.post(f"/api/v1/test-payments/{url.rsplit('/', 1)[-1]}", json={"card": CARD})

    @property
    def gateway(self) -> LocalGateway:
        assert isinstance(self.wiring.ports.payments, LocalGateway)
        return self.wiring.ports.payments

    def event(self, kind: str = "checkout.session.completed", subject: str = "") -> Any:
        body, signature = self.gateway.event(kind, subject or str(self.purchases()[0].checkout_id))
        return self.buyer.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature})


@pytest.fixture
def shop(wiring: Wiring) -> Shop:
    return Shop(wiring)


@pytest.fixture
def paid(shop: Shop) -> Shop:
    assert shop.pay(landing(shop.order())).status_code == 200
    return shop


def test_a_purchase_from_click_to_install(shop: Shop) -> None:
    url = landing(shop.order())
    assert [(row.state, row.pay_url) for row in shop.as_buyer(list_orders)] == [("pending", url)]
    answer = shop.pay(url)
    assert [(row.state, row.pay_url) for row in shop.as_buyer(list_orders)] == [("paid", "")]
    assert answer.json()["next"] == f"/purchases/{shop.purchases()[0].id}"
    assert (shop.purchases()[0].state, shop.books()) == ("paid", (1600, 399, -1999))
    assert shop.as_buyer(get_listing, slug=shop.slug).access == "owned"
    first = shop.as_buyer(install_listing, slug=shop.slug, version="1.0.0")
    assert shop.as_buyer(install_listing, slug=shop.slug, version="1.0.0") == first


@pytest.mark.parametrize("cents", [0, 1, PRICE - 1, PRICE + 1, -PRICE, 1e308, "1998", "x", None, True, 0.1 + 0.2])
def test_a_price_the_client_names_never_counts(shop: Shop, cents: object) -> None:
    body = json.dumps({"slug": shop.slug, "seen_cents": cents, "amount_cents": 1, "currency": "xxx", "seller_id": "x", "quantity": 0})
    answer = shop.buyer.post("/api/v1/purchases", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (409, 422)
    assert shop.purchases() == []


def test_the_price_of_an_order_stands_and_a_changed_one_is_told(shop: Shop) -> None:
    first = landing(shop.order())
    with shop.wiring.unit(shop.seller) as uow:
        set_listing_price(uow, slug=shop.slug, price="29.99")
    answer = shop.order()
    assert (answer.status_code, answer.json()["error_code"]) == (409, "price_changed")
    second = landing(shop.order(cents=2999))
    assert second != first
    assert shop.pay(first).status_code == 422  # the earlier page is closed
    assert shop.pay(second).status_code == 200
    assert sorted((row.amount_cents, row.state) for row in shop.purchases()) == [(1999, "expired"), (2999, "paid")]


def test_two_tabs_and_a_double_click_make_one_order(shop: Shop) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: shop.order(), range(4)))
    assert {landing(answer) for answer in answers} == {landing(shop.order())}
    assert len(shop.purchases()) == 1


def test_replayed_and_repeated_events_settle_once(paid: Shop) -> None:
    body, signature = paid.gateway.event("checkout.session.completed", str(paid.purchases()[0].checkout_id))
    with ThreadPoolExecutor(4) as pool:
        sent = lambda _: paid.buyer.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature})  # noqa: E731
        assert {answer.status_code for answer in pool.map(sent, range(4))} == {200}
    paid.event()
    paid.pay(f"/pay/{paid.purchases()[0].checkout_id}")
    assert (paid.entries(), paid.books()) == (2, (1600, 399, -1999))


def test_coming_back_without_paying_gives_nothing(shop: Shop) -> None:
    shop.order()
    assert shop.event().status_code == 200  # signed, but the gateway says: not paid
    assert (shop.purchases()[0].state, shop.entries()) == ("pending", 0)
    with pytest.raises(ListingNotBought):
        shop.as_buyer(install_listing, slug=shop.slug, version="1.0.0")


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", None])
def test_an_unsigned_event_settles_nothing(shop: Shop, signature: str | None) -> None:
    url = landing(shop.order())
    shop.gateway.pay(url.rsplit("/", 1)[-1], card=CARD)
    body, good = shop.gateway.event("checkout.session.completed", str(shop.purchases()[0].checkout_id))
    changed = body if signature is not None else body + b" "
    answer = shop.buyer.post(
        "/api/payments/events", content=changed, headers={"Stripe-Signature": good if signature is None else signature}
    )
    assert (answer.status_code, shop.purchases()[0].state) == (422, "pending")
    shop.event()
    assert shop.purchases()[0].state == "paid"


def test_nobody_pays_or_takes_back_somebody_elses_order(paid: Shop) -> None:
    stranger = paid.person("eve@example.com")
    path = f"/api/v1/purchases/{paid.purchases()[0].id}/refund"
    assert stranger.post(path, json={}).status_code == 404
    assert stranger.post("/api/v1/purchases/00000000-0000-0000-0000-000000000000/refund", json={}).status_code == 404
    assert paid.purchases()[0].state == "paid"


def test_a_sellers_people_never_buy_from_themselves(shop: Shop) -> None:
    with shop.wiring.unit() as uow:
        buyer = resolve_actor(uow, token=shop.buyer.cookies[COOKIE])
        assert buyer
        uow.session.add(Membership(workspace_id=shop.seller.workspace_id, user_id=buyer.user_id, role=Role.VIEWER))
    assert shop.order().json()["error_code"] == "own_listing"


def test_a_refund_returns_every_cent_once_and_the_right_with_it(paid: Shop) -> None:
    path = f"/api/v1/purchases/{paid.purchases()[0].id}/refund"
    assert paid.buyer.post(path, json={}).status_code == 200
    assert paid.buyer.post(path, json={}).status_code == 409
    assert (paid.purchases()[0].state, paid.books(), paid.entries()) == ("refunded", (0, 0, 0), 4)
    with pytest.raises(ListingNotBought):
        paid.as_buyer(install_listing, slug=paid.slug, version="1.0.0")
    assert paid.pay(landing(paid.order())).status_code == 200  # bought again


def test_the_window_for_refunds_closes(paid: Shop, clock: Any) -> None:
    clock.advance(seconds=15 * 86_400)
    client = paid.buyer
    client.post("/api/v1/auth/sign-in", json={"email": "ada@example.com", "password": "engine of analysis 9"})
    answer = client.post(f"/api/v1/purchases/{paid.purchases()[0].id}/refund", json={})
    assert answer.json()["error_code"] == "refund_closed"


def test_a_dispute_takes_the_money_and_a_won_one_brings_it_back(paid: Shop) -> None:
    payment = str(paid.purchases()[0].payment_id)
    for state, books, order in (("open", (0, 0, 0), "disputed"), ("won", (1600, 399, -1999), "paid")):
        paid.gateway.dispute(payment, state)
        paid.event("charge.dispute.updated", payment)
        paid.event("charge.dispute.updated", payment)
        assert (paid.books(), paid.purchases()[0].state) == (books, order)


def test_a_lost_dispute_ends_the_right(paid: Shop) -> None:
    payment = str(paid.purchases()[0].payment_id)
    paid.gateway.dispute(payment, "lost")
    paid.event("charge.dispute.closed", payment)
    assert (paid.books(), paid.purchases()[0].state) == ((0, 0, 0), "lost")
    with pytest.raises(ListingNotBought):
        paid.as_buyer(install_listing, slug=paid.slug, version="1.0.0")


def test_buyers_keep_what_is_taken_off_the_shelf(paid: Shop) -> None:
    with paid.wiring.unit(paid.seller) as uow:
        unlist_listing(uow, slug=paid.slug)
    assert paid.as_buyer(install_listing, slug=paid.slug, version="1.0.0")
    assert paid.order(paid.person("eve@example.com")).status_code == 404


def test_who_owns_it_does_not_pay_twice(paid: Shop) -> None:
    assert paid.order().json()["error_code"] == "listing_already_owned"


def test_a_creator_is_paid_out_once_after_the_hold(paid: Shop, clock: Any) -> None:
    paid.entries()
    owner = paid.person("sal@example.com")
    with paid.wiring.unit() as uow:
        uow.actor = resolve_actor(uow, token=owner.cookies[COOKIE])
        assert uow.actor
        slug = make_listing(uow, name="Second triage", cents=1000).slug
        workspace_id = uow.actor.workspace_id
    url = landing(paid.buyer.post("/api/v1/purchases", json={"slug": slug, "seen_cents": 1000}))
    assert paid.pay(url).status_code == 200
    assert owner.post("/api/v1/payouts", json={}).json()["error_code"] == "no_payout_account"
    assert owner.post("/api/v1/payout-account", json={}).json()["next"] == "/marketplace/sell?payouts=back"
    assert owner.post("/api/v1/payouts", json={}).json()["error_code"] == "nothing_to_pay_out"
    clock.advance(seconds=8 * 86_400)
    owner.post("/api/v1/auth/sign-in", json={"email": "sal@example.com", "password": "engine of analysis 9"})
    answers = [owner.post("/api/v1/payouts", json={}).status_code for _ in range(2)]
    with paid.wiring.unit(write=False) as uow:
        assert (answers, owed(uow, workspace_id)) == ([200, 422], 0)


@pytest.mark.parametrize("card", ["4000000000000002", "5555555555554444", "", "x"])
def test_a_refused_card_pays_nothing_and_says_why(shop: Shop, card: str) -> None:
    url = landing(shop.order())
    answer = shop.buyer.post(f"/api/v1/test-payments/{url.rsplit('/', 1)[-1]}", json={"card": card})
    assert answer.json()["field_errors"]["card"]
    assert shop.purchases()[0].state == "pending"


@pytest.fixture
def live(wiring: Wiring) -> Iterator[tuple[Shop, Any]]:
    """The same shop with Stripe behind it."""
    with fake_stripe() as fake:
        assert fake.server
        ports = replace(wiring.ports, payments=StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url))
        yield Shop(replace(wiring, ports=ports)), fake


def test_the_same_through_stripe_with_its_webhook(live: tuple[Shop, Any]) -> None:
    shop, fake = live
    fake.failures = ["lost"]
    assert landing(shop.order()).startswith("https://checkout.test/")
    (session,) = fake.sessions.values()
    fake.pay(session["id"])
    late = fake.event("checkout.session.completed", session)
    fake.refunds.append(
        {"id": "re_1", "object": "refund", "payment_intent": session["payment_intent"], "amount": 1000, "status": "succeeded"}
    )
    early = fake.event("charge.refunded", {"id": "ch_1", "object": "charge", "payment_intent": session["payment_intent"]})
    for body, signature in (early, late, early, late):  # out of order, and twice
        assert shop.buyer.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature}).status_code == 200
    assert (shop.purchases()[0].state, shop.purchases()[0].refunded_cents, shop.entries()) == ("paid", 1000, 4)
    assert shop.books() == (800, 199, -999)


def test_a_session_with_another_amount_or_for_another_order_settles_nothing(live: tuple[Shop, Any]) -> None:
    shop, fake = live
    shop.order()
    (session,) = fake.sessions.values()
    fake.pay(session["id"])
    for change in ({"amount_total": 1}, {"currency": "jpy"}, {"client_reference_id": "other"}, {"id": "cs_other"}):
        forged = {**session, **change}
        fake.sessions = {forged["id"]: forged}
        body, signature = fake.event("checkout.session.completed", forged)
        assert shop.buyer.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature}).status_code == 200
        assert (shop.purchases()[0].state, shop.entries()) == ("pending", 0)


def test_a_stripe_that_is_away_leaves_the_order_to_be_tried_again(live: tuple[Shop, Any]) -> None:
    shop, fake = live
    fake.failures = ["500"] * 3
    assert shop.order().status_code == 503
    assert shop.order().status_code == 200
    assert (len(shop.purchases()), len(fake.sessions)) == (1, 1)
    with shop.wiring.unit(write=False) as uow:
        assert uow.session.exec(select(Listing.price_cents)).one() == PRICE
