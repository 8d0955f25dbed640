"""What a template or condition refers to, without running it: the checker compares this with the graph and its schemas."""

from collections.abc import Iterator
from dataclasses import dataclass

from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.loop import LoopExpression
from liquid.builtin.expressions.primitive import Blank, Empty, FloatLiteral, IntegerLiteral, Nil, StringLiteral
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.exceptions import UnknownFilterError
from liquid.expression import Expression
from liquid.token import TOKEN_EQ, TOKEN_GE, TOKEN_GT, TOKEN_LE, TOKEN_LG, TOKEN_LT, TOKEN_NE, Token

from engine.expressions.context import FILTERS
from engine.expressions.environment import ForNode
from engine.expressions.errors import ExpressionError
from engine.expressions.filters_list import LIST_FILTERS
from engine.expressions.filters_number import NUMBER_FILTERS
from engine.expressions.grammar import Comparison, Junction, Truth
from engine.expressions.template import compile_condition, compile_template, place, translate

Segment = str | int | None  # None: any entry, or one that is only known when it runs
_TAKES_LIST = frozenset(LIST_FILTERS) - {"size", "keys", "values"}
_ORDERINGS = frozenset({TOKEN_LT, TOKEN_GT, TOKEN_LE, TOKEN_GE})
_TAKES_OBJECT = frozenset({"keys", "values"})


@dataclass(frozen=True, slots=True)
class Reference:
    """One path in a text. `guarded` means that it may be missing, `tested` that this very use only asks whether it is there.

    `use` is what the text needs it to be: any, list, object, number (or a text that spells one), exact_number, exact_text,
    or entries (a list or an object).
    """

    path: tuple[Segment, ...]
    line: int
    column: int
    use: str = "any"
    guarded: bool = False
    tested: bool = False

    @property
    def root(self) -> str:
        """The first name."""
        return str(self.path[0])

    def __str__(self) -> str:
        rest = (f"[{'*' if part is None else part}]" if part is None or isinstance(part, int) else f".{part}" for part in self.path[1:])
        return self.root + "".join(rest)


@dataclass(frozen=True, slots=True)
class Analysis:
    """All references in order, and whether the text is exactly one plain path (then `references[0]` is its value)."""

    references: tuple[Reference, ...] = ()
    is_plain_path: bool = False
    is_constant: bool = False


def analyze_template(source: str) -> Analysis:
    """References of a template; raises ExpressionError for one that does not compile or names an unknown filter."""
    template = compile_template(source)
    if template.bound is None:
        return Analysis(is_constant=True)
    walk = _Walk(source)
    walk.nodes(template.bound.nodes, {})
    plain = False
    if template.is_value and len(walk.found) == 1:
        output = next(node for node in template.bound.nodes if list(node.expressions()))
        expression = next(iter(output.expressions()))
        plain = isinstance(expression, FilteredExpression) and isinstance(expression.left, Path) and not expression.filters
    return Analysis(walk.references(), is_plain_path=plain)


def plain_reference(source: str) -> Reference | None:
    """The only reference of a template that is nothing but one path; None for any other text, also for one that does not compile."""
    try:
        analysis = analyze_template(source)
    except ExpressionError:
        return None  # reported where it stands
    return analysis.references[0] if analysis.is_plain_path and len(analysis.references) == 1 else None


def analyze_condition(source: str) -> Analysis:
    """References of a condition; raises ExpressionError."""
    walk = _Walk(source)
    walk.expression(compile_condition(source).root, {})
    return Analysis(walk.references())


_Names = dict[str, tuple[Segment, ...] | None]  # local name -> the path it stands for, None if that is unknown


