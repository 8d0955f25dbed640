"""What happens to a creator's money after it reached their account at the gateway: its way to their bank, which may fail.

The ledger ends with the transfer: a payout that a bank refuses leaves the money in the creator's account there, to be sent again.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict
from app.core.money import format_cents
from app.core.payments import BankPayoutFact, GatewayAccount
from app.core.permissions import Permission, require, require_person
from app.core.uow import UnitOfWork
from app.services.mail import queue_mail
from app.services.payments.payouts import gateway_of
from app.services.plans.counting import leading_people
from app.views.purchases import BankFailure
from models.ids import new_id, parse_id
from models.purchase import BankPayout, PayoutAccount
from models.workspace import Workspace

FAILED = ("failed", "canceled")
MOST = 20


class SentAgain(Conflict):
    """It is on its way already, or has arrived."""

    code = "sent_again"

    def __init__(self) -> None:
        super().__init__("This payout was sent again already. Look at its newer line.")


@dataclass(frozen=True, slots=True)
class SendAgain:
    """What the edge asks the gateway for; the key makes a second click harmless.

    A gateway gives its answer to a key again for a day, a refusal too: who tries after a refusal asks with a new key.
    """

    account_id: str
    amount_cents: int
    currency: str
    key: str
    refusals: int = 0


def take_bank_news(uow: UnitOfWork, *, account_id: str, account: GatewayAccount | None, fact: BankPayoutFact | None) -> None:
    """Bring a creator's account, and a payout of it to their bank, to what the gateway says; a failure is told once.

    Of what the gateway said nothing (None), all stays as it is known.
    """
    found = select(PayoutAccount).where(PayoutAccount.account_id == account_id).with_for_update()
    owner = uow.session.exec(found).first()
    if owner is None:
        return
    if account is not None:
        owner.is_ready = account.is_ready
    uow.session.add(owner)
    if fact is not None:
        follow_bank_payout(uow, owner, fact)
    uow.session.flush()


def follow_bank_payout(uow: UnitOfWork, owner: PayoutAccount, fact: BankPayoutFact) -> BankPayout:
    """The row of a payout, made if it is news."""
    table: sa.Table = BankPayout.__table__  # type: ignore[attr-defined]
    now, connection = uow.ports.clock.now(), uow.session.connection()
    row = {
        "id": new_id(), "created_at": now, "updated_at": now, "workspace_id": owner.workspace_id, "gateway_id": fact.id,
        "account_id": owner.account_id, "amount_cents": fact.amount_cents, "currency": fact.currency, "mode": owner.mode,
        "state": "in_transit", "reason": "", "sent_again_as": "",
    }  # fmt: skip
    is_news = is_inserted(connection, insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["gateway_id"]))
    known = uow.session.exec(select(BankPayout).where(BankPayout.gateway_id == fact.id).with_for_update()).one()
    before = known.state
    if before not in FAILED and not (before == "paid" and fact.state == "in_transit"):  # news comes in any order
        known.state, known.reason = fact.state, fact.reason[:500]
    uow.session.add(known)
    if fact.state in FAILED and before not in FAILED:
        _tell(uow, known)
    if is_news:
        told = {"amount_cents": [None, fact.amount_cents], "state": [None, fact.state]}
        record(uow.trail, kind="bank payout", resource_id=known.id, workspace_id=owner.workspace_id, changes=told)
    uow.session.flush()
    return known


def plan_send_again(uow: UnitOfWork, *, payout_id: object) -> SendAgain:
    """A payout that a bank refused, once more; its owner has mended the bank details meanwhile."""
    require(uow, Permission.MANAGE_WORKSPACE)
    require_person(uow, even_confined=True)
    gateway_of(uow)
    row = uow.load(BankPayout, parse_id(payout_id), what="This payout")
    if row.state not in FAILED or row.sent_again_as:
        raise SentAgain()
    return SendAgain(row.account_id, row.amount_cents, row.currency, f"again-{row.id}-{row.refusals}", row.refusals)


def note_send_refused(uow: UnitOfWork, *, payout_id: object, refusals: int) -> None:
    """The gateway would not: the next attempt is another one. `refusals` are those before, so that two clicks count one."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = uow.load(BankPayout, parse_id(payout_id), what="This payout")
    if row.refusals == refusals:
        row.refusals = refusals + 1
        uow.session.add(row)
        uow.session.flush()


def note_sent_again(uow: UnitOfWork, *, payout_id: object, fact: BankPayoutFact) -> None:
    """Remember as what it went out again."""
    require(uow, Permission.MANAGE_WORKSPACE)
    row = uow.load(BankPayout, parse_id(payout_id), what="This payout")
    row.sent_again_as = fact.id
    uow.session.add(row)
    owner = uow.session.exec(uow.scoped(PayoutAccount).where(PayoutAccount.account_id == row.account_id)).one()
    follow_bank_payout(uow, owner, fact)


def failed_payouts(uow: UnitOfWork, *, mode: str) -> tuple[BankFailure, ...]:
    """Those that wait for somebody to do something."""
    waiting = uow.scoped(BankPayout).where(BankPayout.mode == mode, col(BankPayout.state).in_(FAILED), BankPayout.sent_again_as == "")
    rows = uow.session.exec(waiting.order_by(col(BankPayout.id).desc()).limit(MOST))
    return tuple(BankFailure(str(row.id), format_cents(row.amount_cents, row.currency), row.reason, row.created_at) for row in rows)


def _tell(uow: UnitOfWork, row: BankPayout) -> None:
    space = uow.session.get(Workspace, row.workspace_id)
    amount, name = format_cents(row.amount_cents, row.currency), space.name if space else "Your workspace"
    why = f" The bank said: {row.reason}." if row.reason else ""
    text = (
        f"The payout of {amount} did not arrive at your bank.{why} The money is in your account at the payment service. "
        f"Mend the bank details there, then send it again under Sell:\n\n{uow.ports.public_url}/marketplace/sell\n"
    )
    for email in leading_people(uow, row.workspace_id):
        queue_mail(uow, to=email, subject=f"{name}: a payout of {amount} has failed", text=text)
