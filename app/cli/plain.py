"""Commands over the API that are alike: show, list, delete, or do one thing with what an id names."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.remote import fitting, read_object

Context = typer.Context
Command = Callable[..., None]
Fields = Annotated[str, typer.Option("--settings", "-s", help="JSON, @file, or - for standard input.")]


def described(command: Command, words: str) -> Command:
    """The command with its help."""
    command.__doc__ = words
    return command


def showing(words: str, ask: Callable[[Client, str], Any], *, name: str = "ID", columns: Sequence[str] = ()) -> Command:
    """Print what an id names, or the list that belongs to it."""

    def command(context: Context, thing: Annotated[str, typer.Argument(metavar=name)]) -> None:
        with context.obj.client() as client:
            found = ask(client, thing)
            context.obj.show(found if isinstance(found, dict) else list(found), columns)

    return described(command, words)


def doing(words: str, act: Callable[[Client, str], Any], said: str, *, name: str = "ID") -> Command:
    """Do something with what an id names, and say so."""

    def command(context: Context, thing: Annotated[str, typer.Argument(metavar=name)]) -> None:
        with context.obj.client() as client:
            context.obj.tell(said, act(client, thing))

    return described(command, words)


def listing(words: str, ask: Callable[[Client], Iterable[Any]], columns: Sequence[str]) -> Command:
    """Print a whole list."""

    def command(context: Context) -> None:
        with context.obj.client() as client:
            context.obj.show(list(ask(client)), columns)

    return described(command, words)


def searching(words: str, ask: Callable[..., Iterable[Any]], columns: Sequence[str]) -> Command:
    """Print what has the words that are looked for."""

    def command(context: Context, search: str = "") -> None:
        with context.obj.client() as client:
            context.obj.show(list(ask(client, search=search)), columns)

    return described(command, words)


def making(words: str, make: Callable[..., Any]) -> Command:
    """Make something of settings, and print it: a secret in it is told this once."""

    def command(context: Context, settings: Fields) -> None:
        with context.obj.client() as client:
            with fitting("--settings"):
                made = make(client, **read_object(settings, "--settings"))
            context.obj.show(made)

    return described(command, words)


def changing(words: str, change: Callable[..., Any], *, name: str = "ID") -> Command:
    """Change settings of what an id names, and print it."""

    def command(context: Context, thing: Annotated[str, typer.Argument(metavar=name)], settings: Fields) -> None:
        with context.obj.client() as client:
            with fitting("--settings"):
                changed = change(client, thing, **read_object(settings, "--settings"))
            context.obj.show(changed)

    return described(command, words)
