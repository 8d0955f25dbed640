"""What others pay by the month to a workspace that is deleted: nobody is charged for a seller who is gone."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app import checkout, ending
from app.adapters.payments_stripe import StripeGateway
from app.core.errors import AppError
from app.core.uow import Actor
from app.services import closing
from app.services.closing import purge_some
from app.services.closing.workspaces import JustOrdered, close, lock_open
from app.services.payments import start_payout
from app.services.payments.payouts import finish_payout
from app.services.subscriptions.renting import SellerGone
from app.wiring import Wiring
from models.purchase import Purchase
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.deleting import delete, sign_in
from tests.support.fake_stripe import KEY, SECRET, fake_stripe
from tests.support.market import make_listing, owed
from tests.support.people import make_member
from tests.support.renting import Rental


@pytest.fixture
def rental(wiring: Wiring, clock: FrozenClock) -> Rental:
    return Rental(wiring, clock)


def seller_of(rental: Rental) -> Actor:
    with rental.wiring.unit() as uow:
        return sign_in(uow, rental.seller)[0]


def purge(rental: Rental) -> None:
    rental.clock.advance(days=15)
    while rental.wiring.call(purge_some, None):
        pass


def close_without_looking(rental: Rental) -> None:
    """As when the news of a payment is still on its way."""
    with rental.wiring.unit(rental.seller) as uow:
        close(uow, lock_open(uow, rental.seller.workspace_id), by=rental.seller.user_id)


def settled_seller(rental: Rental) -> Actor:
    """Somebody has paid a month, which was paid out."""
    rental.renting()
    rental.clock.advance(days=8)
    seller = seller_of(rental)
    wish = rental.run_as(seller, start_payout)
    rental.run_as(seller, finish_payout, payout_id=wish.payout_id, transfer_id="tr_1")
    return seller


def test_the_page_on_which_a_buyer_could_begin_a_subscription_is_closed(rental: Rental) -> None:
    url = rental.rent()
    delete(rental.wiring, seller_of(rental))
    assert rental.standing.state == "expired"
    with pytest.raises(AppError):
        rental.pay(url)
    assert rental.standing.state == "expired"


def test_so_is_the_page_of_a_single_payment(rental: Rental) -> None:
    with rental.wiring.unit(rental.seller) as uow:
        slug = make_listing(uow, name="Once", cents=5_000).slug
    url = checkout.buy(rental.wiring, rental.run, slug=slug, seen_cents=5_000)
    delete(rental.wiring, seller_of(rental))
    with pytest.raises(AppError):
        rental.pay(url)
    with rental.wiring.unit() as uow:
        assert uow.session.exec(select(Purchase)).one().state == "expired"
        assert owed(uow, rental.seller.workspace_id) == 0


@pytest.mark.parametrize("is_purged", [False, True])
def test_a_first_month_that_is_heard_of_later_is_the_last_one(rental: Rental, is_purged: bool) -> None:
    url = rental.rent()
    close_without_looking(rental)
    if is_purged:
        purge(rental)
    rental.pay(url)
    assert (rental.standing.state, rental.standing.is_cancelled) == ("active", True)
    assert len([one for one in rental.letters if "ends with this month" in one]) == 1
    rental.wait(days=31)
    rental.wait(days=31)
    assert rental.standing.state == "ended"
    assert [one.state for one in rental.invoices] == ["paid"]


def test_what_is_ordered_between_proof_and_closing_keeps_the_workspace_open(rental: Rental) -> None:
    seller = seller_of(rental)
    proof = rental.run_as(seller, closing.find_proof)
    with rental.wiring.unit(write=False) as uow:
        name = uow.session.get_one(Workspace, seller.workspace_id).name
    begun = rental.run_as(seller, closing.begin_deletion, workspace_id="", name=name, proof=proof)
    rental.rent()
    with pytest.raises(JustOrdered):
        rental.run_as(seller, closing.delete_workspace, ending=begun)
    begun = rental.run_as(seller, closing.begin_deletion, workspace_id="", name=name, proof=proof)
    ended = replace(begun, payments=ending.end_payments(rental.wiring, begun.payments))
    rental.run_as(seller, closing.delete_workspace, ending=ended)


def test_a_buyer_cannot_keep_a_month_of_a_deleted_seller(rental: Rental) -> None:
    delete(rental.wiring, settled_seller(rental))
    assert rental.standing.is_cancelled
    assert not rental.seen.can_keep
    with pytest.raises(SellerGone):
        rental.keep()
    purge(rental)
    assert rental.standing.is_cancelled
    with pytest.raises(SellerGone):
        rental.keep()


def test_what_ends_for_many_is_told_once(rental: Rental) -> None:
    rental.renting()
    with rental.wiring.unit() as uow:
        rental.owner = make_member(uow, Role.OWNER)
    rental.renting()
    assert rental.run_as(seller_of(rental), closing.get_workspace_deletion).ends == ("Order triage (2 times)",)


def test_who_pays_hears_that_it_ends(rental: Rental) -> None:
    seller = settled_seller(rental)
    assert not [one for one in rental.letters if "ends with this month" in one]
    delete(rental.wiring, seller)
    assert len([one for one in rental.letters if "ends with this month" in one]) == 1


def test_what_goes_back_after_the_purge_is_booked(rental: Rental) -> None:
    rental.renting()
    close_without_looking(rental)
    with rental.wiring.unit() as uow:
        uow.session.get_one(Workspace, rental.seller.workspace_id).purge_at = rental.clock.now()
    while rental.wiring.call(purge_some, None):
        pass
    before = owed_to(rental)
    rental.take_back()
    assert before > 0
    assert owed_to(rental) == 0


def owed_to(rental: Rental) -> int:
    with rental.wiring.unit(write=False) as uow:
        return owed(uow, rental.seller.workspace_id)


def test_subscriptions_that_the_gateway_does_not_know_keep_no_workspace_open(rental: Rental) -> None:
    """The installation tried payments with the built-in gateway first, and has a Stripe key since."""
    rental.renting()
    with rental.wiring.unit() as uow:
        buyer, _ = sign_in(uow, rental.owner)
    with fake_stripe() as fake:
        assert fake.server
        moved = StripeGateway(key=KEY, webhook_secret=SECRET, url=fake.server.url)
        delete(replace(rental.wiring, ports=replace(rental.wiring.ports, payments=moved)), buyer)
    with rental.wiring.unit() as uow:
        assert uow.session.get_one(Workspace, buyer.workspace_id).closed_at


@pytest.mark.parametrize("mode", ["live", "none"])
def test_subscriptions_of_another_mode_keep_none_open_either(rental: Rental, mode: str) -> None:
    rental.renting()
    with rental.wiring.unit() as uow:
        buyer, _ = sign_in(uow, rental.owner)
    other = None if mode == "none" else LiveGateway()
    delete(replace(rental.wiring, ports=replace(rental.wiring.ports, payments=other)), buyer)
    with rental.wiring.unit() as uow:
        assert uow.session.get_one(Workspace, buyer.workspace_id).closed_at


class LiveGateway:
    """One that is asked nothing: whatever else is looked up here fails."""

    mode = "live"
