"""The command line as a client of the API: who is signed in where, and how answers are printed. Other commands work on this machine.

Exit codes: 0 done; 1 refused; 2 a wrong command line; 3 not signed in; 4 the server does not answer; 5 what was waited for failed.
"""

import contextlib
import fcntl
import inspect
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from agent_factory import ApiError, Client, NotAuthenticated, RunFailed, Tokens, Unreachable, Unsendable
from app.cli.terminal import reason, say, say_json, wrong
from app.core.printing import clean

Given = TypeVar("Given", dict[str, Any], list[Any])
HERE = "http://127.0.0.1:8400"
Url = Annotated[str, typer.Option("--url", envvar="AF_URL", help="Where the installation is; the last sign-in's without it.")]
ApiKey = Annotated[str, typer.Option("--api-key", envvar="AF_API_KEY", help="An API key instead of a sign-in.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
REFUSED, WRONG, NOT_SIGNED_IN, UNREACHABLE, FAILED = 1, 2, 3, 4, 5
WIDEST = 48
_UNFIT = re.compile(r"\(\) ((?:got an unexpected keyword|got multiple values for|missing \d+ required).*)")
_ONE_LINE = str.maketrans("\n\t", "  ")


class Remote:
    """Where the client calls and how it prints; every command of a group finds one in its context."""

    def __init__(self, url: str, api_key: str, as_json: bool) -> None:
        self.as_json = as_json
        self._url, self._api_key = url, api_key

    @property
    def url(self) -> str:
        """Where the installation is."""
        return self._url or read_kept().get("url") or HERE

    @contextlib.contextmanager
    def client(self) -> Generator[Client]:
        """A client with the key, or with the sign-in that is kept; refusals become a message and an exit code."""
        kept = read_kept()
        url = self.url
        tokens = None if self._api_key or kept.get("url") != url else kept_tokens(kept)
        if not self._api_key and tokens is None:
            leave(NOT_SIGNED_IN, f"Not signed in to {url}. Run `agent-factory login --url {url}`, or give AF_API_KEY.")
        with refusals(), KeptClient(url, api_key=self._api_key, tokens=tokens) as client:
            yield client

    def show(self, found: Any, columns: Sequence[str] = ()) -> None:
        """One thing, or a table of several."""
        if self.as_json:
            say_json(found)
        elif isinstance(found, list):
            print_table(found, columns)
        elif isinstance(found, dict):
            for name, value in found.items():
                say(f"{name}: {shown(value, widest=2000)}")

    def tell(self, words: str, found: Any = None) -> None:
        """What was done: words for people, the answer for programs."""
        say_json(found) if self.as_json else say(words)


class KeptClient(Client):
    """A client whose token pair lives in the file: several processes refresh one after another, each with the newest."""

    def __init__(self, url: str, *, api_key: str = "", tokens: Tokens | None = None) -> None:
        super().__init__(url, api_key=api_key, tokens=tokens, on_tokens=lambda pair: keep(url, pair))

    def refresh(self) -> str | None:
        """The next pair, or the one that another process has got meanwhile."""
        with locked():
            newest = kept_tokens(read_kept())
            if newest is not None and self._tokens is not None and newest.refresh != self._tokens.refresh:
                self._tokens = newest
                return newest.access
            return super().refresh()


def group(help: str, **commands: Callable[..., Any]) -> typer.Typer:
    """A group whose commands find a Remote in their context, made of the options that they share."""
    made = typer.Typer(no_args_is_help=True, help=help)
    for name, command in commands.items():
        made.command(name, help=(command.__doc__ or "").strip().partition("\n")[0])(_connected(command))
    return made


def _connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options that every command over the API has."""
    shared = {"url": (Url, ""), "api_key": (ApiKey, ""), "as_json": (AsJson, False)}

    def run(context: typer.Context, **arguments: Any) -> None:
        context.obj = Remote(*(arguments.pop(name) for name in shared))
        with refusals():
            command(context, **arguments)

    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [one.replace(kind=keyword) if name != "context" else one for name, one in inspect.signature(command).parameters.items()]
    more = [inspect.Parameter(name, keyword, default=default, annotation=kind) for name, (kind, default) in shared.items()]
    run.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *more]}
    return run


@contextlib.contextmanager
def refusals() -> Generator[None]:
    """Say what was refused and leave with the code for it."""
    try:
        yield
    except NotAuthenticated as error:
        leave(NOT_SIGNED_IN, f"{error.detail} Run `agent-factory login`.")
    except Unreachable as error:
        leave(UNREACHABLE, error.detail)
    except RunFailed as error:
        leave(FAILED, error.detail)
    except Unsendable as error:
        leave(WRONG, error.detail)
    except ApiError as error:
        leave(REFUSED, error.detail, *(f"{name}: {problem}" for name, problem in error.field_errors.items()))
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        leave(REFUSED, f"The answer is not what this API gives ({type(error).__name__}). Are the address and the version right?")


@contextlib.contextmanager
def fitting(option: str) -> Generator[None]:
    """Around a call that takes the fields of an option as they are: a field too many or too few is a wrong command line."""
    try:
        yield
    except TypeError as error:
        found = _UNFIT.search(str(error))
        if found is None:
            raise
        wrong(f"the fields do not fit: {found[1]}", option=option)


def leave(code: int, *lines: str) -> NoReturn:
    """Tell it on standard error and stop."""
    for line in lines:
        say(line, err=True)
    raise typer.Exit(code)


def read_object(text: str, option: str) -> dict[str, Any]:
    """A JSON object given as text, as @file, or as - for standard input."""
    return read_given(text, option, dict)


def read_given(text: str, option: str, kind: type[Given]) -> Given:
    """JSON of a kind, given as text, as @file, or as - for standard input; nothing is an empty one."""
    raw = read_text(text.removeprefix("@"), option) if text == "-" or text.startswith("@") else text
    try:
        value = json.loads(raw) if raw else kind()
    except (ValueError, RecursionError) as error:
        wrong(f"this is no JSON: {error}", option=option)
    if not isinstance(value, kind):
        wrong(f"give a JSON {'object' if kind is dict else 'list'}", option=option)
    return value


def read_text(path: str, option: str) -> str:
    """The text of a file, or of standard input for -; what cannot be read is a wrong command line."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        wrong(f"{'standard input' if path == '-' else path} is no UTF-8 text", option=option)
    except (OSError, ValueError) as error:
        wrong(f"cannot read {path}: {reason(error)}", option=option)


# -- printing


def print_table(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    """Aligned columns; nothing but a line on standard error when there is nothing."""
    cells = [[shown(row.get(name)) for name in columns] for row in rows]
    if not cells:
        say("Nothing found.", err=True)
        return
    head = [name.upper() for name in columns]
    widths = [max(len(line[index]) for line in [head, *cells]) for index in range(len(columns))]
    for line in [head, *cells]:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def shown(value: Any, *, widest: int = WIDEST) -> str:
    """A value on one line, without what could steer a terminal."""
    value = round(value, 1) if isinstance(value, float) else value
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = clean(text).translate(_ONE_LINE)
    return line if len(line) <= widest else line[: widest - 1] + "…"


# -- the sign-in that is kept


def kept_file() -> Path:
    """Readable by its owner alone."""
    return Path(typer.get_app_dir("agent-factory")) / "sign-in.json"


def read_kept() -> dict[str, Any]:
    """What is kept, or {}."""
    try:
        found = json.loads(kept_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def kept_tokens(kept: dict[str, Any]) -> Tokens | None:
    """The pair in it."""
    access, refresh = kept.get("access_token"), kept.get("refresh_token")
    return Tokens(access, refresh) if isinstance(access, str) and isinstance(refresh, str) else None


def keep(url: str, pair: Tokens) -> None:
    """Write it whole and at once; mkstemp makes files with mode 0600."""
    path = kept_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"url": url, "access_token": pair.access, "refresh_token": pair.refresh}, file)
    Path(name).replace(path)


def forget() -> None:
    """Keep nothing any more."""
    kept_file().unlink(missing_ok=True)


@contextlib.contextmanager
def locked() -> Generator[None]:
    """One process at a time refreshes."""
    path = kept_file().with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
