"""The index that searches read: for each word, and for each mark of a listing (category, price, stars ...), one bit per listing.

A listing has a place, its number in the index, from its first day on the shelf. Rows of `search_block` hold the bits of 4,096 places
each, least significant first, so that a hundred thousand listings are combined in a few operations on whole numbers (docs/adr/0024).
Writers lock their listing first, then take turns; what changes a listing's state, price, stars, models or needs calls `file_listing` in
the same transaction.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.bulk import insert_into
from app.core.uow import UnitOfWork
from models.listing import Listing, ListingWord, SearchBlock

PLACES = 4096  # of one block
MOST_PROVIDERS = 50  # of one listing; `filed` has room for their marks
LIVE, FREE, PAID = ":live", ":free", ":paid"
Key = tuple[str, int]  # a word and its weight; marks begin with a colon, which no word does, and weigh nothing
_COUNTER: Key = (":next", 0)
_CHUNK = 5000
_BLOCKS: sa.Table = SearchBlock.__table__  # type: ignore[attr-defined]
_MARKED = (
    col(Listing.id), col(Listing.place), col(Listing.filed), col(Listing.state), col(Listing.category), col(Listing.price_cents),
    col(Listing.rating_count), col(Listing.rating_sum), col(Listing.models), col(Listing.needs),
)  # fmt: skip


def marks_of(listing: Any) -> set[str]:
    """Under which marks a row of listings is filed; none when it is not on the shelf."""
    if listing.state != "live":
        return set()
    providers = sorted({name.partition("/")[0][:40] for name in listing.models.split()})[:MOST_PROVIDERS]
    stars = range(1, listing.rating_sum // listing.rating_count + 1) if listing.rating_count else ()
    return {
        LIVE,
        PAID if listing.price_cents else FREE,
        f":in:{listing.category}",
        *(f":stars:{number}" for number in stars),
        *(f":model:{name}" for name in providers),
        *(f":needs:{need}" for need in listing.needs.split()),
    }


def file_listing(uow: UnitOfWork, listing_id: uuid.UUID, *, added: Iterable[Key] = (), gone: Iterable[Key] = ()) -> None:
    """Bring the index to what the listing's row says now, and to the words that it gained and lost."""
    uow.session.flush()
    connection = uow.session.connection()
    row = connection.execute(sa.select(*_MARKED).where(col(Listing.id) == listing_id).with_for_update(key_share=True)).one()
    marks, before = marks_of(row), set(row.filed.split())
    on = {(mark, 0) for mark in marks - before} | set(added)
    off = {(mark, 0) for mark in before - marks} | set(gone)
    if not on and not off:
        return
    count = _take_turn(connection)
    place = row.place
    if place is None:
        place = count
        _write(connection, {(*_COUNTER, 0): place + 1})
        on |= _words_of(connection, listing_id)
    _turn(connection, place, on=on, off=off)
    filed = {"place": place, "filed": " ".join(sorted(marks)), "updated_at": col(Listing.updated_at)}
    connection.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(filed))


def _words_of(connection: sa.Connection, listing_id: uuid.UUID) -> set[Key]:
    mine = sa.select(col(ListingWord.word), col(ListingWord.weight)).where(col(ListingWord.listing_id) == listing_id)
    return {(word, weight) for word, weight in connection.execute(mine)}


def _take_turn(connection: sa.Connection) -> int:
    """Wait for other writers to end; returns how many places were given away."""
    start = {"word": _COUNTER[0], "weight": _COUNTER[1], "block": 0, "bits": b""}
    connection.execute(insert_into(connection, _BLOCKS).values(start).on_conflict_do_nothing())
    counter = sa.select(_BLOCKS.c.bits).where(_BLOCKS.c.word == _COUNTER[0], _BLOCKS.c.weight == _COUNTER[1])
    return int.from_bytes(connection.execute(counter.with_for_update()).scalar_one(), "little")


def _turn(connection: sa.Connection, place: int, *, on: set[Key], off: set[Key]) -> None:
    block, bit = divmod(place, PLACES)
    here = _BLOCKS.c.block == block
    rows = connection.execute(sa.select(_BLOCKS).where(_BLOCKS.c.word.in_({word for word, _ in on | off}), here))
    found = {(row.word, row.weight): int.from_bytes(row.bits, "little") for row in rows}
    turned = {key: found.get(key, 0) & ~(1 << bit) for key in off} | {key: found.get(key, 0) | 1 << bit for key in on}
    _write(connection, {(*key, block): bits for key, bits in sorted(turned.items())})


