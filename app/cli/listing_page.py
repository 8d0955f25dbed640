"""`agent-factory listings show`: a listing as people read it in a terminal; --json gives the whole record."""

import shlex
import textwrap
from collections.abc import Iterator
from typing import Any

import typer

from app.cli.printing import WIDE, cell, dollars, shown
from app.cli.terminal import say
from app.views.words import duration
from engine.nodes.fields import TYPE_LABELS

Row = dict[str, Any]
WIDTH = 96
MOST_VERSIONS = 5
LONGEST_EXAMPLE = 80


def show_listing(context: typer.Context, slug: str) -> None:
    """What it does and costs, its measured label, what it may do, what it asks for, and its versions."""
    with context.obj.client() as client:
        found = client.listings.get(slug)
    if context.obj.as_json:
        context.obj.show(found)
        return
    for line in page_of(found):
        say(line)


def page_of(found: Row) -> Iterator[str]:
    """The lines of the page; parts that the record does not have are left out."""
    card: Row = found.get("card") or {}
    yield from _head(found, card)
    for paragraph in str(found.get("description") or "").splitlines():
        yield from textwrap.wrap(_plain(paragraph).replace("**", ""), WIDTH) or [""]
    yield from _part("Measured", _measured(found.get("measured") or {}))
    yield from _part("It may", [": ".join(_plain(one.get(name)) for name in ("title", "detail")) for one in found.get("permissions") or []])
    yield from _part("It asks for", [_field(one) for one in found.get("form") or []])
    yield from _part("Examples", [_plain(one.get("name")) for one in found.get("examples") or []])
    yield from _part("Versions", _versions(found.get("versions") or []))
    yield from _part("Not yet", [_plain(one) for one in found.get("lacks") or []])
    yield from _part("Next", _next(found, str(card.get("slug") or "")))


def _head(found: Row, card: Row) -> Iterator[str]:
    count = card.get("install_count") or 0
    stars = f"{_plain(card['stars'])} stars of {card.get('rating_count')}" if card.get("stars") else "no reviews yet"
    inside = "sealed" if found.get("is_sealed") else "open"
    price = (card.get("price"), card.get("category_label"), f"by {card.get('creator')}", stars, f"{count} install{'s' * (count != 1)}")
    facts = (card.get("slug"), f"version {found.get('version')}", f"{found.get('licence')} licence", inside)
    yield _plain(card.get("name"))
    yield _plain(card.get("tagline"))
    yield _dots(*price)
    yield _dots(*facts)
    yield ""


def _measured(told: Row) -> Iterator[str]:
    """The measured label, in the words of its page."""
    if told.get("tests"):
        yield f"{told.get('tests_passed')} of {told['tests']} of the seller's tests pass"
    runs = told.get("runs") or 0
    if not runs:
        yield "Nobody has run an installed copy yet."
        return
    yield f"{told.get('success_percent')} % of runs succeed"
    yield f"half of the runs take no longer than {_took(told.get('p50_s'))}, 19 of 20 no longer than {_took(told.get('p95_s'))}"
    yield f"{dollars((told.get('cost_micros') or 0) / 1_000_000)} model cost a run"
    days = list(dict.fromkeys(cell(name, told.get(name))[:10] for name in ("since", "until")))
    yield f"over the last {runs:,} run{'s' * (runs != 1)} of installed copies, {' to '.join(days)}"


def _field(one: Row) -> str:
    is_needed = one.get("required", True) and one.get("default") is None
    kind = TYPE_LABELS.get(str(one.get("type")), str(one.get("type"))).lower()
    options = f" ({', '.join(_plain(option) for option in one['options'])})" if one.get("options") else ""
    title = _plain(one.get("title") or one.get("name"))
    about = " ".join(part for part in (f"{title}.", _plain(one.get("description"))) if part)
    example = f" Example: {shown(one['example'], widest=LONGEST_EXAMPLE)}" if one.get("example") is not None else ""
    return f"{_plain(one.get('name'))}: {kind}{options}, {'needed' if is_needed else 'optional'}. {about}{example}"


def _versions(rows: list[Row]) -> Iterator[str]:
    for one in rows[:MOST_VERSIONS]:
        mark = " (current)" if one.get("is_current") else ""
        yield f"{_plain(one.get('number'))}{mark}, {cell('at', one.get('published_at'))[:10]}: {_plain(one.get('changelog'))}"
    if len(rows) > MOST_VERSIONS:
        yield f"and {len(rows) - MOST_VERSIONS} earlier"


def _next(found: Row, slug: str) -> Iterator[str]:
    name = next((one.get("name") for one in found.get("examples") or []), None)
    example = f" --example {shlex.quote(_plain(name))}" if name else ""
    if found.get("access") in ("for_sale", "free", "own", "owned"):
        yield f"agent-factory listings try {slug}{example} --wait"
    if found.get("access") == "for_sale":
        monthly = " --monthly" if found.get("is_monthly") else ""
        yield f"agent-factory purchases buy {slug} --price {found.get('price_cents')}{monthly}"
    if found.get("access") in ("free", "own", "owned"):
        yield f"agent-factory listings plan {slug}"
    if found.get("lacks"):
        yield f"agent-factory listings credentials {slug}"


def _part(title: str, lines: "Iterator[str] | list[str]") -> Iterator[str]:
    """A heading and its lines, wrapped below it; nothing without lines."""
    told = [line for line in lines if line]
    if told:
        yield ""
        yield title
    for line in told:
        yield from textwrap.wrap(
            line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False, break_on_hyphens=False
        )


def _took(seconds: Any) -> str:
    return duration(float(seconds or 0) * 1000)


def _dots(*parts: Any) -> str:
    return " · ".join(_plain(part) for part in parts if part)


def _plain(value: Any) -> str:
    """One line without what could steer a terminal."""
    return shown(value, widest=WIDE).strip()
