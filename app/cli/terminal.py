"""The one way from the command line to a terminal: what others have written must not steer it, forge lines or turn text around."""

import json
import re
import sys
import unicodedata
from typing import Any

import typer

UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """The text without escape sequences, bidi marks, zero-width marks, NUL and lone surrogates; lines and tabs stay."""
    return "".join(one if one.isprintable() or one in "\n\t" else _instead(one) for one in text)


def as_json(value: Any, *, indent: int | None = 2) -> str:
    """JSON that reads back the same, with everything that could steer a terminal written as an escape."""
    return _STEERING.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def say(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print what people read."""
    typer.echo(clean(str(text)), err=err, nl=nl)


def say_json(value: Any, *, indent: int | None = 2) -> None:
    """Print what programs read."""
    typer.echo(as_json(value, indent=indent))


def write_document(document: str) -> None:
    """Print a document as it is into a file or a pipe, and cleaned onto a terminal."""
    typer.echo(clean(document) if sys.stdout.isatty() else document.encode("utf-8", "replace").decode(), nl=False)


def _instead(one: str) -> str:
    return " " if unicodedata.category(one) == "Zs" else UNKNOWN


def _escaped(found: re.Match[str]) -> str:
    one = found[0]
    return one if one.isprintable() or one == "\n" or unicodedata.category(one) == "Zs" else json.dumps(one)[1:-1]


_STEERING = re.compile(r"[^\x20-\x7e]")
