"""The plan, what is paid for it and its invoices, in words."""

from dataclasses import dataclass, field

from app.core.money import format_cents
from app.views.plans import INVOICE_STATES, BillingDetail, ChangePreview, InvoiceRow, PlanCard, PlanDetail
from app.views.words import long_day

TAX = "Prices are before tax. The payment page adds it where it is due, and shows the sum before you pay."


@dataclass(frozen=True, slots=True)
class Meter:
    """What is used of something; `percent` is for the bar, `level` 80 or 100 when that share is passed."""

    label: str = ""
    used: str = ""
    note: str = ""
    percent: int = 0
    level: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A plan in words. `action` is buy, change or "" and `label` its button."""

    key: str
    name: str
    price: str
    agents: str
    tasks: str
    is_current: bool
    cents: str
    action: str
    label: str
    too_small: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class BillItem:
    """What is paid, in words. `back` is the plan that a waiting change can be taken back to."""

    state: str = ""
    headline: str = ""
    note: str = ""
    problem: str = ""
    pay_url: str = ""
    back: str = ""
    back_label: str = ""
    whom: str = ""
    can_cancel: bool = False
    is_test: bool = False
    tax: str = ""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A line of what is due now."""

    text: str
    amount: str


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """The question before a change."""

    title: str = ""
    text: str = ""
    plan: str = ""
    at: str = ""
    cents: str = ""
    due: str = ""  # "" where nothing is charged now
    lines: list[ChangeLine] = field(default_factory=list[ChangeLine])
    label: str = ""
    too_small: list[str] = field(default_factory=list[str])
    is_order: bool = False  # nothing is paid yet: what follows is the page of the payment


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """An invoice in the list."""

    id: str
    number: str
    title: str
    total: str
    note: str
    state: str
    state_label: str
    issued: str
    href: str
    pay_url: str
    is_test: bool


def meters_of(found: PlanDetail) -> list[Meter]:
    """Tasks and agents."""
    if not found.is_on:
        return []
    begins = f"The count begins anew on {found.resets_on:%d %B}.".replace(" 0", " ") if found.resets_on else ""
    grace = f"Up to {found.most_tasks:,} may start. " if found.most_tasks and found.most_tasks != found.tasks_of_plan else ""
    return [
        _meter("Tasks this month", found.tasks, found.tasks_of_plan, grace + begins),
        _meter("Agents", found.agents, found.most_agents, ""),
    ]


def plan_item(card: PlanCard, bill: BillingDetail) -> PlanItem:
    """A plan as it is offered to this workspace."""
    agents = "No limit of agents" if card.agents is None else f"{card.agents:,} agents"
    tasks = "No limit of tasks" if card.tasks is None else f"{card.tasks:,} tasks a month"
    action, label = _action(card, bill)
    price, cents, told = _price(card.price_cents), str(card.price_cents), list(card.too_small)
    return PlanItem(card.key, card.name, price, agents, tasks, card.is_current, cents, action, label, told)


def order_item(plan: PlanItem) -> ChangeItem:
    """The question before a plan is ordered that has no room for what is used."""
    return ChangeItem(
        title=f"Choose {plan.name}?",
        text=f"It counts from the payment on, at {plan.price}.",
        plan=plan.key,
        cents=plan.cents,
        label="Go on to the payment",
        too_small=plan.too_small,
        is_order=True,
    )


def bill_item(bill: BillingDetail) -> BillItem:
    """What stands between the workspace and the gateway."""
    whom = ""
    if bill.is_fixed:
        whom = "The operators of this installation chose the plan of this workspace: ask them to change it."
        if bill.plan and not bill.is_cancelled:
            whom += " What is paid for is charged every month until it is cancelled."
    elif not bill.can_buy:
        whom = "The operators of this installation put workspaces on plans: ask them."
    elif not bill.can_manage:
        whom = "Owners of the workspace choose and pay for plans."
    may = bill.can_buy and bill.can_manage
    may_cancel = bill.can_manage and (bill.can_buy or bill.is_fixed) and not bill.is_cancelled
    headline, note = _headline(bill)
    grace_until = long_day(bill.grace_until)
    back = bill.plan if may and (bill.is_cancelled or bill.next_plan) else ""
    return BillItem(
        state=bill.state,
        headline=headline,
        note=note,
        problem=f"The last payment did not go through. Without one the plan ends on {grace_until}." if grace_until else "",
        pay_url=bill.pay_url if may else "",
        back=back,
        back_label=f"Keep {bill.plan_name}" if back else "",
        whom=whom,
        can_cancel=may_cancel and (bool(bill.plan) or _is_unpaid(bill)),
        is_test=bill.is_test and bill.can_buy,
        tax=TAX if bill.adds_tax and bill.can_buy else "",
    )


