"""The one way from the command line to a terminal: what others have written must not steer it, forge lines or turn text around."""

import contextlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NoReturn, TextIO

import typer

from app.core.printing import clean

COLOURS = {"green": "32", "red": "31", "yellow": "33", "dim": "2"}


def as_json(value: Any, *, indent: int | None = 2) -> str:
    """JSON that reads back the same, with everything that could steer a terminal written as an escape."""
    return _STEERING.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def say(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print what people read."""
    typer.echo(clean(str(text)), err=err, nl=nl)


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print what programs read."""
    typer.echo(as_json(value, indent=indent))


def write_document(document: str, *, nl: bool = False) -> None:
    """Print a document or a result as it is into a file or a pipe, and cleaned onto a terminal."""
    typer.echo(clean(document) if sys.stdout.isatty() else document.encode("utf-8", "replace").decode(), nl=nl, color=True)


def write_result(output: Any) -> None:
    """Print what a run gave: a text as it is, anything else as JSON."""
    write_document(output if isinstance(output, str) else json.dumps(output, ensure_ascii=False, indent=2), nl=True)


def say_marked(mark: str, text: str, *, colour: str, stream: TextIO | None = None) -> None:
    """Print one line that begins with a mark of ours, in colour on a terminal."""
    to = stream or sys.stdout
    painted = f"\x1b[{COLOURS[colour]}m{mark}\x1b[0m" if to.isatty() else mark
    typer.echo(f"{painted} {clean(text)}", file=to, color=True)


@contextlib.contextmanager
def output_to(path: str) -> Generator[Callable[[str], None]]:
    """Writes a document to a file, or to standard output without a path.

    The file is opened before anything is asked for, so that nothing is where it could not be written; what is in it stays until then.
    """
    if not path:
        yield write_document
        return
    try:
        is_new = not Path(path).exists()
        file = open(path, "a", encoding="utf-8", errors="replace", newline="")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        wrong(f"cannot write {path}: {reason(error)}", option="--output")

    def write(document: str) -> None:
        if file.seekable():
            file.truncate(0)
        file.write(document)

    try:
        with file:
            yield write
    except BaseException:
        if is_new:
            Path(path).unlink(missing_ok=True)
        raise


def has_terminal() -> bool:
    """Whether a password can be asked for: the question goes to the terminal even where standard input is something else."""
    try:
        Path("/dev/tty").open().close()
    except OSError:
        return sys.stdin.isatty()
    return True


def reason(error: Exception) -> str:
    """Why a file was not read or written."""
    return str(error.strerror) if isinstance(error, OSError) and error.strerror else str(error)


def wrong(problem: str, *, option: str = "") -> NoReturn:
    """Refuse the command line, by exit code 2; nothing of what it quotes steers the terminal."""
    raise typer.BadParameter(clean(problem), param_hint=option or None)


def _escaped(found: re.Match[str]) -> str:
    one = found[0]
    return one if one.isprintable() or one == "\n" or unicodedata.category(one) == "Zs" else json.dumps(one)[1:-1]


_STEERING = re.compile(r"[^\x20-\x7e]")
