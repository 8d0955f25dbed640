"""A creator's earnings over HTTP: what is owed and what was paid out, and sending it on. Money is moved by people; keys look."""

import asyncio

from fastapi import APIRouter

from app import checkout
from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Shape, done
from app.services.payments import get_payouts
from app.views.payments import PayoutDesk

router = APIRouter(prefix="/api/v1/market/payouts", tags=["selling"], responses=REFUSALS)


class AccountPage(Shape):
    """Where the account at the payment service is made or completed."""

    next: str


@router.get("", operation_id="list_payouts")
async def read_payouts(door: Caller) -> Answer[PayoutDesk]:
    """What the workspace is owed, what may be paid out now, and the newest payouts."""
    return done(await door.read(get_payouts))


@router.post("", operation_id="request_payout")
async def request_payout(door: Caller) -> Answer[PayoutDesk]:
    """Pay out all that is available; one payout is under way at a time."""
    await asyncio.to_thread(checkout.pay_out, door.wiring, door.run)
    return done(await door.read(get_payouts), "On its way.")


@router.post("/account", operation_id="connect_payout_account")
async def connect_account(door: Caller) -> Answer[AccountPage]:
    """Say where earnings go: a person goes on at the address in the answer."""
    url = await asyncio.to_thread(checkout.set_up_payouts, door.wiring, door.run)
    return done(AccountPage(next=url), "Go on at that address.")


@router.post("/{payout_id}/send-again", operation_id="send_payout_again")
async def send_again(payout_id: Id, door: Caller) -> Answer[PayoutDesk]:
    """Send what a bank refused once more, by its id among `failures`."""
    await asyncio.to_thread(checkout.send_again, door.wiring, door.run, payout_id=payout_id)
    return done(await door.read(get_payouts), "Sent again.")
