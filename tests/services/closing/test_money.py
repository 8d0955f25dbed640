"""Money around a workspace that is deleted: what arrives later is booked right, and what cannot end keeps the workspace open."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app.checkout import GatewaySaidNo
from app.core.payments import PaymentRefused
from app.services.closing import get_workspace_deletion, purge_some
from app.services.closing.proving import NotForEverybody
from app.services.closing.workspaces import close, lock_open
from app.services.market import install_listing
from app.services.workspaces import list_workspaces
from app.wiring import Wiring
from models.listing import Listing
from models.purchase import Purchase
from models.user import User
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.deleting import delete, sign_in
from tests.support.market import CARD, hear, make_listing, make_purchase, owed, till, wish_of
from tests.support.people import make_member
from tests.support.renting import Rental

CENTS = 1_000


class Sale:
    """A listing of a seller whose owner has just signed in, and a buyer with an open checkout."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        with wiring.unit() as uow:
            self.seller, _ = sign_in(uow, make_member(uow, Role.OWNER))
            uow.actor = self.seller
            listing = make_listing(uow, cents=CENTS)
            self.slug, self.listing_id = listing.slug, listing.id
            self.buyer, _ = sign_in(uow, make_member(uow, Role.OWNER))
            order = make_purchase(uow, self.buyer, seller_id=self.seller.workspace_id, cents=CENTS)
            order.listing_id, order.version_id = listing.id, listing.version_id
            order.claim = f"{self.buyer.workspace_id}:{listing.id}"
            self.order_id, wish = order.id, wish_of(order)
        with wiring.unit() as uow:
            self.checkout = till(uow).open_checkout(wish)
        with wiring.unit() as uow:
            row = uow.session.get_one(Purchase, self.order_id)
            row.checkout_id, row.checkout_url = self.checkout.id, self.checkout.url

    def pay(self) -> None:
        with self.wiring.unit() as uow:
            till(uow).pay(self.checkout.id, card=CARD)
        with self.wiring.unit() as uow:
            hear(uow, self.checkout.id)

    def close(self) -> None:
        """As when the news of a payment is still on its way."""
        with self.wiring.unit(self.seller) as uow:
            close(uow, lock_open(uow, self.seller.workspace_id), by=self.seller.user_id)


@pytest.fixture
def sale(wiring: Wiring) -> Sale:
    return Sale(wiring)


def test_a_payment_that_arrives_after_the_closing_is_booked_and_the_buyer_installs(sale: Sale) -> None:
    sale.close()
    sale.pay()
    with sale.wiring.unit() as uow:
        assert uow.session.get_one(Purchase, sale.order_id).state == "paid"
        assert owed(uow, sale.seller.workspace_id) == 800
    assert sale.wiring.call(install_listing, sale.buyer, slug=sale.slug, version="1.0.0")


def test_a_payment_that_arrives_after_the_purge_is_booked_and_the_listing_is_still_there(sale: Sale, clock: FrozenClock) -> None:
    sale.close()
    clock.advance(days=15)
    while sale.wiring.call(purge_some, None):
        pass
    sale.pay()
    with sale.wiring.unit() as uow:
        assert owed(uow, sale.seller.workspace_id) == 800
        assert uow.session.get_one(Workspace, sale.seller.workspace_id).name == "Deleted workspace"
        assert uow.session.get_one(Listing, sale.listing_id).state == "unlisted"
    assert sale.wiring.call(install_listing, sale.buyer, slug=sale.slug, version="1.0.0")


def test_an_order_that_the_buyer_could_still_pay_ends_with_the_workspace(sale: Sale) -> None:
    assert sale.wiring.call(get_workspace_deletion, sale.buyer).obstacles == ()
    delete(sale.wiring, sale.buyer)
    with sale.wiring.unit() as uow:
        assert uow.session.get_one(Purchase, sale.order_id).state == "expired"
    with pytest.raises(PaymentRefused):
        sale.pay()


def test_an_order_that_was_paid_in_the_moment_of_the_deletion_is_booked(sale: Sale) -> None:
    with sale.wiring.unit() as uow:
        till(uow).pay(sale.checkout.id, card=CARD)  # the gateway's news are still on their way
    delete(sale.wiring, sale.buyer)
    with sale.wiring.unit() as uow:
        assert uow.session.get_one(Purchase, sale.order_id).state == "paid"
        assert owed(uow, sale.seller.workspace_id) == 800


def test_a_disputed_payment_stands_in_the_way_of_both(sale: Sale) -> None:
    sale.pay()
    with sale.wiring.unit() as uow:
        uow.session.get_one(Purchase, sale.order_id).state = "disputed"
    for actor in (sale.buyer, sale.seller):
        assert "dispute" in [one.code for one in sale.wiring.call(get_workspace_deletion, actor).obstacles]


class Deaf:
    """A gateway that ends nothing."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def cancel(self, subscription_id: str) -> None:
        raise PaymentRefused("The gateway is closed today.")


def test_what_cannot_end_at_the_gateway_keeps_the_workspace_open(wiring: Wiring, clock: FrozenClock) -> None:
    rental = Rental(wiring, clock)
    rental.renting()
    with wiring.unit() as uow:
        buyer, _ = sign_in(uow, rental.owner)
    deaf = replace(wiring, ports=replace(wiring.ports, payments=Deaf(wiring.ports.payments)))
    with pytest.raises(GatewaySaidNo):
        delete(deaf, buyer)
    with wiring.unit() as uow:
        uow.actor = buyer
        assert lock_open(uow, buyer.workspace_id).closed_at is None
        assert len(list_workspaces(uow)) == 1


def test_the_demo_account_deletes_nothing(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        demo, _ = sign_in(uow, make_member(uow, Role.OWNER))
        uow.session.exec(select(User).where(User.id == demo.user_id)).one().is_demo = True
    with pytest.raises(NotForEverybody):
        delete(wiring, demo)