def _write(connection: sa.Connection, blocks: Mapping[tuple[str, int, int], int]) -> None:
    rows = [
        {"word": word, "weight": weight, "block": block, "bits": bits.to_bytes((bits.bit_length() + 7) // 8, "little")}
        for (word, weight, block), bits in blocks.items()
    ]
    insert = insert_into(connection, _BLOCKS)
    changed = insert.on_conflict_do_update(index_elements=["word", "weight", "block"], set_={"bits": insert.excluded.bits})
    if rows:
        connection.execute(changed, rows)


def read_bits(uow: UnitOfWork, words: Iterable[str]) -> dict[str, dict[int, int]]:
    """Word or mark -> weight -> its listings, bit by place; what nobody has is left out."""
    wanted = sa.select(_BLOCKS.c.word, _BLOCKS.c.weight, _BLOCKS.c.block, _BLOCKS.c.bits).where(_BLOCKS.c.word.in_(set(words)))
    parts: defaultdict[Key, list[tuple[int, bytes]]] = defaultdict(list)
    for word, weight, block, bits in uow.session.connection().execute(wanted):
        parts[word, weight].append((block, bits))
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for (word, weight), blocks in parts.items():
        found[word][weight] = _joined(blocks)
    return found


def _joined(blocks: list[tuple[int, bytes]]) -> int:
    size = PLACES // 8
    whole = bytearray((max(block for block, _ in blocks) + 1) * size)
    for block, bits in blocks:
        whole[block * size : block * size + len(bits)] = bits
    return int.from_bytes(whole, "little")


def file_missing(uow: UnitOfWork) -> int:
    """File everything again when something on the shelf has no place, as what an earlier release wrote; returns how many."""
    missing = sa.select(col(Listing.id)).where(col(Listing.state) == "live", col(Listing.place).is_(None)).limit(1)
    return file_all(uow) if uow.session.connection().execute(missing).first() else 0


def file_all(uow: UnitOfWork) -> int:
    """Build the index from the listings and their words; returns how many listings it holds."""
    uow.session.flush()
    connection = uow.session.connection()
    connection.execute(sa.select(col(Listing.id)).order_by(col(Listing.id)).with_for_update(key_share=True)).all()
    turn = _take_turn(connection)
    count = max(turn, connection.execute(sa.select(sa.func.coalesce(sa.func.max(col(Listing.place)) + 1, 0))).scalar_one())
    connection.execute(sa.delete(_BLOCKS).where(_BLOCKS.c.word != _COUNTER[0]))
    shown = sa.or_(col(Listing.state) == "live", col(Listing.place).is_not(None))
    found, changed = 0, list[dict[str, Any]]()
    blocks: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    for row in connection.execute(sa.select(*_MARKED).where(shown).order_by(col(Listing.id))).all():
        place, count = (count, count + 1) if row.place is None else (row.place, count)
        marks = marks_of(row)
        found, filed = found + 1, " ".join(sorted(marks))
        if (place, filed) != (row.place, row.filed):  # what came after the rows were locked is filed already, and not locked
            changed.append({"row_id": row.id, "row_place": place, "row_filed": filed})
        for mark in marks:
            blocks[mark, 0, place // PLACES] |= 1 << place % PLACES
    _write(connection, blocks | {(*_COUNTER, 0): count})
    values = {"place": sa.bindparam("row_place"), "filed": sa.bindparam("row_filed"), "updated_at": col(Listing.updated_at)}
    if changed:
        connection.execute(sa.update(Listing.__table__).where(col(Listing.id) == sa.bindparam("row_id")).values(values), changed)  # type: ignore[attr-defined]
    _file_words(connection)
    return found


def _file_words(connection: sa.Connection) -> None:
    wanted = sa.select(col(ListingWord.word), col(ListingWord.weight), col(Listing.place)).join(
        Listing, col(Listing.id) == col(ListingWord.listing_id)
    )
    blocks: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    last = ""
    ordered = wanted.where(col(Listing.place).is_not(None)).order_by(col(ListingWord.word))
    for word, weight, place in connection.execute(ordered, execution_options={"yield_per": _CHUNK}):
        if word != last and len(blocks) > _CHUNK:
            _write(connection, blocks)
            blocks.clear()
        last = word
        number, bit = divmod(place or 0, PLACES)
        blocks[word, weight, number] |= 1 << bit
    _write(connection, blocks)
