"""The end of a payout, as the gateway tells it: once or twice, paid or not."""

from typing import Any

from app.core.uow import Actor
from app.services.payments import fail_payout, finish_payout
from app.wiring import Wiring


def end_payout(wiring: Wiring, owner: Actor, wish: Any, *, is_paid: bool, twice: bool) -> int:
    """Tell it, and return the cents that went out."""
    for _ in range(1 + twice):
        with wiring.unit(owner) as uow:
            if is_paid:
                finish_payout(uow, payout_id=wish.payout_id, transfer_id="tr_1")
            else:
                fail_payout(uow, payout_id=wish.payout_id, reason="closed account")
    return wish.amount_cents if is_paid else 0
