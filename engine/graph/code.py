"""Judges the Python of a code step before it runs: can it be read, and does it use only names that exist. The checker asks."""

import ast
import builtins
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from engine.errors import Edit, Finding, Fix
from engine.graph.code_names import SANDBOX_MODULES, SANDBOX_NAMES, Use, find_undefined
from engine.graph.outline import NodeView
from engine.graph.references import Place, ReferenceCheck
from engine.graph.report import Report
from engine.graph.texts import ConfigField, config_fields

_MOST = 20
_OF_JSON = {"true": "True", "false": "False", "null": "None", "nil": "None"}

warnings.filterwarnings("ignore", category=SyntaxWarning, module="<unknown>")  # an invalid escape is no fault; nobody reads a log of them


@dataclass(frozen=True, slots=True)
class Fault:
    """Where Python stopped reading and why; line and column count from 1."""

    message: str
    line: int | None = None
    column: int | None = None


@lru_cache(maxsize=256)
def find_fault(source: str) -> Fault | None:
    """The first place that is not Python, or None. What only other versions of Python read in f-strings is left to the run."""
    try:
        ast.parse(source.removeprefix("\ufeff"))
    except SyntaxError as error:
        if "f-string" in error.msg:
            return None
        return Fault(f"This is not Python: {error.msg}.", error.lineno, error.offset)
    except (ValueError, MemoryError, RecursionError):
        return Fault("This is not Python that can be read: it nests too deeply or holds a NUL character.")
    return None


def check_code(node: NodeView, references: ReferenceCheck, report: Report) -> None:
    """Every field of the node that holds Python."""
    if node.config is None:
        return
    for item in config_fields(node.config):
        if item.widget.name != "code":
            continue
        source = str(item.value or "")
        if not source.strip():
            report.error("missing_value", "There is no code.", "Write some.", node=node.id, field=item.path)
        elif (fault := find_fault(source)) is not None:
            where = (node.id, item.path, fault.line, fault.column)
            report.add(Finding("code_syntax", fault.message, "Mend it.", "error", *where))
        else:
            _check_defined(node, item, references, report)


def _check_defined(node: NodeView, item: ConfigField, references: ReferenceCheck, report: Report) -> None:
    given = getattr(node.config, "inputs", {})
    for use in find_undefined(str(item.value), frozenset(given))[:_MOST]:
        message = f"Nothing is called '{use.name}' in this code."
        if use.name in dir(builtins):
            message, remedy, fixes = f"The sandbox has no '{use.name}'.", "Write it in another way.", ()
        else:
            remedy, fixes = _remedy(use, node, item, references, report)
        report.add(Finding("code_name", message, remedy, "error", node.id, item.path, use.line, use.column, fixes=fixes))


def _remedy(use: Use, node: NodeView, item: ConfigField, references: ReferenceCheck, report: Report) -> tuple[str, tuple[Fix, ...]]:
    """A value of the workflow that only has to be handed in, a module that is not imported, or the name that was meant."""
    if value := _value_of(use.name, node, item, references):
        handed = Edit("set", node.id, f"inputs.{use.name}", value)
        return f"Hand it in: add the input '{use.name}' with the value {value}.", (Fix(f"Add the input “{use.name}”", (handed,)),)
    if use.name in SANDBOX_MODULES:
        return f"Write 'import {use.name}' above.", ()
    near = report.near(use.name, use.others) or _near_builtin(use.name)
    if near is None:
        return f"Define '{use.name}' above, or add an input of this name.", ()
    uses = len(re.findall(rf"(?<![\w.]){re.escape(use.name)}(?!\w)", str(item.value)))
    swap = Fix(f"Change to “{near}”", (Edit("replace", node.id, item.path, near, old=use.name),))
    return f"Did you mean '{near}'?", (swap,) if uses == use.count else ()


def _value_of(name: str, node: NodeView, item: ConfigField, references: ReferenceCheck) -> str | None:
    """The value that steps after the same way know under this name."""
    if name in references.visible(Place(node, item.path)):
        return f"{{{{ {name} }}}}"
    start = references.outline.start()
    if any(asked.name == name for asked in getattr(start.config if start else None, "fields", ())):
        return f"{{{{ inputs.{name} }}}}"
    return None


def _near_builtin(name: str) -> str | None:
    folded = {known.casefold(): known for known in SANDBOX_NAMES}
    near = _OF_JSON.get(name) or folded.get(name.casefold())
    return near or next(iter(get_close_matches(name, sorted(SANDBOX_NAMES), n=1, cutoff=0.8)), None)
