"""Plans over HTTP: ordered, paid on the test page, changed as previewed, invoices as documents; through Stripe, too."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.adapters.payments_local import LocalGateway
from app.adapters.payments_stripe import StripeGateway
from app.core.payments import TaxSettings
from app.wiring import Wiring
from models.ledger import LedgerEntry
from models.workspace import Role, Workspace
from tests.support.api import api_over
from tests.support.clock import FrozenClock
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import CARD, make_listing
from tests.support.people import make_member

FORM = {"plan": "starter", "seen_cents": "9900", "next": ""}


def sold(wiring: Wiring, gateway: Any) -> Wiring:
    return replace(wiring, ports=replace(wiring.ports, payments=gateway, default_plan="free"))


def person(wiring: Wiring, email: str = "ada@example.com") -> TestClient:
    client = TestClient(api_over(wiring), headers={"Origin": wiring.settings.public_url})
    client.post("/api/v1/auth/sign-up", json={"name": "Ada", "email": email, "password": "engine of analysis 9"})
    return client


def rename(wiring: Wiring, name: str) -> None:
    with wiring.unit() as uow:
        uow.session.exec(select(Workspace)).one().name = name


@pytest.fixture
def desk(wiring: Wiring, clock: FrozenClock) -> Wiring:
    return sold(wiring, LocalGateway(wiring.database, clock=clock, secret=lambda: "secret"))


def subscribed(desk: Wiring, *, workspace: str = "") -> TestClient:
    ada = person(desk)
    if workspace:
        rename(desk, workspace)
    url = ada.post("/api/v1/plan/order", json=FORM).json()["data"]["next"]
    assert ada.post(f"/api/v1/test-payments/{url.rsplit('/', 1)[-1]}", json={"card": CARD}).json()["next"] == "/settings/plan"
    return ada


def test_from_the_order_to_a_change_and_its_invoices(desk: Wiring) -> None:
    ada = subscribed(desk)
    answer = ada.get("/api/v1/plan").json()["data"]
    assert (answer["plan"]["name"], answer["billing"]["state"], answer["billing"]["price"]) == ("Starter", "active", "$99.00")
    shown = ada.get("/api/v1/plan/preview", params={"plan": "pro"}).json()["data"]
    assert ada.get("/api/v1/plan").json()["data"]["plan"]["name"] == "Starter"
    wrong = {"plan": "pro", "at": shown["at"], "seen_cents": shown["due_cents"] - 1}
    assert ada.post("/api/v1/plan/change", json=wrong).json()["error_code"] == "price_changed"
    assert ada.post("/api/v1/plan/change", json={**wrong, "at": ""}).json()["field_errors"]["at"]
    assert ada.post("/api/v1/plan/change", json={**wrong, "seen_cents": str(shown["due_cents"])}).json()["data"]["next"] == "/settings/plan"
    rows = ada.get("/api/v1/invoices").json()["data"]["items"]
    assert ([row["total"] for row in rows], ada.get("/api/v1/plan").json()["data"]["plan"]["name"]) == (["$200.00", "$99.00"], "Pro")


def test_an_invoice_is_a_page_without_scripts_whose_texts_are_escaped(desk: Wiring) -> None:
    ada = subscribed(desk, workspace="<b>Ada</b>")
    rename(desk, "Another")
    row = ada.get("/api/v1/invoices").json()["data"]["items"][0]
    page = ada.get(f"/api/v1/invoices/{row['id']}/document")
    assert page.headers["content-type"].startswith("text/html")
    assert row["number"] in page.text
    assert "Test mode" in page.text
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page.text
    assert "<b>" not in page.text
    assert "Another" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    kept = ada.get(f"/api/v1/invoices/{row['id']}/document", params={"download": True})
    assert kept.headers["content-disposition"] == f'attachment; filename="invoice-{row["number"]}.html"'
    eve = person(desk, "eve@example.com")
    for path in ("", "/document"):
        assert eve.get(f"/api/v1/invoices/{row['id']}{path}").status_code == 404
    assert eve.get("/api/v1/invoices").json()["data"]["items"] == []


@pytest.fixture
def asking(wiring: Wiring, clock: FrozenClock) -> Wiring:
    """The test gateway of an installation that asks for address and tax number, and adds no tax."""
    taxes = TaxSettings(collects_ids=True, wants_address=True)
    return sold(wiring, LocalGateway(wiring.database, clock=clock, secret=lambda: "secret", taxes=taxes))


def test_a_plan_is_not_paid_without_the_name_and_address_that_the_page_asks_for(asking: Wiring) -> None:
    ada = person(asking)
    where = "/api/v1/test-payments/" + ada.post("/api/v1/plan/order", json=FORM).json()["data"]["next"].rsplit("/", 1)[-1]
    given = {"card": CARD, "billing_name": "Acme Ltd", "billing_address": "1 High Street,\nBath", "tax_id": "GB123456789"}
    for left_out in ({"billing_name": "  "}, {"billing_address": ""}, {"billing_name": "", "billing_address": " "}):
        refused = ada.post(where, json=given | left_out)
        assert (refused.status_code, set(refused.json()["field_errors"])) == (422, set(left_out))
    for too_long in ({"billing_name": "x" * 121}, {"billing_address": "x" * 301}, {"tax_id": "x" * 41}):
        assert ada.post(where, json=given | too_long).status_code == 422
    assert ada.get("/api/v1/plan").json()["data"]["plan"]["name"] == "Free"
    assert ada.post(where, json=given).json()["next"] == "/settings/plan"
    row = ada.get("/api/v1/invoices").json()["data"]["items"][0]
    told = ada.get(f"/api/v1/invoices/{row['id']}").json()["data"]
    assert (told["billed_to"], told["buyer"]) == (["Acme Ltd", "1 High Street, Bath", "GB123456789"], "Acme Ltd")
    page = ada.get(f"/api/v1/invoices/{row['id']}/document").text
    assert "<dt>Billed to</dt><dd>Acme Ltd<br>1 High Street, Bath<br>GB123456789</dd>" in page


def test_another_page_cannot_order_in_somebodys_name(desk: Wiring) -> None:
    ada = person(desk)
    ada.headers["Origin"] = "https://evil.example"
    assert ada.post("/api/v1/plan/order", json=FORM).status_code == 403
    assert ada.get("/api/v1/plan").json()["data"]["billing"]["state"] == ""


def test_without_a_gateway_nothing_is_sold(wiring: Wiring) -> None:
    ada = person(sold(wiring, None))
    assert ada.post("/api/v1/plan/order", json=FORM).json()["error_code"] == "payments_off"
    assert ada.get("/api/v1/plan").json()["data"]["billing"]["can_buy"] is False


def test_through_stripe_only_its_signed_news_counts(wiring: Wiring, clock: FrozenClock) -> None:
    with fake_stripe() as fake:
        assert fake.server
        fake.now = clock.now()
        ada = person(sold(wiring, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)))
        assert ada.post("/api/v1/plan/order", json=FORM).json()["data"]["next"].startswith("https://checkout.test/")
        (session,) = fake.sessions.values()
        subject = fake.subscribe(session["id"])
        (invoice,) = fake.invoices.values()

        def news(kind: str, thing: dict[str, Any], **more: Any) -> int:
            body, signature = fake.event(kind, thing, **more)
            return ada.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature}).status_code

        assert news("invoice.paid", invoice, secret="whsec_other") == 422
        assert news("invoice.paid", invoice, livemode=True) == 422
        assert ada.get("/api/v1/plan").json()["data"]["plan"]["name"] == "Free"
        for kind, thing in (("invoice.paid", invoice), ("checkout.session.completed", session), ("invoice.paid", invoice)):
            assert news(kind, thing) == 200
        assert ada.get("/api/v1/plan").json()["data"]["plan"]["name"] == "Starter"
        fake.cards_fail = True
        fake.pass_time(days=32)
        clock.advance(days=32)
        ada.post("/api/v1/auth/sign-in", json={"email": "ada@example.com", "password": "engine of analysis 9"})
        assert news("invoice.payment_failed", list(fake.invoices.values())[-1]) == 200
        billing = ada.get("/api/v1/plan").json()["data"]["billing"]
        assert (billing["state"], billing["pay_url"]) == ("past_due", f"https://pay.test/{list(fake.invoices)[-1]}")
        fake.pass_time(days=20)
        assert news("customer.subscription.deleted", fake.subscriptions[subject]) == 200
        assert ada.get("/api/v1/plan").json()["data"]["plan"]["name"] == "Free"
        assert len(ada.get("/api/v1/invoices").json()["data"]["items"]) == 2


def renting(wiring: Wiring) -> str:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        return make_listing(uow, cents=1_900, is_monthly=True).slug


def test_a_listing_by_the_month_is_ordered_ended_kept_and_taken_back(desk: Wiring) -> None:
    ada, wish = person(desk), {"slug": renting(desk), "seen_cents": "1900", "seen_billing": "month"}
    assert ada.post("/api/v1/purchases", json={**wish, "seen_billing": "once"}).json()["error_code"] == "other_billing"
    url = ada.post("/api/v1/purchases", json=wish).json()["data"]["next"]
    (order,) = ada.get("/api/v1/purchases").json()["data"]["items"]
    where = f"/api/v1/purchases/{order['id']}"
    assert ada.post(f"/api/v1/test-payments/{url.rsplit('/', 1)[-1]}", json={"card": CARD}).json()["next"] == f"/purchases/{order['id']}"
    for act, is_cancelled in (("cancel", True), ("keep", False), ("cancel", True), ("refund", True)):
        assert ada.post(f"{where}/{act}", json={}).json()["data"]["next"] == f"/purchases/{order['id']}"
        assert ada.get(where).json()["data"]["is_cancelled"] == is_cancelled
    told = ada.get(where).json()["data"]
    assert (told["state"], told["refunded"], len(told["invoices"])) == ("ended", "$19.00", 1)
    assert [ada.post(f"{where}/{act}", json={}).json()["error_code"] for act in ("cancel", "keep", "refund")] == [
        "subscription_ended",
        "subscription_ended",
        "refund_closed",
    ]
    stranger = person(desk, "eve@example.com")
    assert {stranger.get(where).status_code, *(stranger.post(f"{where}/{act}", json={}).status_code for act in ("cancel", "keep"))} == {404}


def test_a_listing_by_the_month_through_stripe(wiring: Wiring) -> None:
    with fake_stripe() as fake:
        assert fake.server
        desk = sold(wiring, StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url))
        ada = person(desk)
        ada.post("/api/v1/purchases", json={"slug": renting(desk), "seen_cents": 1900, "seen_billing": "month"})
        (session,) = fake.sessions.values()
        subscription = fake.subscriptions[fake.subscribe(session["id"])]
        fake.pass_time(days=40)
        paid = list(fake.invoices.values())
        events = [fake.event("invoice.paid", one) for one in reversed(paid)] + [fake.event("customer.subscription.updated", subscription)]
        for body, signature in (*events, *reversed(events)):  # out of order, and twice
            assert ada.post("/api/payments/events", content=body, headers={"Stripe-Signature": signature}).status_code == 200
        (order,) = ada.get("/api/v1/purchases").json()["data"]["items"]
        assert (order["state"], len(ada.get(f"/api/v1/purchases/{order['id']}").json()["data"]["invoices"])) == ("active", 2)
        with desk.unit(write=False) as uow:
            kinds = sorted(one.kind for one in uow.session.exec(select(LedgerEntry)))
        assert kinds == ["sale_creator"] * 2 + ["sale_platform"] * 2
