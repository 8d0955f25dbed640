"""What pages, API and command line see of the marketplace."""

from dataclasses import dataclass, field
from datetime import datetime

from app.views import pictures as shown
from app.views.blueprints import PermissionLine
from app.views.inside import Inside, VersionChange
from app.views.purchases import BankFailure
from app.views.workflows import Miniature
from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the marketplace."""

    key: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A listing in a grid. `stars` is the mean as text, "" before the first review."""

    slug: str
    name: str
    tagline: str
    category: str
    category_label: str
    creator: str
    price: str
    is_free: bool
    stars: str
    rating_count: int
    install_count: int
    step_count: int
    is_new: bool
    is_featured: bool
    miniature: Miniature
    tests: int = 0  # that its version was published with; all of them passed


@dataclass(frozen=True, slots=True)
class Shelf:
    """A titled row of the home page."""

    key: str
    title: str
    cards: tuple[ListingCard, ...]
    about: str = ""  # by what it is chosen, where the title does not say


@dataclass(frozen=True, slots=True)
class Found:
    """A page of search results; `total` counts all, `corrected` are words taken for a typing mistake.

    `has_all` is False where nothing has all the words, and these have the most of them.
    """

    cards: tuple[ListingCard, ...]
    total: int
    corrected: tuple[str, ...] = ()
    has_all: bool = True


