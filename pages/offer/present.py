"""Turns a listing's detail into what its page shows."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.views import words
from app.views.blueprints import PermissionLine
from app.views.installs import CredentialAsk, InstallPlan
from app.views.market import ListingCard, ListingDetail, Measured, SampleRun, VersionRow
from app.views.pictures import ListingPicture
from app.views.workflows import Miniature
from engine.json import JsonObject

EMPTY_CARD = ListingCard("", "", "", "", "", "", "", True, "", 0, 0, 0, False, False, Miniature())


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it counts."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class SampleItem:
    """A sample run; `answer` is shown as a value."""

    name: str
    status: str
    given: JsonObject
    answer: JsonObject
    took: str
    verdict: str


@dataclass(frozen=True, slots=True)
class VersionItem:
    """A published version."""

    number: str
    changelog: str
    published: str
    digest: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class OfferItem:
    """Everything but cards, samples and versions."""

    slug: str = ""
    access: str = "closed"
    description: str = ""
    price: str = ""
    price_cents: int = 0
    version: str = ""
    licence: str = ""
    open_href: str = ""
    has_update: bool = False
    installed_version: str = ""
    creator_href: str = ""
    creator_picture: str = ""
    is_test_mode: bool = False
    can_buy: bool = False
    can_install: bool = False
    is_intact: bool = True
    is_visitor: bool = False
    is_outline: bool = False
    is_sealed: bool = False
    is_monthly: bool = False
    is_sold: bool = False
    has_asks: bool = False
    lacks: tuple[str, ...] = ()
    tax_note: str = ""
    returned: str = ""
    room_note: str = ""
    refund_note: str = ""
    pictures: tuple[ListingPicture, ...] = ()
    order_href: str = ""
    state_note: str = ""
    measured_note: str = ""
    permissions: tuple[PermissionLine, ...] = ()
    agents: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = field(default=())


FEW_RUNS = 20  # below, a percentage would look like more than it is
STATE_NOTES = {
    "in_review": "In review: until an operator of this installation has looked at it, only your workspace sees this page.",
    "rejected": "Not accepted. The reason stands under Sell; publish a mended version, or answer there.",
    "unlisted": "Off the shelf. Who has it keeps it; nobody else sees this page.",
    "removed": "The operators took this listing down. Who has it keeps it.",
}
LICENCES = {"standard": "Standard licence", "mit": "MIT licence", "apache-2.0": "Apache 2.0 licence"}


def offer_item(detail: ListingDetail) -> OfferItem:
    """The page's own facts."""
    return OfferItem(
        slug=detail.card.slug,
        access=detail.access,
        description=detail.description,
        price=detail.card.price,
        price_cents=detail.price_cents,
        version=detail.version,
        licence=LICENCES.get(detail.licence, detail.licence),
        open_href=f"/workflows/{detail.workflow_ids[0]}" if detail.workflow_ids else "",
        has_update=detail.has_update and detail.can_install,
        installed_version=detail.installed_version,
        creator_picture=detail.creator_picture,
        creator_href=f"/marketplace/creators/{detail.creator_id}" if detail.creator_id else "",
        is_test_mode=detail.is_test_mode,
        can_buy=detail.can_buy,
        can_install=detail.can_install,
        is_intact=detail.is_intact,
        is_visitor=detail.is_visitor,
        is_outline=detail.access in ("for_sale", "pending") and not detail.is_sealed,
        is_sealed=detail.is_sealed,
        is_monthly=detail.is_monthly,
        is_sold=detail.state == "live" and detail.price_cents > 0,
        pictures=detail.pictures,
        has_asks=detail.is_sealed and detail.access == "installed" and detail.asks_credentials,
        lacks=detail.lacks,
        tax_note=detail.tax_note,
        returned=detail.returned,
        room_note=detail.room_note if detail.can_install else "",
        refund_note=refund_words(detail),
        order_href=f"/purchases/{detail.order_id}" if detail.order_id else "",
        state_note=STATE_NOTES.get(detail.state, "") if detail.access == "own" or detail.state == "removed" else "",
        measured_note=measured_words(detail.measured),
        permissions=detail.permissions,
        agents=detail.agents,
        figures=measured_figures(detail.measured),
    )


def refund_words(detail: ListingDetail) -> str:
    """How long the money can be asked back, for who would still pay."""
    if not detail.refund_days or detail.state != "live" or detail.access not in ("for_sale", "pending", "lapsed"):
        return ""
    days = f"Refunded on request within {detail.refund_days} days"
    return f"{days} of a payment." if detail.is_monthly else f"Paid once. {days}."