def change_item(change: ChangePreview) -> ChangeItem:
    """The question, by what kind of change it is."""
    ends = long_day(change.period_end)
    verbs = {
        "up": f"Go up to {change.name}",
        "down": f"Go down to {change.name}",
        "keep": f"Keep {change.name}",
        "cancel": "Cancel the plan",
        "end": "Cancel the plan",
    }
    texts = {
        "up": f"{change.name} counts at once. From {ends} on it costs {change.monthly} a month.",
        "down": f"Nothing is charged now. What you have stays until {ends}; from then on {change.name} costs {change.monthly} a month.",
        "keep": f"What was to change on {ends} does not. {change.name} goes on at {change.monthly} a month.",
        "cancel": f"Nothing more is charged. What is paid stays until {ends}; then the workspace is on the plan that everybody has.",
        "end": "What was paid went back. Nothing more is charged, and the workspace can choose a plan anew.",
    }
    return ChangeItem(
        title=f"{verbs[change.kind]}?",
        text=texts[change.kind],
        plan=change.plan,
        at=change.at,
        cents=str(change.due_cents),
        due=change.due if change.kind == "up" else "",
        lines=[ChangeLine(line.text, line.amount) for line in change.lines],
        label=f"Pay {change.due} and go up" if change.kind == "up" else verbs[change.kind],
        too_small=list(change.too_small),
    )


def invoice_item(row: InvoiceRow) -> InvoiceItem:
    """An invoice as the list shows it."""
    return InvoiceItem(
        id=row.id,
        number=row.number,
        title=row.title,
        total=row.total,
        note=f"{row.refunded} refunded" if row.refunded and row.state != "refunded" else "",
        state=row.state,
        state_label=INVOICE_STATES.get(row.state, row.state),
        issued=long_day(row.issued_at),
        href=f"/api/v1/invoices/{row.id}/document",
        pay_url=row.pay_url,
        is_test=row.is_test,
    )


def _is_unpaid(bill: BillingDetail) -> bool:
    """Whether the gateway goes on charging for a plan of which nothing is paid: a bank or the operator has returned it."""
    return not bill.plan and bill.state in ("active", "past_due")


def _headline(bill: BillingDetail) -> tuple[str, str]:
    if bill.state == "pending":
        return "An order waits for its payment", "The plan counts from the payment on. This page follows by itself."
    if _is_unpaid(bill):
        coming = f"{bill.next_plan}, {bill.next_price}, is charged on {long_day(bill.period_end)}."
        over = f"It ends on {long_day(bill.period_end)}, and nothing more is charged."
        return "Nothing is paid for now", f"What was paid went back. {over if bill.is_cancelled else coming}"
    if bill.taken_back:
        again = " Choose a plan below to come back." if bill.can_buy and bill.can_manage else ""
        told = f"The bank decided the dispute over {bill.taken_back} for its customer, so the card is charged no more. Nothing is deleted."
        return "The plan has ended", f"{told}{again}"
    if not bill.plan:
        return "", ""
    head, ends = f"{bill.plan_name}, {bill.price} a month", long_day(bill.period_end)
    first = f" To choose another plan, keep {bill.plan_name} first." if bill.can_buy and bill.can_manage else ""
    if bill.is_cancelled:
        return head, f"Cancelled: it ends on {ends}, and nothing more is charged.{first}"
    if bill.next_plan:
        return head, f"Becomes {bill.next_plan} on {ends}, at {bill.next_price} a month.{first}"
    return head, f"The next payment is on {ends}." if bill.state == "active" else ""


def _action(card: PlanCard, bill: BillingDetail) -> tuple[str, str]:
    if not (bill.can_buy and bill.can_manage) or card.key not in bill.sold:
        return "", ""
    if _is_unpaid(bill):
        return "", ""
    if not bill.plan:
        return "buy", "Choose"
    is_waiting = bill.is_cancelled or bool(bill.next_plan) or bill.state != "active"
    return ("", "") if card.key == bill.plan or is_waiting else ("change", "Switch")


def _meter(label: str, used: int, most: int | None, note: str) -> Meter:
    if most is None:
        return Meter(label, f"{used:,}, without limit", note)
    percent = used * 100 // most
    level = 100 if percent >= 100 else 80 if percent >= 80 else 0
    return Meter(label, f"{used:,} of {most:,}", note, min(percent, 100), level, "Over the plan" if used > most else "Used up")


def _price(cents: int | None) -> str:
    if cents is None:
        return "By agreement"
    return f"{format_cents(cents, 'usd')} a month" if cents else "Free"
