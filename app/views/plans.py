"""What pages and the command line see of plans."""

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

INVOICE_STATES = MappingProxyType({"paid": "Paid", "open": "Open", "void": "Void", "refunded": "Refunded", "disputed": "Charged back"})


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan as it is offered; None is no limit, and for the price one that is agreed on."""

    key: str
    name: str
    price_cents: int | None
    agents: int | None
    tasks: int | None
    is_current: bool = False
    too_small: tuple[str, ...] = ()  # what of the use of now has no room in it, a sentence each


@dataclass(frozen=True, slots=True)
class PlanDetail:
    """What a workspace has and has used this month. `most_tasks` is where starts are refused: the plan's number and its grace."""

    is_on: bool  # False: this installation has no plans, and nothing is limited by one
    name: str = ""
    tasks: int = 0
    tasks_of_plan: int | None = None
    most_tasks: int | None = None
    agents: int = 0
    most_agents: int | None = None
    resets_on: date | None = None
    cards: tuple[PlanCard, ...] = ()


@dataclass(frozen=True, slots=True)
class EverybodysPlan:
    """The plan of workspaces that have no other, or `off`. `is_fixed`: the settings of the installation name it."""

    plan: str
    is_fixed: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A workspace and its plan, for the console."""

    workspace: str
    workspace_id: str
    plan: str
    tasks: int


@dataclass(frozen=True, slots=True)
class BillingDetail:
    """What a workspace pays for its plan. `plan` is what is paid for now; "" when nothing is."""

    can_buy: bool = False  # there are plans, a gateway, and no operator has chosen the plan
    can_manage: bool = False
    is_fixed: bool = False
    is_test: bool = False
    adds_tax: bool = False  # prices are without the tax that the payment page adds
    state: str = ""  # pending | active | past_due, "" without an order
    plan: str = ""
    plan_name: str = ""
    price: str = ""
    period_end: datetime | None = None
    next_plan: str = ""  # another one from the end of the period on
    next_price: str = ""
    is_cancelled: bool = False
    grace_until: datetime | None = None
    pay_url: str = ""  # of an order or invoice that waits for money
    sold: tuple[str, ...] = ()  # keys of the plans that can be bought here
    taken_back: str = ""  # the payment that a bank took back for good, which ended the last plan; "" where another one stands


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of an invoice."""

    text: str
    amount: str


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What going over to a plan means. `kind` is up, down, keep or cancel; `at` and `due_cents` come back with the consent."""

    plan: str
    name: str
    kind: str
    due_cents: int
    due: str
    lines: tuple[DocumentLine, ...]
    monthly: str
    period_end: datetime
    at: str
    too_small: tuple[str, ...] = ()  # what of the use of now has no room in that plan, a sentence each


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in the list."""

    id: str
    number: str
    title: str
    total: str
    paid: str
    refunded: str
    state: str  # open | paid | void | refunded (whole) | disputed
    is_test: bool
    issued_at: datetime
    paid_at: datetime | None
    pay_url: str


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice as a document."""

    row: InvoiceRow
    lines: tuple[DocumentLine, ...]
    net: str
    tax: str
    period_start: datetime
    period_end: datetime
    buyer: str  # the first line of `billed_to`
    buyer_email: str  # of who ordered, now
    seller: str
    billed_to: tuple[str, ...] = ()  # as it stood when the invoice was issued


@dataclass(frozen=True, slots=True)
class Payable:
    """What the test gateway's page takes money for."""

    title: str
    amount: str
    back: str
    is_once: bool = False  # and not every month
    lines: tuple[DocumentLine, ...] = ()  # what the amount is made of, where it is more than a price
    asks_address: bool = False
    asks_tax_id: bool = False
    terms: str = ""  # what follows from paying
    ended: str = ""  # why nothing can be paid here any more
