"""The seller's overview: own listings with what became of them, and what the workspace is owed."""

import uuid

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.money import PLATFORM_BPS, format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.market.bookings import list_bookings
from app.services.market.cards import price_text, stars_of
from app.services.payments.banking import failed_payouts
from app.services.payments.fees import fees_of
from app.services.payments.ledger import balance, creator_account, net_of_orders
from app.services.payments.payouts import available_cents
from app.views.market import Earnings, Offerable, OwnListing
from models.agent import Agent
from models.ledger import LedgerEntry
from models.listing import Listing, ListingVersion
from models.moderation import ModerationCase
from models.purchase import PayoutAccount, Purchase
from models.subscription import Invoice, Subscription
from models.workflow import Workflow

MOST_OFFERABLE = 500


def get_earnings(uow: UnitOfWork) -> Earnings:
    """Everything of the seller's page."""
    require(uow, Permission.MANAGE_MEMBERS)
    mode = uow.ports.payments.mode if uow.ports.payments else "live"
    account = creator_account(uow.workspace_id)
    sold = select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_cents), 0)).where(
        LedgerEntry.credit_account == account, LedgerEntry.kind == "sale_creator", LedgerEntry.mode == mode
    )
    ready = uow.session.exec(uow.scoped(PayoutAccount).where(PayoutAccount.mode == mode, col(PayoutAccount.is_ready))).first()
    available = available_cents(uow, mode=mode)
    return Earnings(
        listings=_own(uow),
        balance=format_cents(balance(uow, account, mode=mode)),
        available=format_cents(max(0, available)),
        lifetime=format_cents(int(uow.session.exec(sold).one())),
        is_test_mode=mode == "test",
        has_account=ready is not None,
        can_pay_out=ready is not None and available > 0,
        ledger=list_bookings(uow).rows,
        share=_share(uow),
        bank_failures=failed_payouts(uow, mode=mode),
    )


def list_offerable(uow: UnitOfWork) -> tuple[Offerable, ...]:
    """The workflows and the agents that the actor could put on the shelf, by name."""
    require(uow, Permission.MANAGE_MEMBERS)
    found: list[Offerable] = []
    for kind, model in (("workflow", Workflow), ("agent", Agent)):
        living = uow.scoped(model).where(col(model.deleted_at).is_(None)).with_only_columns(col(model.id), col(model.name))
        rows = uow.session.connection().execute(living.order_by(sa.func.lower(col(model.name)), col(model.id)).limit(MOST_OFFERABLE))
        found += [Offerable(kind, str(row.id), row.name) for row in rows]
    return tuple(found)


def _share(uow: UnitOfWork) -> str:
    mine = uow.session.exec(uow.scoped(Listing).limit(200)).all()
    fees = fees_of(uow, [one.id for one in mine])
    kept = {10_000 - (fees[one.id].fee_bps if one.id in fees else one.fee_bps) for one in mine}
    parts = sorted(kept or {10_000 - PLATFORM_BPS})
    return " to ".join(f"{bps / 100:g} %" for bps in dict.fromkeys((parts[0], parts[-1])))


