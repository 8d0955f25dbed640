"""Number filters: exact decimal arithmetic on JSON numbers, never silent about a text that is no number."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from liquid.exceptions import FilterArgumentError

from engine.expressions.limits import MAX_INTEGER
from engine.expressions.values import number as bounded
from engine.expressions.values import type_name

Number = int | float


def to_number(value: Any) -> Number:
    """A JSON number, or a text that spells one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bounded(value)
    if isinstance(value, str) and len(value) <= 60:
        text = value.strip()
        try:
            return bounded(int(text))
        except ValueError:
            try:
                return bounded(float(text))
            except ValueError:
                pass
    shown = f"the text '{value[:30]}'" if isinstance(value, str) else type_name(value)
    raise FilterArgumentError(f"expected a number, found {shown}", token=None)


def _decimal(value: Number) -> Decimal:
    return Decimal(str(value))


def _arithmetic(exact: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Number]:
    def apply(left: Any, right: Any) -> Number:
        first, second = to_number(left), to_number(right)
        if isinstance(first, int) and isinstance(second, int):
            return exact(first, second)
        return float(exact(_decimal(first), _decimal(second)))

    return apply


def divided_by(left: Any, right: Any) -> Number:
    """Whole division of whole numbers, exact division otherwise."""
    first, second = to_number(left), to_number(right)
    if second == 0:
        raise FilterArgumentError("cannot divide by zero", token=None)
    if isinstance(first, int) and isinstance(second, int):
        return first // second
    return float(_decimal(first) / _decimal(second))


def modulo(left: Any, right: Any) -> Number:
    """The remainder."""
    first, second = to_number(left), to_number(right)
    if second == 0:
        raise FilterArgumentError("cannot divide by zero", token=None)
    if isinstance(first, int) and isinstance(second, int):
        return first % second
    return float(_decimal(first) % _decimal(second))


def rounded(value: Any, digits: Any = 0) -> Number:
    """Rounded half up, as people do it."""
    places = to_number(digits)
    if not isinstance(places, int) or not 0 <= places <= 15:
        raise FilterArgumentError("round takes 0 to 15 digits", token=None)
    exact = _decimal(to_number(value))
    if abs(exact) >= MAX_INTEGER:
        raise FilterArgumentError("the number is too large to round", token=None)
    step = Decimal(1).scaleb(-places)
    half = step / 2
    result = ((abs(exact) + half) // step) * step
    result = -result if exact < 0 else result
    return float(result) if places else int(result)


NUMBER_FILTERS: dict[str, Callable[..., Any]] = {
    "number": to_number,
    "plus": _arithmetic(lambda a, b: a + b),
    "minus": _arithmetic(lambda a, b: a - b),
    "times": _arithmetic(lambda a, b: a * b),
    "divided_by": divided_by,
    "modulo": modulo,
    "abs": lambda value: abs(to_number(value)),
    "ceil": lambda value: math.ceil(to_number(value)),
    "floor": lambda value: math.floor(to_number(value)),
    "round": rounded,
    "at_least": lambda value, other: max(to_number(value), to_number(other)),
    "at_most": lambda value, other: min(to_number(value), to_number(other)),
}
