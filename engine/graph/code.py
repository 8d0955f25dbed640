"""Whether the Python of a code step can be read at all, told before it runs; the checker asks."""

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache

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