class _Walk:
    """Collects references; local names made by for, assign and capture are followed back to what they stand for."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[tuple[tuple[Segment, ...], Token, str, bool]] = []
        self.guarded_roots: set[str] = set()

    def references(self) -> tuple[Reference, ...]:
        """A root that is tested anywhere in the text counts as guarded everywhere in it."""
        made: list[Reference] = []
        for path, token, use, guarded in self.found:
            line, column = place(self.source, token)
            made.append(Reference(path, line or 1, column or 1, use, guarded or str(path[0]) in self.guarded_roots, guarded))
        return tuple(made)

    def nodes(self, nodes: list[Node], names: _Names) -> None:
        """Depth is bounded by the block nesting limit."""
        for node in nodes:
            inner = names
            for expression in node.expressions():
                self.expression(expression, names)
            if isinstance(node, ForNode):
                inner = dict(names)
                inner["forloop"] = None
                base = self.resolve(node.expression.iterable, names)
                inner[str(node.expression.identifier)] = None if base is None else (*base, None)
            elif isinstance(node, AssignNode):
                names[str(node.name)] = self.resolve(node.expression, names)
            else:
                names.update({str(name): None for name in node.template_scope()})
            self.nodes(list(node.children(None)), inner)  # type: ignore[arg-type] - the context is only used for includes

    def expression(self, expression: Expression, names: _Names, use: str = "any", *, guarded: bool = False) -> None:
        """Visit one expression and what stands inside it."""
        if isinstance(expression, Path):
            self.path(expression, names, use, guarded=guarded)
        elif isinstance(expression, FilteredExpression):
            self.filtered(expression, names, use)
        elif isinstance(expression, LoopExpression):
            self.expression(expression.iterable, names, "list")
            self.each(expression.children()[1:], names)
        elif isinstance(expression, Truth | Junction):
            for child in expression.children():
                self.expression(child, names, guarded=isinstance(child, Path))
        elif isinstance(expression, Comparison):
            self.comparison(expression, names)
        else:
            self.each(list(expression.children()), names)

    def each(self, expressions: list[Expression], names: _Names) -> None:
        """Visit several expressions that are used in no special way."""
        for expression in expressions:
            self.expression(expression, names)

    def comparison(self, expression: Comparison, names: _Names) -> None:
        """Equality with nothing, empty or blank is a test for presence."""
        sides = (expression.left, expression.right)
        is_presence = expression.operator in (TOKEN_EQ, TOKEN_NE, TOKEN_LG) and any(isinstance(side, Nil | Blank | Empty) for side in sides)
        for side, other in (sides, sides[::-1]):
            use = "any"
            if expression.operator in _ORDERINGS:
                use = "exact_text" if isinstance(other, StringLiteral) else "any"
                use = "exact_number" if isinstance(other, IntegerLiteral | FloatLiteral) else use
            self.expression(side, names, use, guarded=is_presence and isinstance(side, Path))

    def filtered(self, expression: FilteredExpression, names: _Names, use: str) -> None:
        """The first filter says what the value must be; `default` first says that it may be missing."""
        filters: list[Filter] = expression.filters or []
        first = filters[0].name if filters else ""
        for index, item in enumerate(filters):
            if item.name not in FILTERS:
                raise translate(self.source, UnknownFilterError(f"unknown filter '{item.name}'", token=item.token))
            falls_through = item.name == "default" and [later.name for later in filters[index + 1 : index + 2]] == ["default"]
            for argument in item.children():
                self.expression(argument, names, guarded=falls_through and isinstance(argument, Path))
        if first in _TAKES_LIST:
            use = "list"
        elif first in _TAKES_OBJECT:
            use = "object"
        elif first in NUMBER_FILTERS:
            use = "number"
        elif filters:
            use = "any"  # the filter changes it
        self.expression(expression.left, names, use, guarded=first == "default")

    def path(self, expression: Path, names: _Names, use: str, *, guarded: bool) -> None:
        """Record a path that leads out of the text, and the paths used as indexes in it."""
        for segment in expression.path:
            if isinstance(segment, Path):
                self.path(segment, names, "any", guarded=False)
        resolved = self.resolve(expression, names)
        if resolved is None:
            return
        if guarded:
            self.guarded_roots.add(str(resolved[0]))
        self.found.append((resolved, expression.token, use, guarded))

    def resolve(self, expression: Expression, names: _Names) -> tuple[Segment, ...] | None:
        """The outer path an expression stands for, or None when it is made inside the text."""
        if isinstance(expression, FilteredExpression) and not expression.filters:
            expression = expression.left
        if not isinstance(expression, Path) or not isinstance(expression.path[0], str):
            return None
        segments = tuple(segment if isinstance(segment, str | int) else None for segment in expression.path)
        root = str(segments[0])
        if root not in names:
            return segments
        base = names[root]
        return None if base is None else (*base, *segments[1:])


def iterate_texts(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Every text inside a JSON value with its dotted field path."""
    stack: list[tuple[object, str]] = [(value, field)]
    while stack:
        current, path = stack.pop()
        if isinstance(current, str):
            yield path, current
        elif isinstance(current, dict):
            stack.extend((item, f"{path}.{key}") for key, item in reversed(current.items()))
        elif isinstance(current, list | tuple):
            stack.extend((item, f"{path}.{index}") for index, item in reversed(list(enumerate(current))))
