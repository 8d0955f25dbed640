"""Compiling and rendering: templates, values that keep their JSON type, and conditions; the run loop and the checker call this."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.output import LimitedStringIO
from liquid.template import BoundTemplate
from liquid.token import Token

from engine.expressions.context import FILTERS, Context
from engine.expressions.environment import ENVIRONMENT, TAGS, check_expression
from engine.expressions.errors import ExpressionError, suggest
from engine.expressions.grammar import Truth, parse_condition
from engine.expressions.limits import MAX_SOURCE_CHARS, MAX_TEXT_CHARS
from engine.expressions.values import to_json
from engine.json import JsonValue

Scope = Mapping[str, Any]
T = TypeVar("T")
_OPERATORS = {"&&": "and", "||": "or", "!": "not", "=": "==", "===": "==", "&": "and", "<>": "!="}
_BLANK_TEMPLATE = BoundTemplate(ENVIRONMENT, [])


class Template:
    """A compiled text. `is_constant` means it has no markup; `is_value` that it is exactly one `{{ ... }}`."""

    __slots__ = ("bound", "is_constant", "is_value", "source")

    def __init__(self, source: str, bound: BoundTemplate | None) -> None:
        self.source = source
        self.bound = bound
        self.is_constant = bound is None
        self.is_value = bound is not None and _is_lone_output(bound)

    def render(self, scope: Scope) -> str:
        """The text; raises ExpressionError."""
        bound = self.bound
        if bound is None:
            return self.source
        return _guarded(self.source, lambda: _render(bound, scope))

    def value(self, scope: Scope) -> JsonValue:
        """The JSON value of a lone `{{ ... }}`, otherwise the text; raises ExpressionError."""
        if self.bound is None:
            return self.source
        if not self.is_value:
            return self.render(scope)
        output = next(node for node in self.bound.nodes if isinstance(node, OutputNode))
        return _guarded(self.source, lambda: to_json(output.expression.evaluate(Context(self.bound, scope))))


class Condition:
    """A compiled condition."""

    __slots__ = ("root", "source")

    def __init__(self, source: str, root: Truth) -> None:
        self.source = source
        self.root = root

    def test(self, scope: Scope) -> bool:
        """Whether it holds; raises ExpressionError."""
        return _guarded(self.source, lambda: self.root.evaluate(Context(_BLANK_TEMPLATE, scope)))


@lru_cache(maxsize=8192)
def compile_template(source: str) -> Template:
    """Compile once; raises ExpressionError with line and column."""
    _check_source(source, "text")
    if "{{" not in source and "{%" not in source:
        return Template(source, None)
    bound = _guarded(source, lambda: ENVIRONMENT.from_string(source))
    return Template(source, bound)


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> Condition:
    """Compile once; `{{ }}` around the whole condition are allowed; raises ExpressionError."""
    _check_source(source, "condition")
    text = source
    stripped = source.strip()
    if stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1:
        text = source.replace("{{", "  ").replace("}}", "  ")
    if not text.strip():
        raise ExpressionError("The condition is empty.", remedy="Write one, such as 'inputs.score > 0.5'.")
    return Condition(source, _guarded(source, lambda: _parse_condition(text)))


def _parse_condition(text: str) -> Truth:
    check_expression(text)
    return parse_condition(ENVIRONMENT, text)


def render_text(source: str, scope: Scope, *, field: str) -> str:
    """Compile (cached) and render; raises Permanent `template_error` or LimitExceeded `template_limit`."""
    try:
        return compile_template(source).render(scope)
    except ExpressionError as error:
        raise error.failure(field) from error


def resolve_value(value: JsonValue, scope: Scope, *, field: str) -> JsonValue:
    """Resolve every text inside a JSON value; a text that is one `{{ path }}` keeps the type of what it names."""
    if isinstance(value, str):
        try:
            return compile_template(value).value(scope)
        except ExpressionError as error:
            raise error.failure(field) from error
    if isinstance(value, list):
        return [resolve_value(item, scope, field=f"{field}.{index}") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: resolve_value(item, scope, field=f"{field}.{key}") for key, item in value.items()}
    return value


def test_condition(source: str, scope: Scope, *, field: str) -> bool:
    """Compile (cached) and evaluate; raises Permanent `condition_error` or LimitExceeded `template_limit`."""
    try:
        return compile_condition(source).test(scope)
    except ExpressionError as error:
        raise error.failure(field, code="condition_error") from error


def _check_source(source: str, what: str) -> None:
    if len(source) > MAX_SOURCE_CHARS:
        raise ExpressionError(f"The {what} is longer than {MAX_SOURCE_CHARS:,} characters.", is_limit=True)
    if "\x00" in source:
        raise ExpressionError(f"The {what} holds a NUL character.", remedy="Remove it.")


def _is_lone_output(bound: BoundTemplate) -> bool:
    outputs = [node for node in bound.nodes if isinstance(node, OutputNode)]
    return len(outputs) == 1 and all(isinstance(node, OutputNode) or not str(node).strip() for node in bound.nodes)


def _render(bound: BoundTemplate, scope: Scope) -> str:
    buffer = LimitedStringIO(limit=MAX_TEXT_CHARS * 4)
    bound.render_with_context(Context(bound, scope), buffer)
    text = buffer.getvalue()
    if "\x00" in text:
        raise ExpressionError("The text that was made holds a NUL character.", remedy="Remove it from the value.")
    return text


def _guarded(source: str, action: Callable[[], T]) -> T:
    """Run something of the library; whatever it raises becomes one ExpressionError with a place."""
    try:
        return action()
    except LiquidError as error:
        raise translate(source, error) from error
    except RecursionError as error:
        raise ExpressionError("The expression is nested too deeply.", remedy="Split it into smaller parts.", is_limit=True) from error
    except MemoryError as error:
        raise ExpressionError("The text needs too much memory.", is_limit=True) from error
    except (ValueError, TypeError, LookupError, ArithmeticError, AssertionError, AttributeError) as error:
        raise ExpressionError("The expression cannot be evaluated.", remedy="Check the values it uses.") from error


def translate(source: str, error: LiquidError) -> ExpressionError:
    """An error of the library as ours."""
    cause = error.__cause__
    if isinstance(cause, RecursionError):
        return ExpressionError("The expression is nested too deeply.", remedy="Split it into smaller parts.", is_limit=True)
    line, column = place(source, error.token)
    message = str(error.message or "The expression is not valid")
    return ExpressionError(
        message[:1].upper() + message[1:] + ".",
        remedy=getattr(error, "remedy", "") or _remedy(message, error.token),
        line=line,
        column=column,
        is_limit=isinstance(error, ResourceLimitError),
    )


def place(source: str, token: Token | None) -> tuple[int | None, int | None]:
    """1-based line and column of a token; a token without a place stands at the end."""
    if token is None:
        return None, None
    index = token.start_index if 0 <= token.start_index <= len(source) else len(source)
    before = source[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _remedy(message: str, token: Token | None) -> str:
    name = token.value if token else ""
    if message.startswith("unknown filter"):
        return suggest(name, sorted(FILTERS), what="filters")
    if message.startswith("there is no tag"):
        if name in ("include", "render", "import", "extends"):
            return "Templates cannot load other templates."
        return suggest(name, sorted(tag.name for tag in TAGS if tag.name.isalpha()), what="tags")
    for wrong, right in _OPERATORS.items():
        if f"'{wrong}'" in message or (name == wrong and "unexpected" in message):
            return f"Write '{right}' instead of '{wrong}'."
    if "end of expression" in message or "end of file" in message or "ends too early" in message:
        return "Close what is open: quotes, parentheses, {{ }} and blocks such as {% if %} ... {% endif %}."
    if "more or less than" in message:
        return "Turn a text into a number with '| number'."
    return ""
