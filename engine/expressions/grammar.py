"""The condition grammar: `and` binds tighter than `or`, `not` tighter than both, parentheses and filters allowed.

python-liquid reads `a and b or c` from the right, as Ruby's Liquid does; people who are not Liquid users do not expect that,
so conditions and the if/unless tags are parsed here, over the library's tokens and primitives.
"""

from collections.abc import Callable
from typing import Any

from liquid.builtin.expressions import FilteredExpression, parse_primitive, tokenize
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import Blank, Empty, RangeLiteral
from liquid.context import RenderContext
from liquid.environment import Environment
from liquid.exceptions import LiquidSyntaxError, LiquidTypeError
from liquid.expression import Expression
from liquid.stream import TokenStream
from liquid.token import (
    TOKEN_AND,
    TOKEN_CONTAINS,
    TOKEN_EOF,
    TOKEN_EQ,
    TOKEN_EXPRESSION,
    TOKEN_GE,
    TOKEN_GT,
    TOKEN_IN,
    TOKEN_LE,
    TOKEN_LG,
    TOKEN_LPAREN,
    TOKEN_LT,
    TOKEN_NE,
    TOKEN_NOT,
    TOKEN_OR,
    TOKEN_PIPE,
    TOKEN_RANGE_LITERAL,
    TOKEN_RPAREN,
    Token,
)
from liquid.undefined import Undefined

from engine.expressions.values import to_text, type_name


def is_true(value: object) -> bool:
    """Liquid's truth: only false, nothing and a missing value are not true."""
    return not (value is None or value is False or isinstance(value, Undefined))


class Truth(Expression):
    """The root of a condition."""

    __slots__ = ("inner",)

    def __init__(self, token: Token, inner: Expression) -> None:
        super().__init__(token)
        self.inner = inner

    def evaluate(self, context: RenderContext) -> bool:
        """True or false."""
        return is_true(self.inner.evaluate(context))

    def children(self) -> list[Expression]:
        """The condition."""
        return [self.inner]


