"""Turns a person's Python into the program that the sandbox runs, and sandbox positions back into the person's lines.

The source becomes the body of a function (so `return` works, as people expect) and its value leaves the sandbox only as
JSON text made inside it: a value converted outside could unfold into gigabytes, since limits hold inside alone.
"""

import ast
import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import Permanent

MAX_SOURCE = 100_000
MAX_OUTPUT = 5_000_000
_FIRST_LINE = 1  # lines that stand before the person's first one
_INDENT = 1

# What JSON does not know is written in the plainest JSON: dates as ISO text, sets as lists, Decimal as text.
_TAIL = """
def __af_plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {(key if isinstance(key, str) else str(key)): __af_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [__af_plain(item) for item in value]
    if type(value).__name__ in ('date', 'datetime', 'time'):
        return value.isoformat()
    if type(value).__name__ == 'Decimal':
        return str(value)
    raise TypeError('__af_json:' + type(value).__name__)
__af_value = __af_main()
import json as __af_json
try:
    __af_text = f"{__af_json.dumps(__af_value, allow_nan=False)}"
except TypeError:
    __af_text = f"{__af_json.dumps(__af_plain(__af_value), allow_nan=False)}"
f"{__af_text}"
"""
_RETURN = "return ("


@dataclass(frozen=True, slots=True)
class Program:
    """`text` is what runs; `lines` is how many lines the person wrote; on line `returned[0]` columns after `returned[1]` moved."""

    text: str
    lines: int
    returned: tuple[int, int]

    def place(self, line: int, column: int) -> tuple[int, int] | None:
        """The person's 1-based line and column, or None for a position in the frame around it."""
        own = line - _FIRST_LINE
        if not 1 <= own <= self.lines:
            return None
        column -= _INDENT
        if own == self.returned[0] and column > self.returned[1]:
            column -= len(_RETURN)
        return own, max(column, 1)


def is_name(name: str) -> bool:
    """Tell whether an input of this name can be a variable."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def code_error(message: str, line: int, column: int) -> Permanent:
    """A `code_error` that says where."""
    return Permanent("code_error", f"{message} (line {line}, column {column})", field="code", details={"line": line, "column": column})


@lru_cache(maxsize=256)
def build_program(source: str, names: tuple[str, ...]) -> Program:
    """Wrap `source`; `names` become parameters so that the code may also assign to them. Raise Permanent for bad syntax.

    The value is that of the first `return` reached; without one, the last line if it is an expression; else `result`.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if len(text) > MAX_SOURCE:
        raise code_error(f"The code is longer than {MAX_SOURCE} characters. Split it into several nodes.", 1, 1)
    tree = _parse(text)
    lines = text.split("\n")
    inside = _lines_inside_strings(tree)
    returned = _return_last_expression(tree, lines)
    body = "\n".join(line if number in inside else " " * _INDENT + line for number, line in enumerate(lines, start=1))
    parameters = [f"{name}={name}" for name in names if name != "result"]
    parameters.append("result=result" if "result" in names else "result=None")
    return Program(f"def __af_main({', '.join(parameters)}):\n{body}\n return result\n{_TAIL}", len(lines), returned)


def odd_exception(source: str) -> tuple[int, int] | None:
    """Where the code makes an exception of something else than one text, which the sandbox cannot hold and does not place."""
    calls = [node for node in ast.walk(_parse(source)) if isinstance(node, ast.Call) and _is_exception(node.func)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    odd = [call for call in calls if call.keywords or len(call.args) > 1 or any(_is_no_text(one) for one in call.args)]
    return next(((call.lineno, call.col_offset + 1) for call in odd or calls), None)


def _is_exception(called: ast.expr) -> bool:
    known = getattr(builtins, called.id, None) if isinstance(called, ast.Name) else None
    return isinstance(known, type) and issubclass(known, BaseException)


def _is_no_text(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant) and not isinstance(argument.value, str)


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise code_error(f"Python does not understand this: {error.msg}", error.lineno or 1, error.offset or 1) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise code_error("The code holds a NUL character or is nested too deeply.", 1, 1) from error


def _return_last_expression(tree: ast.Module, lines: list[str]) -> tuple[int, int]:
    """Turn a final expression into `return (...)` in place, keeping every line where it was; return (line, column) of the change."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or last.end_lineno is None or last.end_col_offset is None:
        return 0, 0
    # ast counts columns in UTF-8 bytes; the later edit comes first so that the earlier one does not move it
    end = lines[last.end_lineno - 1].encode()
    lines[last.end_lineno - 1] = (end[: last.end_col_offset] + b")" + end[last.end_col_offset :]).decode()
    start = lines[last.lineno - 1].encode()
    lines[last.lineno - 1] = (start[: last.col_offset] + _RETURN.encode() + start[last.col_offset :]).decode()
    return last.lineno, last.col_offset


def _lines_inside_strings(tree: ast.Module) -> set[int]:
    """Lines that begin inside a string and so must not be indented."""
    spans: Iterable[ast.expr] = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
    )
    return {line for node in spans for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)}