def measured_figures(measured: Measured) -> tuple[Figure, ...]:
    """The label's numbers; times only where somebody ran a copy."""
    figures = [Figure(f"{measured.tests_passed} of {measured.tests}", "tests pass")] if measured.tests else []
    if 0 < measured.runs < FEW_RUNS:
        good = -(-measured.success_percent * measured.runs // 100)  # the percentage is rounded down
        figures.append(Figure(f"{good} of {measured.runs}", "runs succeeded"))
        figures.append(Figure(words.duration(measured.p50_s * 1000), "half of the runs take no longer"))
    elif measured.runs:
        figures += [
            Figure(f"{measured.success_percent} %", "of runs succeed"),
            Figure(words.duration(measured.p50_s * 1000), "half of the runs take no longer"),
            Figure(words.duration(measured.p95_s * 1000), "19 of 20 runs take no longer"),
        ]
    if measured.runs:
        figures.append(Figure(words.money(measured.cost_micros), "model cost a run"))
    return tuple(figures)


def measured_words(measured: Measured) -> str:
    """Over which runs, and when."""
    if not measured.runs:
        return "Nobody has run an installed copy as it was published yet, so there are only the seller's tests."
    count = f"{'1 run' if measured.runs == 1 else f'the last {measured.runs:,} runs'} of installed copies as they were published"
    days = list(dict.fromkeys(words.day(when) for when in (measured.since, measured.until) if when))
    return f"Measured over {count}, {'from ' + ' to '.join(days) if len(days) > 1 else 'on ' + ''.join(days)}."


def sample_items(samples: tuple[SampleRun, ...]) -> list[SampleItem]:
    """The seller's tests as they ran."""
    return [
        SampleItem(
            sample.name,
            sample.status,
            sample.inputs,
            sample.output,
            f"{sample.seconds:.1f} s" if sample.seconds >= 0.1 else "under 0.1 s",
            "passed" if sample.has_passed else "failed",
        )
        for sample in samples
    ]


def version_item(row: VersionRow) -> VersionItem:
    """One line of the history."""
    return VersionItem(row.number, row.changelog, words.day(row.published_at), row.digest[:12], row.is_current)


@dataclass(frozen=True, slots=True)
class AskItem:
    """A credential that the package names; `choices` are value and label, `new_href` leads to the form and back."""

    name: str = ""
    label: str = ""
    note: str = ""
    choices: tuple[dict[str, str], ...] = ()
    new_href: str = ""


LATER = {"value": "", "label": "Choose later"}


def ask_items(asks: tuple[CredentialAsk, ...], *, slug: str, opens: str, can_make: bool) -> list[AskItem]:
    """What the dialog asks; `opens` is the dialog that the way back opens again."""
    return [_ask_item(one, slug=slug, opens=opens, can_make=can_make) for one in asks]


def _ask_item(one: CredentialAsk, *, slug: str, opens: str, can_make: bool) -> AskItem:
    hosts = [host for host in one.hosts if host != "*"]
    sent = f"sent to {', '.join(hosts)}" if hosts else "sent where a step says when it runs" if one.hosts else ""
    note = ", ".join(part for part in (one.kind_label, sent) if part)
    note = f"{note[:1].upper()}{note[1:]}." if note else ""
    choices = ({"value": choice.name, "label": f"{choice.name} ({choice.detail})"} for choice in one.choices)
    wish = {"new": one.kind or "bearer", "name": one.name, "hosts": ",".join(hosts), "back": f"/marketplace/{slug}?{opens}=1"}
    href = f"/settings/credentials?{urlencode(wish)}" if can_make else ""
    return AskItem(one.name, f"Use as “{one.name}”", note, (*choices, LATER), href)


@dataclass(frozen=True, slots=True)
class PlanItem:
    """The permission screen."""

    name: str = ""
    version: str = ""
    permissions: tuple[PermissionLine, ...] = ()
    brings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    room_note: str = ""


ACTIONS = {"create": "new agent", "reuse": "the one you have is used", "rename": "new agent under another short name"}


def plan_item(plan: InstallPlan) -> PlanItem:
    """What comes in, in words."""
    agents = tuple(f"Agent “{agent.name}” ({ACTIONS[agent.action]})" for agent in plan.agents)
    kind = "Sealed workflow" if plan.is_sealed else "Workflow"
    brings = (*(f"{kind} “{name}”" for name in plan.workflows), *agents)
    return PlanItem(plan.name, plan.version, plan.permissions, brings, plan.warnings, plan.room_note)
