"""The words that listings are found by, and how typing mistakes meet them; the same on every database.

A word is stored with each form that lacks one letter. A searched word and its own shortened forms meet one of these
when at most one letter is wrong, missing, too many, or swapped with its neighbour.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, delete, select

from app.core.bulk import insert_into
from app.core.uow import UnitOfWork
from app.services.market.filing import file_listing
from app.services.market.shelves import LABELS
from engine.json import as_list
from models.listing import Listing, ListingWord, SearchTypo

LONGEST = 30
MOST_WORDS = 400  # of one listing
EXACT, BEGUN, MISTYPED = 10, 8, 4  # how well a known word fits the searched one
TYPO_FROM = 4  # letters; shorter words have too many neighbours
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "with",
        "your",
        "you",
    ]
)


def words_of(text: str) -> list[str]:
    """The words in order: lower case, without accents, plurals cut."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return [_stem(word[:LONGEST]) for word in _WORD.findall(plain) if word not in _STOP]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def variants(word: str) -> set[str]:
    """The word and, when it is long enough, each form with one letter left out."""
    if len(word) < TYPO_FROM:
        return {word}
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


def is_near(one: str, other: str) -> bool:
    """Whether one wrong, missing, extra or swapped letter makes one of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    if len(rest) == len(other_rest):
        is_swapped = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
        return rest[1:] == other_rest[1:] or is_swapped
    return rest[1:] == other_rest if len(rest) > len(other_rest) else rest == other_rest[1:]


def index_words(uow: UnitOfWork, listing_id: uuid.UUID, texts: Mapping[str, int]) -> None:
    """Replace the words of a listing; `texts` maps each text to the weight of its words.

    The forms of words that are new, which listings share, are written when `file_listing` has waited for its turn, so that writers never
    wait for each other.
    """
    weights: dict[str, int] = {}
    for text, weight in texts.items():
        for word in words_of(text):
            weights[word] = max(weight, weights.get(word, 0))
    chosen = dict(sorted(weights.items(), key=lambda item: -item[1])[:MOST_WORDS])
    mine = select(ListingWord.word, ListingWord.weight).where(ListingWord.listing_id == listing_id)
    before = set(uow.session.exec(mine))
    uow.session.exec(delete(ListingWord).where(col(ListingWord.listing_id) == listing_id))
    _insert(uow, ListingWord, [{"word": word, "listing_id": listing_id, "weight": weight} for word, weight in chosen.items()])
    file_listing(uow, listing_id, added=chosen.items() - before, gone=before - chosen.items())
    fresh = chosen.keys() - _known(uow, chosen)
    _insert(uow, SearchTypo, [{"variant": variant, "word": word} for word in sorted(fresh) for variant in variants(word)])


def _known(uow: UnitOfWork, words: Iterable[str]) -> set[str]:
    """Those whose forms are written: a word is a form of itself, and all are written at once."""
    table: sa.Table = SearchTypo.__table__  # type: ignore[attr-defined]
    wanted = sa.select(table.c.word).where(table.c.variant.in_(set(words)), table.c.variant == table.c.word)
    return set(uow.session.connection().execute(wanted).scalars())


def file_words(uow: UnitOfWork, listing: Listing, content: Mapping[str, Any]) -> None:
    """Bring the words that find a listing to what it says; `content` is the manifest of its version."""
    agents, shelf = " ".join(str(one) for one in as_list(content.get("agents")) or ()), LABELS.get(listing.category, "")
    texts = {listing.description: 1, agents: 2, listing.creator: 3, shelf: 4}
    index_words(uow, listing.id, texts | {listing.tagline: 4, listing.name: 8})  # where two are the same, it counts as the last


def _insert(uow: UnitOfWork, model: type[ListingWord | SearchTypo], rows: list[dict[str, object]]) -> None:
    if rows:
        connection = uow.session.connection()
        connection.execute(insert_into(connection, model.__table__).on_conflict_do_nothing(), rows)  # type: ignore[union-attr]


def expand(uow: UnitOfWork, word: str, *, is_last: bool) -> dict[str, int]:
    """Known words that the searched one stands for, each with how well it fits; the last one may be unfinished."""
    forms = variants(word)
    table: sa.Table = SearchTypo.__table__  # type: ignore[attr-defined]
    meets = sa.select(table.c.word).where(table.c.variant.in_(forms)).distinct().limit(200)
    known: set[str] = set(uow.session.connection().execute(meets).scalars())
    fits = {word: EXACT} if word in known else {other: MISTYPED for other in known if len(word) >= TYPO_FROM and is_near(word, other)}
    if is_last and len(word) > 1:
        begins = sa.select(table.c.word).where(table.c.variant >= word, table.c.variant < word + "zzzz").distinct().limit(400)
        longer = (other for other in uow.session.connection().execute(begins).scalars() if other.startswith(word))
        fits |= {other: BEGUN for other in _shortest(longer, 40) if other != word}
    return fits


def _shortest(words: Iterable[str], count: int) -> list[str]:
    return sorted(words, key=lambda word: (len(word), word))[:count]
