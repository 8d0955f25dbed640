"""Letters about plans name the plan that is paid, and what comes back is told once."""

from app import subscribing
from app.services.subscriptions import list_invoices
from tests.support.billing import Desk


def test_the_receipt_of_an_upgrade_and_the_letter_of_the_end_name_the_plan_that_is_paid(desk: Desk) -> None:
    desk.subscribe("starter")
    desk.change("pro")
    assert [subject for subject in desk.letters if "Plan Pro" in subject] == ["Acme: Receipt for Plan Pro: $200.00"]
    desk.change("free")
    desk.wait(days=31)
    assert "Acme: Plan Pro has ended" in desk.letters


def test_a_refund_of_a_plan_is_told_once_and_an_invoice_that_is_whole_back_is_refunded(desk: Desk) -> None:
    desk.subscribe("starter")
    (invoice,) = desk.invoices
    for key, cents, state in (("a", 4_900, "paid"), ("b", 5_000, "refunded")):
        desk.gateway.refund(invoice.payment_id, amount_cents=cents, key=key)
        for _ in range(2):
            subscribing.hear_standing(desk.wiring, invoice.payment_id)
        assert [row.state for row in desk.run(list_invoices)] == [state]
    refunds = [subject for subject in desk.letters if "Refund" in subject]
    assert refunds == ["Acme: Refund for Plan Starter: $49.00", "Acme: Refund for Plan Starter: $50.00"]