class Not(Truth):
    """`not x`."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> bool:
        """The opposite."""
        return not is_true(self.inner.evaluate(context))


class Junction(Expression):
    """`a and b and c` or `a or b or c`, evaluated from the left and only as far as needed."""

    __slots__ = ("parts", "wanted")

    def __init__(self, token: Token, parts: list[Expression], *, is_and: bool) -> None:
        super().__init__(token)
        self.parts = parts
        self.wanted = is_and

    def evaluate(self, context: RenderContext) -> bool:
        """Whether all (and) or any (or) parts are true."""
        for part in self.parts:
            if is_true(part.evaluate(context)) != self.wanted:
                return not self.wanted
        return self.wanted

    def children(self) -> list[Expression]:
        """The parts."""
        return self.parts


class Comparison(Expression):
    """`left operator right`."""

    __slots__ = ("compare", "left", "operator", "right")

    def __init__(self, token: Token, left: Expression, right: Expression) -> None:
        super().__init__(token)
        self.operator = token.kind
        self.compare = COMPARISONS[token.kind]
        self.left = left
        self.right = right

    def evaluate(self, context: RenderContext) -> bool:
        """Compare, or raise LiquidTypeError for things that cannot be compared."""
        return self.compare(self.left.evaluate(context), self.right.evaluate(context), self.token)

    def children(self) -> list[Expression]:
        """Both sides."""
        return [self.left, self.right]


def _equal(left: Any, right: Any, _token: Token | None = None) -> bool:
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Undefined):
            if other is None or isinstance(other, Empty | Blank | Undefined):
                return True
            str(side)  # raises the error that names the missing path
    if isinstance(right, Empty | Blank):
        left, right = right, left
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _unequal(left: Any, right: Any, token: Token) -> bool:
    return not _equal(left, right, token)


def _less(left: Any, right: Any, token: Token) -> bool:
    return _ordered(left, right, token) and left < right


def _at_most(left: Any, right: Any, token: Token) -> bool:
    return _ordered(left, right, token) and left <= right


def _more(left: Any, right: Any, token: Token) -> bool:
    return _ordered(left, right, token) and left > right


def _at_least(left: Any, right: Any, token: Token) -> bool:
    return _ordered(left, right, token) and left >= right


def _ordered(left: Any, right: Any, token: Token) -> bool:
    for side in (left, right):
        if isinstance(side, Undefined):
            str(side)  # raises the error that names the missing path
    if left is None or right is None:
        return False
    names = (type_name(left), type_name(right))
    if names in (("text", "text"), ("a number", "a number")):
        return True
    raise LiquidTypeError(f"cannot tell whether {names[0]} is more or less than {names[1]}", token=token)


def _contains(left: Any, right: Any, token: Token) -> bool:
    if isinstance(left, Undefined):
        str(left)
    if left is None or right is None or isinstance(right, Undefined):
        return False
    if isinstance(left, str):
        return to_text(right) in left
    if isinstance(left, list | tuple | range):
        return any(_equal(item, right) for item in left)
    if isinstance(left, dict):
        return right in left if isinstance(right, str) else False
    raise LiquidTypeError(f"only a text, a list or an object can contain something, this is {type_name(left)}", token=token)


def _in(left: Any, right: Any, token: Token) -> bool:
    return _contains(right, left, token)


COMPARISONS: dict[str, Callable[[Any, Any, Token], bool]] = {
    TOKEN_EQ: _equal,
    TOKEN_NE: _unequal,
    TOKEN_LG: _unequal,
    TOKEN_LT: _less,
    TOKEN_GT: _more,
    TOKEN_LE: _at_most,
    TOKEN_GE: _at_least,
    TOKEN_CONTAINS: _contains,
    TOKEN_IN: _in,
}


def parse_condition(env: Environment, source: str) -> Truth:
    """Parse a whole text as one condition; raises LiquidSyntaxError."""
    return parse_truth(env, TokenStream(tokenize(source, Token(TOKEN_EXPRESSION, source, 0, source))))


def parse_truth(env: Environment, tokens: TokenStream) -> Truth:
    """Parse everything that is left in the stream as one condition."""
    token = tokens.current
    expression = _parse_or(env, tokens)
    if tokens.current.kind != TOKEN_EOF:
        raise LiquidSyntaxError(f"unexpected '{tokens.current.value}' after a complete condition", token=tokens.current)
    return Truth(token, expression)


def _parse_or(env: Environment, tokens: TokenStream) -> Expression:
    return _parse_junction(env, tokens, TOKEN_OR, _parse_and)


def _parse_and(env: Environment, tokens: TokenStream) -> Expression:
    return _parse_junction(env, tokens, TOKEN_AND, _parse_not)


def _parse_junction(
    env: Environment, tokens: TokenStream, kind: str, parse_part: Callable[[Environment, TokenStream], Expression]
) -> Expression:
    token = tokens.current
    parts = [parse_part(env, tokens)]
    while tokens.current.kind == kind:
        next(tokens)
        parts.append(parse_part(env, tokens))
    return parts[0] if len(parts) == 1 else Junction(token, parts, is_and=kind == TOKEN_AND)


def _parse_not(env: Environment, tokens: TokenStream) -> Expression:
    token = tokens.current
    negations = 0
    while tokens.current.kind == TOKEN_NOT:
        next(tokens)
        negations += 1
    expression = _parse_comparison(env, tokens)
    if not negations:
        return expression
    return Not(token, expression) if negations % 2 else Truth(token, expression)


def _parse_comparison(env: Environment, tokens: TokenStream) -> Expression:
    left = _parse_operand(env, tokens)
    token = tokens.current
    if token.kind not in COMPARISONS:
        return left
    next(tokens)
    return Comparison(token, left, _parse_operand(env, tokens))


def _parse_operand(env: Environment, tokens: TokenStream) -> Expression:
    token = tokens.current
    if token.kind == TOKEN_EOF:
        raise LiquidSyntaxError("the condition ends too early", token=token)
    operand = _parse_parentheses(env, tokens) if token.kind in (TOKEN_LPAREN, TOKEN_RANGE_LITERAL) else parse_primitive(env, tokens)
    if tokens.current.kind != TOKEN_PIPE:
        return operand
    return FilteredExpression(token, operand, Filter.parse(env, tokens, delim=(TOKEN_PIPE,)))


def _parse_parentheses(env: Environment, tokens: TokenStream) -> Expression:
    """A group or a range: the tokenizer calls every `(` a range when `..` stands anywhere behind it."""
    start = tokens.pos
    if tokens.current.kind == TOKEN_RANGE_LITERAL:
        try:
            return RangeLiteral.parse(env, tokens)
        except LiquidSyntaxError:
            tokens.pos = start
    opening = next(tokens)
    inner = _parse_or(env, tokens)
    if tokens.current.kind != TOKEN_RPAREN:
        raise LiquidSyntaxError("the parenthesis is never closed", token=opening)
    next(tokens)
    return inner