@dataclass(frozen=True, slots=True)
class SampleRun:
    """What a real run of one of the seller's tests gave."""

    name: str
    status: str
    inputs: JsonObject
    output: JsonObject
    has_passed: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class InputExample:
    """Inputs to try a listing with. `source` is test (of the sample run of that name) or form (the examples beside its fields)."""

    name: str
    source: str
    inputs: JsonObject


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version."""

    number: str
    changelog: str
    licence: str
    published_at: datetime
    digest: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """Computed from real runs of this listing in all workspaces; `runs` is how many ended."""

    runs: int = 0
    success_percent: int = 0
    p50_s: float = 0.0
    p95_s: float = 0.0
    cost_micros: int = 0
    tests: int = 0
    tests_passed: int = 0
    since: datetime | None = None  # when the first and the last of them ended
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListingDetail:
    """The page of a listing. `access` is what the actor's workspace may do with it now: see app.services.market.access."""

    card: ListingCard
    description: str
    price_cents: int
    state: str
    access: str  # own | installed | lapsed | owned | free | for_sale | pending | closed
    workflow_ids: tuple[str, ...]
    version: str
    licence: str
    permissions: tuple[PermissionLine, ...]
    agents: tuple[str, ...]
    workflow: JsonObject  # the main workflow's definition, for the read-only canvas
    samples: tuple[SampleRun, ...]
    versions: tuple[VersionRow, ...]
    measured: Measured
    related: tuple[ListingCard, ...]
    is_test_mode: bool
    can_buy: bool
    can_install: bool
    has_update: bool = False
    installed_version: str = ""
    creator_id: str = ""
    creator_picture: str = ""
    is_intact: bool = True
    is_visitor: bool = False
    currency: str = "usd"
    is_sealed: bool = False
    form: tuple[JsonObject, ...] = ()  # the fields that a run asks for, as engine.nodes.fields.FormField JSON
    examples: tuple[InputExample, ...] = ()  # to fill the form in with
    is_monthly: bool = False
    order_id: str = ""  # of the monthly order that stands
    asks_credentials: bool = False
    lacks: tuple[str, ...] = ()  # why what is installed does not run here yet
    tax_note: str = ""  # what a buyer is told of taxes
    returned: str = ""  # what came back of an order that was taken back, where nothing is paid for since
    room_note: str = ""  # why the workspace's plan has no room for its agents
    refund_days: int = 0  # within how many days of a payment it is refunded on request; 0: it costs nothing
    pictures: tuple[shown.ListingPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishCheck:
    """One check of the publish wizard; `remedy` says what to do when it fails."""

    key: str
    title: str
    is_ok: bool
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class PublishDraft:
    """What the wizard starts from."""

    workflow_id: str
    workflow_name: str
    checks: tuple[PublishCheck, ...]
    permissions: tuple[PermissionLine, ...]
    listing: "ListingForm"
    published: tuple[str, ...] = ()  # versions so far; empty: a new listing


@dataclass(frozen=True, slots=True)
class ListingForm:
    """What the seller writes; prices as text."""

    name: str = ""
    tagline: str = ""
    description: str = ""
    category: str = "operations"
    price: str = "0"
    billing: str = "once"  # once | month
    licence: str = "standard"
    version: str = "1.0.0"
    changelog: str = ""
    look: str = "open"  # open | sealed: whether who installs it sees how it works
    pictures: tuple[shown.ListingPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class Offerable:
    """What can be chosen to be sold. `kind` is workflow or agent."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A listing in its seller's dashboard."""

    id: str
    slug: str
    name: str
    state: str
    price: str
    version: str
    views: int
    trials: int
    installs: int
    sales: int
    refunds: int
    stars: str
    rating_count: int
    revenue: str
    reason: str = ""
    case_kind: str = ""  # version | takedown: what was last asked of the operators, or decided by them
    case_state: str = ""  # waiting | approved | refused | withdrawn
    case_version: str = ""
    is_appealed: bool = False
    subscribers: int = 0
    price_cents: int = 0
    is_monthly: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether the actor decides what the marketplace shows, and how many cases, and reported reviews and their appeals, wait."""

    is_operator: bool
    waiting: int
    reported: int = 0


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A version, an appeal or a takedown on the operators' list."""

    id: str
    slug: str
    name: str
    creator: str
    kind: str  # version | takedown
    version: str
    state: str
    reason: str
    appeal: str
    asked_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """What a decision needs.

    `on_shelf` is the listing's state, "" before anything was shown, and `live_version` what buyers get now. `widened` is what the version
    may do and the newest one approved before it may not; `change` is what else it changes, None where there is none before it.
    """

    row: CaseRow
    tagline: str
    description: str
    category_label: str
    price: str
    licence: str
    changelog: str
    permissions: tuple[PermissionLine, ...]
    widened: tuple[PermissionLine, ...]
    live_version: str
    on_shelf: str
    workflow: JsonObject
    inside: Inside
    change: VersionChange | None
    samples: tuple[SampleRun, ...]
    is_intact: bool
    is_sealed: bool = False
    pictures: tuple[shown.ListingPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A line of the creator's account; `title` is the listing's, "" of what is of none."""

    at: datetime
    what: str
    title: str
    amount: str
    is_negative: bool


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A page of the creator's account, newest first; `next_cursor` goes on below, "" at the end."""

    rows: tuple[LedgerRow, ...]
    next_cursor: str
    total: int


@dataclass(frozen=True, slots=True)
class RevenueWeek:
    """A bar of the chart: the Monday, the net amount, and its height in percent of the highest."""

    label: str
    amount: str
    percent: int


@dataclass(frozen=True, slots=True)
class SalesFile:
    """The sales as a CSV file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SaidReview:
    """A review on its creator's page, with the listing it is about."""

    author: str
    stars: int
    text: str
    listing: str
    slug: str
    created_at: datetime
    reply: str


@dataclass(frozen=True, slots=True)
class CreatorForm:
    """A creator's profile as it is edited. `shown_name` is what buyers read now, `creator_id` the address of the page, "" before there is
    one, and `cleared_reason` why operators have emptied it."""

    name: str = ""
    about: str = ""
    website: str = ""
    picture: str = ""
    picture_href: str = ""
    shown_name: str = ""
    creator_id: str = ""
    cleared_reason: str = ""


@dataclass(frozen=True, slots=True)
class CreatorProfile:
    """A creator's public page. `stars` is the mean over all listings as text, "" before the first review."""

    name: str
    since: datetime | None
    listing_count: int
    install_count: int
    rating_count: int
    stars: str
    cards: tuple[ListingCard, ...]
    reviews: tuple[SaidReview, ...]
    about: str = ""
    website: str = ""
    picture: str = ""  # its address
    is_own: bool = False
    can_clear: bool = False  # the actor is an operator, and there is something to empty


@dataclass(frozen=True, slots=True)
class Earnings:
    """The creator's dashboard."""

    listings: tuple[OwnListing, ...] = ()
    balance: str = ""
    available: str = ""
    lifetime: str = ""
    is_test_mode: bool = False
    has_account: bool = False
    can_pay_out: bool = False
    ledger: tuple[LedgerRow, ...] = ()
    months: tuple[JsonObject, ...] = field(default=())
    share: str = "80 %"  # what the seller keeps of a sale now; a span where listings differ
    bank_failures: tuple[BankFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What operators have set for a listing from a day on; `is_now`: it counts at this moment."""

    id: str
    listing: str
    slug: str
    creator: str
    percent: str  # the platform's part
    starts_at: datetime
    is_now: bool
