"""Calculator: exact decimal arithmetic for agents; a small parser of its own, nothing is evaluated by Python."""

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import reduce

from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.ports import ToolSchema

MAX_CHARS = 1000
MAX_DEPTH = 50
MAX_EXPONENT = 1000
_CONTEXT = Context(prec=50, Emax=10_000, Emin=-10_000, traps=[DivisionByZero, InvalidOperation, Overflow])
_TOKEN = re.compile(r"\s*(?:(\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d{1,4})?|\.\d+)|([A-Za-z]+\d*)|(\*\*|//|[-+*/%^(),]))")
_SIGNS = str.maketrans({"\u00d7": "*", "\u00f7": "/", "\u2212": "-"})  # as people and models write them
_CONSTANTS = {
    "pi": Decimal("3.1415926535897932384626433832795028841971693993751"),
    "e": Decimal("2.7182818284590452353602874713526624977572470937000"),
}


def _total(*values: Decimal) -> Decimal:
    return reduce(_CONTEXT.add, values, Decimal(0))


def _average(*values: Decimal) -> Decimal:
    return _CONTEXT.divide(_total(*values), Decimal(len(values)))


def _largest(*values: Decimal) -> Decimal:
    return max(values)


def _smallest(*values: Decimal) -> Decimal:
    return min(values)


def _whole(rounding: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(rounding=rounding)


def _round(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    places = int(digits)
    if not -30 <= places <= 30:
        raise _refused("round takes at most 30 digits")
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_CONTEXT)


_FUNCTIONS: dict[str, tuple[int, int, Callable[..., Decimal]]] = {  # least and most arguments
    "abs": (1, 1, Decimal.copy_abs),
    "ceil": (1, 1, _whole(ROUND_CEILING)),
    "exp": (1, 1, _CONTEXT.exp),
    "floor": (1, 1, _whole(ROUND_FLOOR)),
    "ln": (1, 1, _CONTEXT.ln),
    "log10": (1, 1, _CONTEXT.log10),
    "max": (1, 100, _largest),
    "min": (1, 100, _smallest),
    "round": (1, 2, _round),
    "sqrt": (1, 1, _CONTEXT.sqrt),
    "sum": (1, 100, _total),
    "avg": (1, 100, _average),
}


class Calculator:
    """`calculator`: give it an expression, get the exact number."""

    schema = ToolSchema(
        "calculator",
        "Calculates exactly. Use it for every calculation instead of doing sums yourself. Operators + - * / // % ^ and parentheses; "
        f"functions {', '.join(_FUNCTIONS)}; constants pi, e. Example: round(1299 * 0.19, 2)",
        {
            "type": "object",
            "properties": {"expression": {"type": "string", "maxLength": MAX_CHARS, "description": "For example (12.5 + 7) * 3"}},
            "required": ["expression"],
            "additionalProperties": False,
        },
        reads_only=True,
    )

    async def call(self, arguments: JsonObject) -> JsonValue:
        """{expression, result}: the result as text, so that no digit is lost."""
        expression = str(arguments["expression"])
        return {"expression": expression, "result": calculate(expression)}


def calculate(expression: str) -> str:
    """The exact value, up to 50 digits; raises Permanent `calculation_error`."""
    if len(expression) > MAX_CHARS:
        raise _refused(f"the expression is longer than {MAX_CHARS} characters")
    parser = _Parser(_tokens(expression))
    try:
        value = parser.whole()
    except DivisionByZero:
        raise _refused("division by zero") from None
    except Overflow:
        raise _refused("the result is too large") from None
    except InvalidOperation:
        raise _refused("this has no number as its result") from None
    if not value.is_finite():
        raise _refused("this has no number as its result")
    if value == value.to_integral_value() and value.copy_abs() < Decimal(10) ** 50:
        return format(value.to_integral_value(), "f") if value else "0"
    return str(value.normalize(_CONTEXT))


def _refused(reason: str) -> Permanent:
    return Permanent("calculation_error", f"Cannot calculate: {reason}.")


def _tokens(expression: str) -> list[str]:
    tokens: list[str] = []
    position, text = 0, expression.rstrip().translate(_SIGNS)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refused(f"'{text[position:].lstrip()[:1]}' at character {position + 1} is not understood")
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


class _Parser:
    """Precedence climbing: sum < product < sign < power."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def whole(self) -> Decimal:
        value = self._sum()
        if self.position < len(self.tokens):
            raise _refused(f"'{self._peek()}' was not expected there")
        return value

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if token and token in wanted:
            self.position += 1
            return token
        return ""

    def _sum(self) -> Decimal:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _refused("there are too many parentheses")
        value = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            value = _CONTEXT.add(value, right) if sign == "+" else _CONTEXT.subtract(value, right)
        self.depth -= 1
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while sign := self._take("*", "/", "//", "%"):
            right = self._signed()
            if sign in ("/", "//", "%") and right == 0:
                raise _refused("division by zero")
            if sign == "*":
                value = _CONTEXT.multiply(value, right)
            elif sign == "/":
                value = _CONTEXT.divide(value, right)
            else:
                floor = _CONTEXT.divide(value, right).to_integral_value(rounding=ROUND_FLOOR)
                value = floor if sign == "//" else _CONTEXT.subtract(value, _CONTEXT.multiply(floor, right))
        return value

    def _signed(self) -> Decimal:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        value = self._power()
        return value.copy_negate() if negative else value

    def _power(self) -> Decimal:
        base = self._atom()
        if not self._take("^", "**"):
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _refused("there are too many powers")
        exponent = self._signed()
        self.depth -= 1
        if abs(exponent) > MAX_EXPONENT:
            raise _refused(f"exponents beyond {MAX_EXPONENT} are not allowed")
        return _CONTEXT.power(base, exponent)

    def _atom(self) -> Decimal:
        if self._take("("):
            value = self._sum()
            self._expect(")")
            return value
        token = self._peek()
        self.position += 1
        if token[:1].isdigit() or token[:1] == ".":
            return _CONTEXT.create_decimal(token.replace("_", ""))
        name = token.lower()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in _FUNCTIONS:
            return self._call(name)
        if not token:
            raise _refused("the expression ends too early")
        if name.isalnum():
            raise _refused(f"'{token}' is not known; known functions: {', '.join(_FUNCTIONS)}")
        raise _refused(f"'{token}' was not expected there")

    def _call(self, name: str) -> Decimal:
        least, most, function = _FUNCTIONS[name]
        self._expect("(")
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        self._expect(")")
        if not least <= len(arguments) <= most:
            raise _refused(f"{name} takes {least if least == most else f'{least} to {most}'} values")
        return function(*arguments)

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise _refused(f"'{token}' is missing")
