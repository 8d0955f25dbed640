"""Letters to buyers of single orders: a receipt and a refund, each once, and nothing where nothing was paid."""

import re
from dataclasses import replace

from app.core.payments import PaymentFacts, RefundFact
from app.core.uow import UnitOfWork
from app.services.mail import list_outbox
from app.services.payments import apply_facts, get_purchase
from app.views.mail import OutboxLetter
from models.purchase import Purchase
from models.user import User
from models.workspace import Role, Workspace
from pages.purchases.state import purchase_item
from tests.support.market import make_purchase
from tests.support.people import make_member


def ordered(uow: UnitOfWork, *, cents: int = 1999) -> tuple[Purchase, str]:
    """An order of a member, with the member's address."""
    seller = make_member(uow, Role.OWNER)
    uow.actor = make_member(uow, Role.OWNER)
    uow.actor = make_member(uow, Role.MEMBER, workspace=uow.session.get_one(Workspace, uow.workspace_id))
    email = uow.session.get_one(User, uow.actor.user_id).email
    return make_purchase(uow, uow.actor, seller_id=seller.workspace_id, cents=cents), email


def news(purchase: Purchase, *refunds: RefundFact) -> PaymentFacts:
    cents = purchase.amount_cents
    return PaymentFacts("cs_1", str(purchase.id), "paid", cents, "usd", "pi_1", paid_cents=cents, refunds=refunds)


def letters_to(uow: UnitOfWork, email: str) -> list[OutboxLetter]:
    uow.session.flush()
    return [letter for letter in reversed(list_outbox(uow, address="127.0.0.1")) if letter.to == email]


def test_the_buyer_gets_a_receipt_and_a_refund_letter_once_however_often_the_news_come(uow: UnitOfWork) -> None:
    purchase, email = ordered(uow)
    for _ in range(3):
        apply_facts(uow, news(purchase))
        apply_facts(uow, news(purchase, RefundFact("re_1", 1000)))
    receipt, refund = letters_to(uow, email)
    numbers = [document.number for document in get_purchase(uow, purchase_id=purchase.id).documents]
    assert receipt.subject.endswith(": Receipt for Triage: $19.99")
    assert refund.subject.endswith(": Refund for Triage: $10.00")
    assert [numbers[0] in receipt.text, numbers[1] in refund.text] == [True, True]
    assert all(f"/purchases/{purchase.id}" in letter.text and "test mode" in letter.text for letter in (receipt, refund))


def test_the_sums_of_an_order_add_up_after_a_refund(uow: UnitOfWork) -> None:
    purchase, _ = ordered(uow)
    taxed = replace(news(purchase), tax_cents=319)
    apply_facts(uow, taxed)
    row = get_purchase(uow, purchase_id=purchase.id)
    assert (row.net, row.tax, row.amount, row.kept) == ("$16.80", "$3.19", "$19.99", "")
    apply_facts(uow, replace(taxed, refunds=(RefundFact("re_1", 1999),)))
    row = get_purchase(uow, purchase_id=purchase.id)
    assert (row.amount, row.refunded, row.kept) == ("$19.99", "$19.99", "$0.00")
    shown = purchase_item(row)
    assert (shown.refunded, shown.kept, shown.state_label) == ("\u2212$19.99", "$0.00", "Refunded")


def test_the_letters_tell_nothing_of_shares(uow: UnitOfWork) -> None:
    purchase, email = ordered(uow)
    apply_facts(uow, news(purchase))
    (letter,) = letters_to(uow, email)
    assert re.findall(r"\$[0-9.]+", letter.text) == ["$19.99"]


def test_after_the_buyer_is_gone_who_leads_the_workspace_gets_them(uow: UnitOfWork) -> None:
    purchase, email = ordered(uow)
    apply_facts(uow, news(purchase))
    uow.session.get_one(User, purchase.buyer_id).disabled_at = uow.ports.clock.now()
    apply_facts(uow, news(purchase, RefundFact("re_1", 1999)))
    assert len(letters_to(uow, email)) == 1
    (refund,) = [letter for letter in list_outbox(uow, address="127.0.0.1") if "Refund for" in letter.subject]
    assert refund.to != email
