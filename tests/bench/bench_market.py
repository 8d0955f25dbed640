"""Search over 100,000 listings on both databases: what a page takes in the service with the filters and orders that people choose.

On SQLite beside its full-text index, which forgives no typing mistake."""

import gc
import itertools
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.adapters.migrations import upgrade
from app.core.config import read_settings
from app.core.uow import UnitOfWork
from app.services.market import find_listings, list_shelves
from app.services.market.browsing import SORTS
from app.services.market.filing import file_all
from app.services.market.shelves import CATEGORIES
from app.services.market.words import variants
from app.wiring import build_wiring
from models.base import utc_now
from models.ids import new_id
from models.listing import Listing, ListingWord, SearchTypo
from tests.support.databases import postgres_server
from tests.support.people import make_member, make_workspace

LISTINGS = 100_000
VOCABULARY = 20_000
WORDS = 40  # of one listing
QUERIES = 300
CHUNK = 2_000
GOAL_MS = 50
SYLLABLES = ("ba", "co", "den", "fir", "gul", "has", "ker", "lom", "mi", "nor", "pul", "rex", "sta", "ti", "vor", "zen")


def vocabulary(dice: random.Random) -> list[str]:
    """Invented words of two to four syllables, each once; those at the front are used most."""
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(dice.choices(SYLLABLES, k=dice.choice((2, 3, 3, 4))))] = None
    return list(words)


def texts(dice: random.Random, words: Sequence[str]) -> Iterator[list[str]]:
    """The words of each listing, as unevenly spread as those of a language (Zipf)."""
    totals = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    for _ in range(LISTINGS):
        yield list(dict.fromkeys(dice.choices(words, cum_weights=totals, k=WORDS)))


def fill(uow: UnitOfWork, dice: random.Random, words: Sequence[str]) -> None:
    """Listings, their words, every word's shortened forms, and the same in a table of SQLite's full-text search."""
    connection = uow.session.connection()
    seller = make_workspace(uow).id
    has_plain = connection.dialect.name == "sqlite"
    if has_plain:
        connection.execute(sa.text("CREATE VIRTUAL TABLE plain USING fts5(body)"))
    rows: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    bodies: list[dict[str, str]] = []
    for number, body in enumerate(texts(dice, words), start=1):
        rows.append(_listing(seller, number, body, dice))
        entries += [{"word": word, "listing_id": rows[-1]["id"], "weight": 10 if place < 4 else 2} for place, word in enumerate(body)]
        bodies.append({"body": " ".join(body)})
        if number % CHUNK == 0:
            connection.execute(sa.insert(Listing), rows)
            connection.execute(sa.insert(ListingWord), entries)
            if has_plain:
                connection.execute(sa.text("INSERT INTO plain (body) VALUES (:body)"), bodies)
            rows, entries, bodies = [], [], []
    connection.execute(sa.insert(SearchTypo), [{"variant": form, "word": word} for word in words for form in variants(word)])
    file_all(uow)


def _listing(seller: object, number: int, body: Sequence[str], dice: random.Random) -> dict[str, Any]:
    stars = dice.choice((0, 3, 12, 40))
    return {
        "id": new_id(),
        "workspace_id": seller,
        "slug": f"{body[0]}-{number}",
        "name": " ".join(body[:4]),
        "tagline": " ".join(body[4:12]),
        "description": " ".join(body),
        "category": dice.choice(CATEGORIES).key,
        "icon": "bot",
        "state": "live",
        "reason": "",
        "price_cents": dice.choice((0, 0, 900, 2900)),
        "currency": "usd",
        "fee_bps": 2000,
        "creator": "Bench",
        "is_featured": number % 5000 == 0,
        "models": dice.choice((" demo/writer ", " openai/gpt-5 ", " anthropic/claude-sonnet-4-5 openai/gpt-5 ")),
        "needs": dice.choice(("", " network ", " network credentials ", " code ", " tools network ")),
        "install_count": dice.randrange(500),
        "view_count": 0,
        "rating_count": stars,
        "rating_sum": stars * 4,
        "rating_rank": dice.random() * 5,
        "published_at": utc_now(),
        "created_at": utc_now(),
        "updated_at": utc_now(),
    }


