"""Money: settling purchases by verified events, the ledger, payouts. Edges call the gateway between units of work, services never."""

from app.services.payments.banking import note_send_refused, note_sent_again, plan_send_again, take_bank_news
from app.services.payments.buying import Order, note_checkout, place_order
from app.services.payments.documents import get_receipt, list_receipts
from app.services.payments.earned import get_payouts
from app.services.payments.payouts import (
    fail_payout,
    find_payout_account,
    finish_payout,
    note_payout_account,
    plan_payout_account,
    start_payout,
    unfinished_payouts,
)
from app.services.payments.refunding import get_checkout, get_purchase, list_purchases, note_refund_refused, plan_refund
from app.services.payments.reporting import export_report, get_report
from app.services.payments.settling import apply_facts, take_event

__all__ = [
    "Order",
    "apply_facts",
    "export_report",
    "fail_payout",
    "find_payout_account",
    "finish_payout",
    "get_checkout",
    "get_payouts",
    "get_purchase",
    "get_receipt",
    "get_report",
    "list_purchases",
    "list_receipts",
    "note_checkout",
    "note_payout_account",
    "note_refund_refused",
    "note_send_refused",
    "note_sent_again",
    "place_order",
    "plan_payout_account",
    "plan_refund",
    "plan_send_again",
    "start_payout",
    "take_bank_news",
    "take_event",
    "unfinished_payouts",
]
