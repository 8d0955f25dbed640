"""One render of a template: what a path may touch, which filters there are, and how much work may be done."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TextIO

from liquid.builtin.tags.for_tag import ForLoop
from liquid.context import RenderContext
from liquid.exceptions import (
    FilterArgumentError,
    LiquidError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    UndefinedError,
    UnknownFilterError,
)
from liquid.output import LimitedStringIO
from liquid.token import Token
from liquid.undefined import FalsyStrictUndefined
from liquid.utils import ReadOnlyChainMap

from engine.expressions.errors import suggest
from engine.expressions.filters_convert import CONVERT_FILTERS, date, default
from engine.expressions.filters_list import LIST_FILTERS
from engine.expressions.filters_number import NUMBER_FILTERS
from engine.expressions.filters_text import TEXT_FILTERS
from engine.expressions.limits import MAX_ITEMS, MAX_LOCALS_WEIGHT, MAX_TEXT_CHARS, MAX_WORK
from engine.expressions.values import type_name, weight

FILTERS: dict[str, Callable[..., Any]] = {
    **TEXT_FILTERS,
    **LIST_FILTERS,
    **NUMBER_FILTERS,
    **CONVERT_FILTERS,
    "date": date,
    "default": default,
}
_SHORTCUTS = ("first", "last", "size")


class Missing(FalsyStrictUndefined):
    """A path that leads nowhere: false in a truth test, replaced by `default`, an error everywhere else."""

    __slots__ = ("remedy",)
    force_liquid_default = True
    allowed_properties = FalsyStrictUndefined.allowed_properties | {"remedy"}

    def __init__(self, name: str, *, token: Token | None, hint: str, remedy: str) -> None:
        super().__init__(name, token=token, hint=hint)
        self.remedy = remedy

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, FalsyStrictUndefined)

    def __hash__(self) -> int:
        raise UndefinedError(self.msg, token=self.token)

    def __str__(self) -> str:
        error = UndefinedError(self.msg, token=self.token)
        error.remedy = self.remedy  # type: ignore[attr-defined]
        raise error


class Context(RenderContext):
    """One render: names resolve to JSON values only, and every look-up, filter and loop turn is counted."""

    def __init__(self, template: Any, scope: Mapping[str, object]) -> None:
        super().__init__(template, globals=scope)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)  # without the library's own clock
        self.work = MAX_WORK
        self.locals_weight = 0

    def charge(self, amount: int) -> None:
        """Spend work, or stop the render."""
        self.work -= amount
        if self.work < 0:
            raise LoopIterationLimitError("the template does too much work", token=None)

    def get(self, path: list[object], *, token: Token | None, default: object = None) -> object:
        """Follow a path through JSON values."""
        self.work -= 1
        root = path[0]
        if not isinstance(root, str):
            return self._missing(path, 0, [], token)
        try:
            value = self.scope[root]
        except KeyError:
            return self._missing(path, 0, self._names(), token)
        for index in range(1, len(path)):
            try:
                value = self.get_item(value, path[index])
            except (KeyError, IndexError, TypeError):
                return self._missing(path, index, value, token)
        return value

    def get_item(self, obj: Any, key: Any) -> Any:
        """One step of a path; only JSON values and the loop counter can be stepped into."""
        kind = type(obj)
        if kind is dict or kind is ForLoop:
            if isinstance(key, int) and not isinstance(key, bool):
                key = str(key)
            if key not in _SHORTCUTS or kind is not dict:
                return obj[key]
            return obj[key] if key in obj else _shortcut(list(obj.items()) if key != "size" else obj, key)
        if kind in (list, tuple, range):
            return _shortcut(obj, key) if isinstance(key, str) else obj[key]
        if kind is str and key == "size":
            return len(obj)
        raise TypeError

    def _names(self) -> list[str]:
        return [name for name in dict.fromkeys(self.scope) if name not in ("partial", "forloop")]

    def _missing(self, path: list[object], index: int, holder: object, token: Token | None) -> Missing:
        name = str(path[index])
        if index == 0:
            hint = f"there is nothing called '{name}' here, or its step was skipped"
            return Missing(name, token=token, hint=hint, remedy=suggest(name, holder if isinstance(holder, list) else []))
        where = _spell(path[:index])
        if isinstance(holder, dict):
            return Missing(
                name,
                token=token,
                hint=f"'{where}' has no field '{name}'",
                remedy=suggest(name, holder, what="fields") or "It has no fields at all.",
            )
        if isinstance(holder, list | tuple | range) and isinstance(path[index], int):
            hint = f"'{where}' has no entry {name}: it has {len(holder)}"
        else:
            hint = f"'{where}' is {type_name(holder)}, so it has no '{name}'"
        return Missing(name, token=token, hint=hint, remedy="Add '| default: ...' if that may happen.")

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """The filter by name, with its work counted and its failures turned into Liquid errors."""
        function = FILTERS.get(name)
        if function is None:
            raise UnknownFilterError(f"unknown filter '{name}'", token=token)
        return partial(_apply, self, name, function)

    def assign(self, key: str, val: Any) -> None:
        """Keep a local value within the limit; what an earlier turn kept under the same name still counts."""
        self.locals_weight += weight(val) + 1
        if self.locals_weight > MAX_LOCALS_WEIGHT:
            raise LocalNamespaceLimitError("assign and capture keep too much", token=None)
        self.locals[key] = val

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Called when a loop starts: its turns are paid for at once."""
        self.charge(80 + length * 4)

    def get_buffer(self, buf: TextIO | None = None) -> LimitedStringIO:
        """A buffer for capture, within the limit of the whole text."""
        return LimitedStringIO(limit=MAX_TEXT_CHARS * 4 - (buf.size if isinstance(buf, LimitedStringIO) else 0))


def _shortcut(obj: Any, key: str) -> Any:
    if key == "size":
        return len(obj)
    if key in ("first", "last"):
        return obj[0 if key == "first" else -1]
    raise TypeError


def _spell(path: list[object]) -> str:
    return str(path[0]) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])


def _apply(context: Context, name: str, function: Callable[..., Any], left: Any, *args: Any, **options: Any) -> Any:
    context.charge(2 + (weight(left) + sum(map(weight, args))) // 8)
    if name != "default":
        for value in (left, *args):
            if isinstance(value, Missing):
                str(value)
    if name == "date":
        options["scope"] = context.globals
    try:
        result = function(left, *args, **options)
    except LiquidError as error:
        error.args = (f"in the filter '{name}': {error.message}",)
        raise
    except TypeError as error:
        raise FilterArgumentError(f"in the filter '{name}': wrong number or kind of values after the colon", token=None) from error
    except (ArithmeticError, ValueError, LookupError, RecursionError) as error:
        raise FilterArgumentError(f"in the filter '{name}': this value cannot be used here", token=None) from error
    if isinstance(result, str | list) and len(result) > (MAX_TEXT_CHARS if isinstance(result, str) else MAX_ITEMS):
        raise FilterArgumentError(f"in the filter '{name}': the result would be too large", token=None)
    return result
