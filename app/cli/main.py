"""Entry of the `agent-factory` command. It imports only the module of the command that was asked for, so that each starts quickly."""

import atexit
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup, TyperOption

from app.cli.names import HELP
from app.cli.terminal import say
from app.core.config import SettingsError, get_settings
from app.core.errors import AppError, DatabaseAway
from app.supervisor.console import Console
from app.supervisor.problems import CannotStartError

COMMANDS = {
    "login": "app.cli.account",
    "logout": "app.cli.account",
    "whoami": "app.cli.account",
    "home": "app.cli.account",
    "api": "app.cli.account",
    "account": "app.cli.protection",
    "workspaces": "app.cli.account",
    "keys": "app.cli.account",
    "members": "app.cli.members",
    "sign-in": "app.cli.workspace",
    "credentials": "app.cli.credentials",
    "billing": "app.cli.billing",
    "purchases": "app.cli.purchases",
    "budgets": "app.cli.budgets",
    "rules": "app.cli.rules",
    "coupons": "app.cli.coupons",
    "payouts": "app.cli.earnings",
    "listings": "app.cli.listings",
    "reviews": "app.cli.listings",
    "selling": "app.cli.listings",
    "moderation": "app.cli.listings",
    "usage": "app.cli.usage",
    "audit": "app.cli.usage",
    "agents": "app.cli.agents",
    "conversations": "app.cli.conversations",
    "remote": "app.cli.elsewhere",
    "workflows": "app.cli.workflows",
    "runs": "app.cli.runs",
    "approvals": "app.cli.runs",
    "blueprint": "app.cli.blueprint",
    "run": "app.cli.run",
    "signal": "app.cli.signal",
    "market": "app.cli.market",
    "plans": "app.cli.plans",
    "webhooks": "app.cli.webhooks",
    "schedules": "app.cli.schedules",
    "test": "app.cli.testing",
    "up": "app.cli.up",
    "dev": "app.cli.dev",
    "dev-web": "app.cli.dev",
    "build": "app.cli.build",
    "web": "app.cli.web",
    "worker": "app.cli.worker",
    "scheduler": "app.cli.scheduler",
    "migrate": "app.cli.migrate",
    "seed": "app.cli.seed",
    "prepare": "app.cli.prepare",
    "doctor": "app.cli.doctor",
    "chains": "app.cli.chains",
    "vault": "app.cli.vault",
}
"""Command name -> module with a `register(root)` function. Add a line here for a new command or group of commands."""

SANDBOX = "pydantic_monty"
HTTPX_CONSOLE = "httpx._main"  # its own command line, which brings rich and takes longer than all else
NO_INSTALLATION = (
    "Go to the folder it was started from (cd), or name its data directory: AF_DATA_DIR=/path/to/.data agent-factory … "
    "A new one begins with `agent-factory up`."
)


class LazyCommands(TyperGroup):
    """Knows the names of its commands and what they are for, which is enough for help, completion and typing mistakes.

    The module of a command is imported when the command is run, or completed beyond its name.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Put the command itself in place of its outline."""
        name, outlined, rest = super().resolve_command(ctx, args)
        if outlined is None:
            return name, outlined, rest
        wanted = str(outlined.name)
        whole: Any = typer.main.get_command(command_line([wanted]))
        return name, whole.commands[wanted], rest


def command_line(arguments: list[str]) -> typer.Typer:
    """Build the Typer application with the asked-for command, or with all of them."""
    root = _new_root(TyperGroup)
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    modules = [COMMANDS[wanted]] if wanted in COMMANDS else dict.fromkeys(COMMANDS.values())
    for module in modules:
        import_module(module).register(root)
    return root


def outline() -> typer.Typer:
    """The names of all commands and what they are for; what a person runs."""
    root = _new_root(LazyCommands)
    for name in COMMANDS:
        root.command(name, help=HELP[name])(_nothing)
    return root


def _new_root(group: type[TyperGroup]) -> typer.Typer:
    root = typer.Typer(
        cls=group, no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help="Build, test and run AI agents."
    )
    root.callback()(_root)
    TyperOption.display_type_rich = _type_shown  # a switch takes no value, so its help names no type
    return root


def _nothing() -> None:
    """Stands for a command in the outline."""


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        say(f"Agent Factory {import_module('importlib.metadata').version('agent-factory')}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_tell_version)]


def _root(version: Version = False) -> None:
    """Build, test and run AI agents."""


def _type_shown(self: TyperOption, ctx: Any) -> str | None:
    return None if self.is_flag else self.metavar or self.display_type(ctx)


def main() -> None:
    """Run the command line; refusals become one message and exit code 2, never a traceback."""
    sys.modules.setdefault(HTTPX_CONSOLE, None)  # type: ignore[arg-type] - httpx goes on without it
    try:
        _run()
    except SystemExit as ending:
        if SANDBOX in sys.modules:
            _leave(ending)
        raise


def _run() -> None:
    console = Console(sys.stderr)
    was_here = _has_installation()  # the driver makes an empty file where there is a folder for one
    try:
        outline()()
    except CannotStartError as error:
        console.refuse(error.problem, error.remedy)
        sys.exit(2)
    except SettingsError as error:
        console.refuse(str(error), "Correct these environment variables and start again; docs/configuration.md lists all of them.")
        sys.exit(2)
    except DatabaseAway as error:
        if was_here:
            console.warn(error.message)
            sys.exit(1)
        console.refuse(f"No installation was found in {get_settings().data_dir}.", NO_INSTALLATION)
        sys.exit(2)
    except AppError as error:
        console.warn(error.message)
        for field, problem in error.fields.items():
            console.warn(f"{field}: {problem}")
        sys.exit(1)


def _has_installation() -> bool:
    """Whether there is a database file at all; a database on a server is looked for by its driver."""
    try:
        settings = get_settings()
    except SettingsError:
        return True
    return not settings.is_sqlite or Path(settings.database_url.removeprefix("sqlite:///")).is_file()


def _leave(ending: SystemExit) -> None:
    """End without tearing the interpreter down: a sandbox thread that lets go of its last object meanwhile would abort the process."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a closed pipe
            stream.flush()
    os._exit(ending.code if isinstance(ending.code, int) else int(ending.code is not None))
