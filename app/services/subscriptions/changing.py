"""Going over to another plan: up at once for the difference, down and out with the end of the period, and back again before that."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.errors import Conflict, Invalid
from app.core.money import format_cents
from app.core.permissions import Permission, require
from app.core.subscriptions import Price, Proration
from app.core.uow import UnitOfWork
from app.services.payments.noting import attempt_of, note_refused, refusals_of
from app.services.plans.catalogue import PLANS, Plan, default_plan
from app.services.plans.fitting import tell_too_small
from app.services.subscriptions.ordering import find_plan
from app.services.subscriptions.pricing import plan_of_price, price_of, read_price_key
from app.services.subscriptions.standing import RUNNING, NoSubscription, Paid, find_paid, find_standing, refuse_fixed
from app.views import words
from app.views.plans import ChangePreview, DocumentLine

PREVIEW_COUNTS = timedelta(minutes=15)


class ChangePending(Conflict):
    """Another change waits for the period's end."""

    code = "change_pending"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What the edge asks the gateway for. `kind` is up, down, keep, cancel, or end where nothing is paid for any more."""

    kind: str
    subscription_id: str
    price: Price
    at: datetime
    key: str
    has_date: bool  # of a change that waits for it
    ends: datetime
    name: str  # of all its attempts; `key` is this one's
    refusals: int
    too_small: tuple[str, ...] = ()  # what has no room in the plan that follows


def plan_change(uow: UnitOfWork, *, plan: object, at: object = "") -> PlanChange:
    """What going over to this plan means now, or meant at the moment of its preview; "free" is the end of paying."""
    require(uow, Permission.MANAGE_WORKSPACE)
    if plan != "free":  # whoever chose the plan, nobody has to go on paying for one
        refuse_fixed(uow)
    paid = find_paid(uow)
    if paid is None:
        return _end(uow, plan)
    if paid.standing.period_end is None or paid.standing.subscription_id is None:
        raise NoSubscription()
    wanted = PLANS["free"] if plan == "free" else find_plan(uow, plan)
    price = price_of(wanted) if wanted.price_cents else _price_paid(paid)
    kind = _kind(paid, wanted)
    moment, ends = _moment(uow, at), paid.standing.period_end
    name = f"change-{paid.standing.id}-{price.key}-{int(moment.timestamp())}"
    if kind == "keep":
        price = _price_paid(paid)
    refusals, has_date = refusals_of(uow, name), kind in ("down", "cancel")
    subject, key = paid.standing.subscription_id, attempt_of(name, refusals)
    then = wanted if wanted.price_cents else PLANS.get(default_plan(uow))  # who pays for none is on the one that everybody has
    told = tell_too_small(uow, then) if has_date and then else ()
    return PlanChange(kind, subject, price, moment, key, has_date, ends, name, refusals, told)


def _end(uow: UnitOfWork, plan: object) -> PlanChange:
    """What was paid went back, and the gateway would go on charging: all that can be chosen is the end of that."""
    standing = find_standing(uow)
    price = read_price_key(standing.next_price_key) if standing else None
    if (
        standing is None
        or standing.state not in RUNNING
        or standing.subscription_id is None
        or standing.period_end is None
        or price is None
    ):
        raise NoSubscription()
    if plan != "free":
        raise ChangePending("What was paid for the plan went back. Cancel what is left of it first, then choose anew.")
    now = uow.ports.clock.now().replace(microsecond=0)
    name = f"end-{standing.id}"
    return PlanChange("end", standing.subscription_id, price, now, name, has_date=False, ends=now, name=name, refusals=0)


def note_change_refused(uow: UnitOfWork, *, change: PlanChange) -> None:
    """The card refused the difference: when it is good again, the next attempt is another one."""
    require(uow, Permission.MANAGE_WORKSPACE)
    note_refused(uow, change.name, refusals=change.refusals, payment_id=change.subscription_id, kind="change.refused")


def describe_change(plan: object, change: PlanChange, proration: Proration | None) -> ChangePreview:
    """The change in words and figures, before anybody agrees to it."""
    due = proration.due_cents if proration else 0
    lines = tuple(DocumentLine(line.text, format_cents(line.amount_cents)) for line in proration.lines) if proration else ()
    name = PLANS[plan].name if isinstance(plan, str) and plan in PLANS else ""
    monthly = "" if change.kind in ("cancel", "end") else format_cents(change.price.amount_cents, change.price.currency)
    when = change.at.isoformat()
    return ChangePreview(str(plan), name, change.kind, due, format_cents(due), lines, monthly, change.ends, when, change.too_small)


def _kind(paid: Paid, wanted: Plan) -> str:
    if wanted == paid.plan:
        if not paid.is_changing:
            raise Conflict(f"This workspace is on the plan “{paid.plan.name}” already.", code="same_plan")
        return "keep"
    if paid.standing.state != "active" and wanted.price_cents:
        raise ChangePending("An invoice is open. Pay it first.")
    if not wanted.price_cents and not paid.standing.is_cancelled:
        return "cancel"
    if paid.is_changing:
        coming = plan_of_price(paid.standing.next_price_key)
        what = "It ends" if paid.standing.is_cancelled or coming is None else f"It becomes “{coming.name}”"
        day = words.long_day(paid.standing.period_end)
        raise ChangePending(f"{what} on {day} already. Keep “{paid.plan.name}” first, then choose anew.")
    return "down" if (wanted.price_cents or 0) < _price_paid(paid).amount_cents else "up"


def _price_paid(paid: Paid) -> Price:
    price = read_price_key(paid.invoice.price_key)
    assert price
    return price


def _moment(uow: UnitOfWork, at: object) -> datetime:
    """Whole seconds, as gateways count; a preview counts for a quarter of an hour."""
    now = uow.ports.clock.now().replace(microsecond=0)
    if at == "":
        return now
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.microsecond:
        raise Invalid("The change was not previewed.", fields={"at": "Send back the moment that the preview has told."})
    if not now - PREVIEW_COUNTS <= moment <= now:
        raise Conflict("This preview is too old. Look again at what the change costs.", code="preview_too_old")
    return moment.astimezone(UTC)
