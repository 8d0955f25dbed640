"""Payouts: a creator's available balance leaves in three steps, so that it can never leave twice.

`start_payout` reserves it in the ledger, the edge asks the gateway for the transfer, `finish_payout` or `fail_payout` notes the answer.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, Invalid, Unavailable
from app.core.money import CURRENCY, format_cents
from app.core.payments import GatewayAccount, PaymentGateway
from app.core.permissions import Permission, require, require_person
from app.core.uow import UnitOfWork
from app.services.letters import tell_sellers
from app.services.payments.ledger import GATEWAY, IN_TRANSIT, Pair, Source, balance, book, creator_account
from models.ids import new_id
from models.purchase import Payout, PayoutAccount
from models.user import User

LOWEST_CENTS = 100


class PaymentsOff(Unavailable):
    """No gateway is configured."""

    code = "payments_off"

    def __init__(self) -> None:
        super().__init__("Payments are not set up on this installation. An operator sets STRIPE_API_KEY and AF_STRIPE_WEBHOOK_SECRET.")


@dataclass(frozen=True, slots=True)
class TransferWish:
    """What the edge asks the gateway for; the key makes asking again harmless."""

    payout_id: uuid.UUID
    account_id: str
    amount_cents: int
    currency: str
    key: str


def gateway_of(uow: UnitOfWork) -> PaymentGateway:
    """The configured gateway, or PaymentsOff."""
    if uow.ports.payments is None:
        raise PaymentsOff()
    return uow.ports.payments


def available_cents(uow: UnitOfWork, *, mode: str) -> int:
    """What may be paid out now: past the hold, and never more than is owed in all."""
    account = creator_account(uow.workspace_id)
    return min(balance(uow, account, mode=mode), balance(uow, account, mode=mode, available_by=uow.ports.clock.now()))


@dataclass(frozen=True, slots=True)
class AccountWish:
    """What the edge asks the gateway for; with `account_id` "" a new account."""

    account_id: str
    reference: str
    email: str
    return_url: str


def plan_payout_account(uow: UnitOfWork) -> AccountWish:
    """The workspace's account at the gateway, to be made or completed."""
    require(uow, Permission.MANAGE_WORKSPACE)
    require_person(uow, even_confined=True)
    assert uow.actor
    account = _account(uow, gateway_of(uow).mode)
    email = uow.session.exec(select(User.email).where(User.id == uow.actor.user_id)).one()
    site = uow.ports.public_url
    return AccountWish(account.account_id if account else "", str(uow.workspace_id), email, f"{site}/marketplace/sell?payouts=back")


def find_payout_account(uow: UnitOfWork) -> str:
    """The id of the workspace's account at the gateway, "" before one was made."""
    require(uow, Permission.MANAGE_MEMBERS)
    account = _account(uow, gateway_of(uow).mode)
    return account.account_id if account else ""


def note_payout_account(uow: UnitOfWork, *, account: GatewayAccount) -> None:
    """Remember the account and whether money may be sent there."""
    require(uow, Permission.MANAGE_WORKSPACE)
    mode = gateway_of(uow).mode
    row = _account(uow, mode)
    if row is None:
        row = PayoutAccount(workspace_id=uow.workspace_id, account_id=account.id, mode=mode, claim=f"{uow.workspace_id}:{mode}")
    row.is_ready = account.is_ready
    uow.session.add(row)
    uow.session.flush()


def _account(uow: UnitOfWork, mode: str, *, lock: bool = False) -> PayoutAccount | None:
    mine = uow.scoped(PayoutAccount).where(PayoutAccount.mode == mode)
    return uow.session.exec(mine.with_for_update() if lock else mine).first()


def start_payout(uow: UnitOfWork) -> TransferWish:
    """Reserve all that is available; one payout of a workspace is under way at a time."""
    require(uow, Permission.MANAGE_WORKSPACE)
    require_person(uow, even_confined=True)
    mode = gateway_of(uow).mode
    account = _account(uow, mode, lock=True)  # before the balance is read: of two owners, the second sees what the first has sent
    if account is None or not account.is_ready:
        raise Invalid("Say first where your money should go: set up payouts.", code="no_payout_account")
    amount = available_cents(uow, mode=mode)
    if amount < LOWEST_CENTS:
        least = format_cents(LOWEST_CENTS)
        raise Invalid(f"There is {format_cents(amount)} to pay out. A payout needs {least} or more.", code="nothing_to_pay_out")
    payout = _reserve(uow, account, amount)
    return _wish(payout)


