"""Money: settling purchases by verified events, the ledger, payouts. Edges call the gateway between units of work, services never."""

from app.services.payments.buying import Order, note_checkout, place_order
from app.services.payments.payouts import (
    fail_payout,
    finish_payout,
    note_payout_account,
    plan_payout_account,
    start_payout,
    unfinished_payouts,
)
from app.services.payments.refunding import get_checkout, get_purchase, list_purchases, plan_refund
from app.services.payments.settling import apply_facts, take_event

__all__ = [
    "Order",
    "apply_facts",
    "fail_payout",
    "finish_payout",
    "get_checkout",
    "get_purchase",
    "list_purchases",
    "note_checkout",
    "note_payout_account",
    "place_order",
    "plan_payout_account",
    "plan_refund",
    "start_payout",
    "take_event",
    "unfinished_payouts",
]
