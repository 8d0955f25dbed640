"""The command line as a client of the API: who is signed in where, and how answers are printed. Other commands work on this machine.

Exit codes: 0 done; 1 refused; 2 a wrong command line; 3 not signed in; 4 the server does not answer; 5 what was waited for failed.
"""

import contextlib
import fcntl
import inspect
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from agent_factory import ApiError, Client, NotAuthenticated, RunFailed, Tokens, Unreachable, Unsendable
from app.cli.printing import lines_of, print_table
from app.cli.terminal import reason, say, say_json, wrong

Given = TypeVar("Given", dict[str, Any], list[Any])
HERE = "http://127.0.0.1:8400"
Url = Annotated[str, typer.Option("--url", envvar="AF_URL", help="Where the installation is; the last sign-in's without it.")]
ApiKey = Annotated[str, typer.Option("--api-key", envvar="AF_API_KEY", help="An API key instead of a sign-in.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
REFUSED, WRONG, NOT_SIGNED_IN, UNREACHABLE, FAILED = 1, 2, 3, 4, 5
LOGIN_REFUSED = ("sign_in_refused", "wrong_code", "external_refused", "external_cancelled")
_UNFIT = re.compile(r"\(\) ((?:got an unexpected keyword|got multiple values for|missing \d+ required).*)")


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
        with refusals(url, self._api_key), KeptClient(url, api_key=self._api_key, tokens=tokens) as client:
            yield client

    def show(self, found: Any, columns: Sequence[str] = ()) -> None:
        """One thing, or a table of several."""
        if self.as_json:
            say_json(found)
        elif isinstance(found, list):
            print_table(found, columns)
        elif isinstance(found, dict):
            for line in lines_of(found):
                say(line)

    def tell(self, words: str, found: Any = None) -> None:
        """What was done: words for people, the answer for programs."""
        say_json(found) if self.as_json else say(words)


class KeptClient(Client):
    """A client whose token pair lives in the file: several processes refresh one after another, each with the newest."""

    def __init__(self, url: str, *, api_key: str = "", tokens: Tokens | None = None) -> None:
        super().__init__(url, api_key=api_key, tokens=tokens, on_tokens=lambda pair: keep(url, pair), agent=device())

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
def refusals(url: str = "", api_key: str = "") -> Generator[None]:
    """Say what was refused and leave with the code for it; `url` and `api_key` are what the calls are made with."""
    try:
        yield
    except NotAuthenticated as error:
        leave(NOT_SIGNED_IN, who_is_asked(error, url, api_key))
    except Unreachable as error:
        leave(UNREACHABLE, error.detail, "Is it running there? `agent-factory up` starts one here; --url or AF_URL names another address.")
    except RunFailed as error:
        leave(FAILED, error.detail)
    except Unsendable as error:
        leave(WRONG, error.detail)
    except ApiError as error:
        leave(REFUSED, error.detail, *(f"{name}: {problem}" for name, problem in error.field_errors.items()))
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        leave(REFUSED, f"The answer is not what this API gives ({type(error).__name__}). Are the address and the version right?")


def who_is_asked(error: NotAuthenticated, url: str, api_key: str) -> str:
    """Why nobody is signed in, and what to do about that."""
    if error.code == "second_factor_needed":
        return "This account has an authenticator app. Run it again with --code and the code it shows, or a recovery code."
    if error.code in LOGIN_REFUSED:
        return error.detail
    if api_key:
        why = "it was mistyped, has ended or was revoked. Make another, or go without it."
        return f"The key in AF_API_KEY, or --api-key, does not count at {url}: {why}"
    again = f"agent-factory login --url {url}" if url else "agent-factory login"
    return f"Your sign-in has ended: it was too long ago, or was ended elsewhere. Run `{again}`."


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
        example = '{"name": "value"}' if kind is dict else '["one", "two"]'
        wrong(f"give JSON such as '{example}', @file, or - for standard input (what is given cannot be read: {error})", option=option)
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


# -- the sign-in that is kept


def device() -> str:
    """What the page of sessions tells this command line by: the name and the system of the machine."""
    host, system = (re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:60] for name in (platform.node(), platform.system()))
    return f"agent-factory-cli ({host or 'unknown'}; {system or 'unknown'})"


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
    """Write it whole and at once."""
    _write({"url": url, "access_token": pair.access, "refresh_token": pair.refresh})


def _write(kept: dict[str, str]) -> None:
    """`mkstemp` makes files with mode 0600."""
    path = kept_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(kept, file)
    Path(name).replace(path)


def forget() -> None:
    """Keep no tokens any more, only where the installation is."""
    url = read_kept().get("url")
    kept_file().unlink(missing_ok=True)
    if isinstance(url, str):
        _write({"url": url})


@contextlib.contextmanager
def locked() -> Generator[None]:
    """One process at a time refreshes."""
    path = kept_file().with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