def _reserve(uow: UnitOfWork, account: PayoutAccount, amount: int) -> Payout:
    assert uow.actor
    row = Payout(
        id=new_id(), workspace_id=uow.workspace_id, amount_cents=amount, currency=CURRENCY, mode=account.mode,
        account_id=account.account_id, claim=f"{uow.workspace_id}:{account.mode}", requested_by=uow.actor.user_id,
        created_at=uow.ports.clock.now(), updated_at=uow.ports.clock.now(),
    )  # fmt: skip
    table: sa.Table = Payout.__table__  # type: ignore[attr-defined]
    connection = uow.session.connection()
    inserted = insert_into(connection, table).values(row.model_dump()).on_conflict_do_nothing(index_elements=["claim"])
    if not is_inserted(connection, inserted):
        raise Conflict("A payout is under way already. Wait until it has arrived.", code="payout_under_way")
    changes = {"amount_cents": [None, amount], "account_id": [None, account.account_id], "state": [None, row.state]}
    record(uow.trail, kind="payout", resource_id=row.id, changes=changes)
    payout = uow.session.exec(select(Payout).where(Payout.id == row.id)).one()
    book(uow, _source(payout), [Pair("payout_reserved", creator_account(uow.workspace_id), IN_TRANSIT, amount)])
    return payout


def unfinished_payouts(uow: UnitOfWork) -> list[TransferWish]:
    """Those whose transfer was never confirmed, so that they can be asked for again."""
    require(uow, Permission.MANAGE_WORKSPACE)
    require_person(uow, even_confined=True)
    found = uow.session.exec(uow.scoped(Payout).where(Payout.state == "requested").order_by(col(Payout.id)))
    return [_wish(payout) for payout in found]


def finish_payout(uow: UnitOfWork, *, payout_id: uuid.UUID, transfer_id: str) -> None:
    """The gateway has made the transfer."""
    require(uow, Permission.MANAGE_WORKSPACE)
    payout = _open_payout(uow, payout_id)
    if payout is not None:
        payout.state, payout.claim, payout.transfer_id = "paid", None, transfer_id
        told = f"{format_cents(payout.amount_cents, payout.currency)} is on its way to your account."
        tell_sellers(uow, payout.workspace_id, kind="payout", subject="A payout was made", text=told)
        book(uow, _source(payout), [Pair("payout_paid", IN_TRANSIT, GATEWAY, payout.amount_cents)])


def fail_payout(uow: UnitOfWork, *, payout_id: uuid.UUID, reason: str) -> None:
    """The gateway will not: the money is the creator's again."""
    require(uow, Permission.MANAGE_WORKSPACE)
    payout = _open_payout(uow, payout_id)
    if payout is not None:
        payout.state, payout.claim, payout.reason = "failed", None, reason[:500]
        amount = format_cents(payout.amount_cents, payout.currency)
        told = f"{amount} could not be paid out: {payout.reason} The money is in your balance again; mend it under Sell and pay out anew."
        tell_sellers(uow, payout.workspace_id, kind="payout", subject="A payout failed", text=told)
        book(uow, _source(payout), [Pair("payout_failed", IN_TRANSIT, creator_account(payout.workspace_id), payout.amount_cents)])


def _open_payout(uow: UnitOfWork, payout_id: uuid.UUID) -> Payout | None:
    wanted = uow.scoped(Payout).where(Payout.id == payout_id, Payout.state == "requested")
    return uow.session.exec(wanted.with_for_update()).first()


def _source(payout: Payout) -> Source:
    return Source(f"payout:{payout.id}", payout.currency, payout.mode)


def _wish(payout: Payout) -> TransferWish:
    return TransferWish(payout.id, payout.account_id, payout.amount_cents, payout.currency, f"payout-{payout.id}")