def _own(uow: UnitOfWork) -> tuple[OwnListing, ...]:
    listings = list(uow.session.exec(uow.scoped(Listing).order_by(col(Listing.id).desc()).limit(200)))
    versions = [listing.version_id for listing in listings if listing.version_id]
    wanted = select(ListingVersion.id, ListingVersion.number).where(col(ListingVersion.id).in_(versions))
    numbers: dict[uuid.UUID | None, str] = {row[0]: row[1] for row in uow.session.exec(wanted).all()}
    net = net_of_orders(sa.select(col(Purchase.id)).where(col(Purchase.seller_id) == uow.workspace_id))
    counted = (
        sa.select(
            col(Purchase.listing_id),
            sa.func.count(),
            sa.func.sum(sa.case((col(Purchase.refunded_cents) > 0, 1), else_=0)),
            sa.func.coalesce(sa.func.sum(net.c.cents), 0),
        )
        .outerjoin(net, net.c.order_id == col(Purchase.id))
        .where(col(Purchase.seller_id) == uow.workspace_id, col(Purchase.paid_at).is_not(None))
    )
    sales = {row[0]: row[1:] for row in uow.session.connection().execute(counted.group_by(col(Purchase.listing_id)))}
    months, cases, nothing = _months(uow), _newest_cases(uow), (0, 0, 0)
    rows = []
    for listing in listings:
        once, monthly = sales.get(listing.id, nothing), months.get(listing.id, (*nothing, 0))
        sold = (once[0] + monthly[0], once[1] + monthly[1], once[2] + monthly[2])
        rows.append(_row(listing, numbers.get(listing.version_id, ""), sold, cases.get(listing.id), subscribers=monthly[3]))
    return tuple(rows)


def _months(uow: UnitOfWork) -> dict[uuid.UUID | None, tuple[int, int, int, int]]:
    """By listing: months that were paid, how many of them went back, what they brought, and who pays now."""
    mine, connection = col(Subscription.seller_id) == uow.workspace_id, uow.session.connection()
    net = net_of_orders(sa.select(col(Invoice.id)).where(col(Invoice.seller_id) == uow.workspace_id))
    paid = (
        sa.select(
            col(Subscription.listing_id),
            sa.func.count(),
            sa.func.sum(sa.case((col(Invoice.refunded_cents) > 0, 1), else_=0)),
            sa.func.coalesce(sa.func.sum(net.c.cents), 0),
        )
        .join(Invoice, col(Invoice.standing_id) == col(Subscription.id))
        .outerjoin(net, net.c.order_id == col(Invoice.id))
        .where(mine, col(Invoice.paid_at).is_not(None))
    )
    running = sa.select(col(Subscription.listing_id), sa.func.count()).where(mine, col(Subscription.state).in_(("active", "past_due")))
    people = {row[0]: int(row[1]) for row in connection.execute(running.group_by(col(Subscription.listing_id)))}
    rows = connection.execute(paid.group_by(col(Subscription.listing_id))).all()
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), people.get(row[0], 0)) for row in rows}


def _newest_cases(uow: UnitOfWork) -> dict[uuid.UUID, tuple[ModerationCase, str]]:
    """By listing: what was last asked of the operators, and about which version."""
    asked = select(ModerationCase, ListingVersion.number).join(ListingVersion, col(ListingVersion.id) == col(ModerationCase.version_id))
    rows = uow.session.exec(
        asked.where(ModerationCase.workspace_id == uow.workspace_id).order_by(col(ModerationCase.id).desc()).limit(1000)
    )
    cases: dict[uuid.UUID, tuple[ModerationCase, str]] = {}
    for case, number in rows:
        cases.setdefault(case.listing_id, (case, number))
    return cases


def _row(
    listing: Listing, version: str, sold: tuple[int, int, int], asked: tuple[ModerationCase, str] | None, *, subscribers: int
) -> OwnListing:
    sales, refunds, revenue = sold
    case, number = asked or (None, "")
    return OwnListing(
        id=str(listing.id),
        slug=listing.slug,
        name=listing.name,
        state=listing.state,
        price=price_text(listing),
        version=version,
        views=listing.view_count,
        trials=listing.trial_count,
        installs=listing.install_count,
        sales=int(sales),
        refunds=int(refunds),
        stars=stars_of(listing),
        rating_count=listing.rating_count,
        revenue=format_cents(int(revenue)),
        reason=case.reason if case and case.state == "refused" else listing.reason,
        case_kind=case.kind if case else "",
        case_state=case.state if case else "",
        case_version=number,
        is_appealed=bool(case and case.appeal),
        subscribers=subscribers,
        price_cents=listing.price_cents,
        is_monthly=listing.is_monthly,
    )