def mistyped(dice: random.Random, word: str) -> str:
    """One letter left out."""
    place = dice.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def timed(calls: Sequence[Callable[[], object]]) -> list[tuple[float, float]]:
    """Milliseconds of each, by the clock and of this thread's processor; SQLite works in the thread, PostgreSQL does not."""
    taken: list[tuple[float, float]] = []
    for call in calls:
        start, worked = time.perf_counter(), time.thread_time()
        call()
        taken.append(((time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000))
    return taken


def report(name: str, taken: Sequence[tuple[float, float]]) -> None:
    """One line of the table."""
    parts = []
    for label, column in zip(("median", "processor"), zip(*taken, strict=True), strict=True):
        parts.append(f"{label} {statistics.median(column):6.1f}   p95 {statistics.quantiles(column, n=20)[18]:6.1f}")
    sys.stdout.write(f"  {name:<62} {'   '.join(parts)}   most {max(wall for wall, _ in taken):7.1f}\n")


def measure(uow: UnitOfWork, dice: random.Random, words: Sequence[str]) -> None:
    """Ask, in groups of questions."""
    connection = uow.session.connection()
    usual = words[: VOCABULARY // 10]

    def ask(search: str, **filters: Any) -> Callable[[], object]:
        return lambda: find_listings(uow, search=search, **filters)

    def pick(count: int) -> str:
        return " ".join(dice.sample(usual, count))

    def match(search: str) -> Callable[[], object]:
        query = sa.text(
            "SELECT rowid, (SELECT count(*) FROM plain WHERE body MATCH :q) FROM plain WHERE body MATCH :q ORDER BY rank LIMIT 24"
        )
        return lambda: connection.execute(query, {"q": search}).all()

    sys.stdout.write(
        f"{connection.dialect.name}: search over {LISTINGS:,} listings of {WORDS} words, milliseconds (goal: p95 at most {GOAL_MS})\n"
    )
    one, two = [pick(1) for _ in range(QUERIES)], [pick(2) for _ in range(QUERIES)]
    if connection.dialect.name == "sqlite":
        report("SQLite FTS5, one word", timed([match(search) for search in one]))
        report("SQLite FTS5, two words", timed([match(search) for search in two]))
    report("one word", timed([ask(search) for search in one]))
    report("two words", timed([ask(search) for search in two]))
    report("two words, the first mistyped", timed([ask(f"{mistyped(dice, dice.choice(usual))} {pick(1)}") for _ in range(QUERIES)]))
    report("half a word", timed([ask(dice.choice(usual)[:4]) for _ in range(QUERIES)]))
    report(
        "one word, free, of one category, cheapest", timed([ask(search, price="free", category="sales", sort="cheapest") for search in one])
    )
    measure_partial(uow, dice, usual)
    measure_filters(uow, one)
    report("no word, one category", timed([ask("", category="support") for _ in range(QUERIES)]))
    report("no word, page 40", timed([ask("", page=40) for _ in range(QUERIES)]))
    report("the shelves of the first page", timed([lambda: list_shelves(uow) for _ in range(50)]))
    sys.stdout.write(f"  load of the machine {os.getloadavg()[0]:.1f}\n")


def measure_partial(uow: UnitOfWork, dice: random.Random, usual: Sequence[str]) -> None:
    """Searches of which nothing has every word: words too many, words of nothing, mistyped ones among them, and a page far down."""
    absent = ("quixotry", "jabberwock", "zymurgy", "phlogiston")

    def some(count: int) -> list[str]:
        return dice.sample(list(usual), count)

    def wrong(count: int) -> list[str]:
        return [mistyped(dice, word) for word in some(count)]

    kinds: dict[str, Callable[[], list[str]]] = {
        "one word and one of nothing": lambda: [*some(1), dice.choice(absent)],
        "one mistyped and one of nothing": lambda: [*wrong(1), dice.choice(absent)],
        "the commonest words and one of nothing": lambda: [*usual[:3], dice.choice(absent)],
        "four words": lambda: some(4),
        "eight words": lambda: some(8),
        "seven of the commonest and one of nothing": lambda: [*dice.sample(list(usual[:20]), 7), dice.choice(absent)],
        "three words, three mistyped, two of nothing": lambda: [*some(3), *wrong(3), *absent[:2]],
        "eight mistyped": lambda: wrong(8),
    }
    asked: dict[str, list[str]] = {}
    for name, make in kinds.items():
        asked[name] = [" ".join(make()) for _ in range(QUERIES)]
        found = [find_listings(uow, search=search).has_all for search in asked[name][:40]]
        report(f"{name} (partial {found.count(False)} of 40)", timed([lambda q=q: find_listings(uow, search=q) for q in asked[name]]))
    eight = asked["eight words"]
    report("eight words, newest first", timed([lambda q=q: find_listings(uow, search=q, sort="newest") for q in eight]))
    report("eight words, free, 4 stars", timed([lambda q=q: find_listings(uow, search=q, price="free", stars=4) for q in eight]))
    report("eight words, page 20", timed([lambda q=q: find_listings(uow, search=q, page=20) for q in eight]))


def measure_filters(uow: UnitOfWork, one: Sequence[str]) -> None:
    """Each filter by itself and all at once, and every order, with a word and without."""
    filters: dict[str, dict[str, Any]] = {
        "4 stars": {"stars": 4},
        "one provider": {"model": "anthropic"},
        "no network": {"without": ["network"]},
        "paid": {"price": "paid"},
        "all four": {"stars": 4, "model": "anthropic", "without": ["network"], "price": "paid"},
    }
    for name, chosen in filters.items():
        report(f"one word, {name}", timed([lambda search=search, f=chosen: find_listings(uow, search=search, **f) for search in one]))
        report(f"no word, {name}", timed([lambda f=chosen: find_listings(uow, **f)] * 40))
    for sort in SORTS:
        report(f"one word, by {sort}", timed([lambda search=search, by=sort: find_listings(uow, search=search, sort=by) for search in one]))
        report(f"no word, by {sort}", timed([lambda by=sort: find_listings(uow, sort=by)] * 40))


def main() -> None:
    """Fill and measure, on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        for url in (f"sqlite:///{Path(folder) / 'market.db'}", postgres.render_as_string(hide_password=False)):
            measure_on(url, folder)


def measure_on(url: str, folder: str) -> None:
    """One database."""
    dice = random.Random(7)
    words = vocabulary(dice)
    upgrade(url)
    settings = {
        "AF_ENV": "test",
        "AF_DATA_DIR": folder,
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1",
        "AF_SECRET_KEY": "bench " * 8,
    }
    wiring = build_wiring(read_settings(settings))
    began = time.perf_counter()
    with wiring.unit() as uow:
        fill(uow, dice, words)
    sys.stdout.write(f"filled in {time.perf_counter() - began:.0f} s\n")
    with wiring.database.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    gc.collect()
    gc.freeze()  # as the server's workers do with what they imported
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        measure(uow, dice, words)
    wiring.database.dispose()
