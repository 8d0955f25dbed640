"""What a creator is owed and what was paid out, for programs; the Sell page shows the same beside the listings."""

from sqlmodel import col

from app.core.money import format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.payments.banking import failed_payouts
from app.services.payments.ledger import balance, creator_account
from app.services.payments.payouts import available_cents
from app.views.payments import PayoutDesk, PayoutRow
from models.purchase import Payout, PayoutAccount

MOST = 200


def get_payouts(uow: UnitOfWork) -> PayoutDesk:
    """The balance and the newest payouts of the workspace, in the mode of the installation."""
    require(uow, Permission.MANAGE_MEMBERS)
    mode = uow.ports.payments.mode if uow.ports.payments else "live"
    owed, available = balance(uow, creator_account(uow.workspace_id), mode=mode), max(0, available_cents(uow, mode=mode))
    ready = uow.scoped(PayoutAccount).where(PayoutAccount.mode == mode, col(PayoutAccount.is_ready))
    rows = uow.session.exec(uow.scoped(Payout).where(Payout.mode == mode).order_by(col(Payout.id).desc()).limit(MOST))
    return PayoutDesk(
        balance_cents=owed,
        balance=format_cents(owed),
        available_cents=available,
        available=format_cents(available),
        is_test=mode == "test",
        has_account=uow.session.exec(ready).first() is not None,
        payouts=tuple(_row(row) for row in rows),
        failures=failed_payouts(uow, mode=mode),
    )


def _row(row: Payout) -> PayoutRow:
    amount = format_cents(row.amount_cents, row.currency)
    return PayoutRow(str(row.id), row.amount_cents, amount, row.state, row.reason, row.mode == "test", row.created_at)
