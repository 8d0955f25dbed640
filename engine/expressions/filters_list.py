"""List and object filters, each linear in the size of the list and strict about what it is given."""

from collections.abc import Callable, Iterable
from typing import Any

from liquid.exceptions import FilterArgumentError

from engine.expressions.filters_number import to_number
from engine.expressions.limits import MAX_ITEMS, MAX_TEXT_CHARS
from engine.expressions.values import dump, to_text, type_name


def a_list(value: Any) -> list[Any]:
    """The value as a list; objects and texts are not quietly wrapped."""
    if isinstance(value, list):
        return value
    if isinstance(value, tuple | range):
        if len(value) > MAX_ITEMS:
            raise FilterArgumentError(f"the list has more than {MAX_ITEMS:,} entries", token=None)
        return list(value)
    raise FilterArgumentError(f"expected a list, found {type_name(value)}", token=None)


def _field(item: Any, key: str) -> Any:
    if isinstance(item, dict):
        return item.get(key)
    raise FilterArgumentError(f"expected a list of objects, but an entry is {type_name(item)}", token=None)


def _identity(value: Any) -> Any:
    return dump(value) if isinstance(value, list | dict) else (type_name(value), value)


def _sort_key(value: Any) -> tuple[int, Any]:
    """Numbers before texts before everything else; nothing comes last."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value)
    return (1, value) if isinstance(value, str) else (3 if value is None else 2, to_text(value))


def join(value: Any, separator: Any = " ") -> str:
    """All entries as one text."""
    return join_texts([to_text(item) for item in a_list(value)], to_text(separator))


def join_texts(texts: list[str], separator: str) -> str:
    """Join after checking how long the result would be."""
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT_CHARS:
        raise FilterArgumentError(f"the joined text would be longer than {MAX_TEXT_CHARS:,} characters", token=None)
    return separator.join(texts)


def bullets(value: Any) -> str:
    """A Markdown list with one line per entry."""
    return join_texts([f"- {to_text(item)}" for item in a_list(value)], "\n")


def sort(value: Any, key: Any = None) -> list[Any]:
    """Ascending, by a field of the entries if one is named."""
    return sorted(a_list(value), key=lambda item: _sort_key(item if key is None else _field(item, key)))


def sort_natural(value: Any, key: Any = None) -> list[Any]:
    """Ascending as text, capitals and small letters alike."""
    return sorted(a_list(value), key=lambda item: to_text(item if key is None else _field(item, key)).casefold())


def uniq(value: Any, key: Any = None) -> list[Any]:
    """Each entry once, the first one kept."""
    seen: set[Any] = set()
    kept: list[Any] = []
    for item in a_list(value):
        mark = _identity(item if key is None else _field(item, key))
        if mark not in seen:
            seen.add(mark)
            kept.append(item)
    return kept


def _matching(value: Any, key: Any, wanted: Any) -> Iterable[tuple[int, Any, bool]]:
    for index, item in enumerate(a_list(value)):
        found = _field(item, to_text(key))
        yield index, item, (found not in (None, False)) if wanted is None else (_identity(found) == _identity(wanted))


def where(value: Any, key: Any, wanted: Any = None) -> list[Any]:
    """Entries whose field has the value, or any value."""
    return [item for _, item, matches in _matching(value, key, wanted) if matches]


def reject(value: Any, key: Any, wanted: Any = None) -> list[Any]:
    """Entries whose field has not the value."""
    return [item for _, item, matches in _matching(value, key, wanted) if not matches]


def find(value: Any, key: Any, wanted: Any = None) -> Any:
    """The first such entry, or nothing."""
    return next((item for _, item, matches in _matching(value, key, wanted) if matches), None)


def find_index(value: Any, key: Any, wanted: Any = None) -> int | None:
    """Where the first such entry stands, counted from 0, or nothing."""
    return next((index for index, _, matches in _matching(value, key, wanted) if matches), None)


def has(value: Any, key: Any, wanted: Any = None) -> bool:
    """Whether there is such an entry."""
    return find_index(value, key, wanted) is not None


def total(value: Any, key: Any = None) -> int | float:
    """The sum of the entries, or of one field of them."""
    plus = 0.0
    items = [to_number(item if key is None else (_field(item, key) or 0)) for item in a_list(value)]
    if all(isinstance(item, int) for item in items):
        return sum(items)
    for item in items:
        plus += item
    return round(plus, 9)


def first(value: Any) -> Any:
    """The first entry, or nothing."""
    return next(iter(a_list(value)), None)


def last(value: Any) -> Any:
    """The last entry, or nothing."""
    items = a_list(value)
    return items[-1] if items else None


def an_object(value: Any) -> dict[str, Any]:
    """The value as an object."""
    if isinstance(value, dict):
        return value
    raise FilterArgumentError(f"expected an object, found {type_name(value)}", token=None)


def size(value: Any) -> int:
    """Characters of a text, entries of a list or object; nothing has size 0."""
    if isinstance(value, str | list | tuple | range | dict):
        return len(value)
    if value is None:
        return 0
    raise FilterArgumentError(f"{type_name(value)} has no size", token=None)


LIST_FILTERS: dict[str, Callable[..., Any]] = {
    "join": join,
    "bullets": bullets,
    "concat": lambda value, other: a_list(value) + a_list(other),
    "map": lambda value, key: [_field(item, to_text(key)) for item in a_list(value)],
    "reverse": lambda value: a_list(value)[::-1],
    "compact": lambda value, key=None: [i for i in a_list(value) if (i if key is None else _field(i, key)) is not None],
    "sort": sort,
    "sort_natural": sort_natural,
    "uniq": uniq,
    "where": where,
    "reject": reject,
    "find": find,
    "find_index": find_index,
    "has": has,
    "sum": total,
    "first": first,
    "last": last,
    "size": size,
    "keys": lambda value: list(an_object(value)),
    "values": lambda value: list(an_object(value).values()),
}
