"""The command line has a command for every operation of the API: each command over it is run against a server that answers all alike."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from app.cli.main import command_line
from tests.support.operations import operation_of, operations

ID = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
END = 'event: end\ndata: {"status": "succeeded", "error_message": ""}\n\n'
MESSAGE = 'event: message\ndata: {"status": "done", "content": "Hello"}\n\n'
TEXTS = (
    *(
        "id",
        "user_id",
        "name",
        "email",
        "slug",
        "title",
        "next",
        "status",
        "url",
        "secret",
        "button",
        "text",
        "since",
        "until",
        "door",
        "subject",
        "period",
    ),
    *(
        "test_message",
        "headline",
        "key",
        "at",
        "period_end",
        "workflow_id",
        "price",
        "refunded",
        "code",
        "discount",
        "balance",
        "available",
        "percent",
        "starts_at",
        "currency",
        "mode",
    ),
)
ONE: dict[str, Any] = {
    **dict.fromkeys(TEXTS, ID),
    **dict.fromkeys(("access_token", "refresh_token", "workspace", "role", "everyone", "kind"), "x"),
    **dict.fromkeys(("revision", "version", "number"), 1),
    **dict.fromkeys(("days", "count", "left", "ended", "moved", "waiting"), 1),
    **{
        name: []
        for name in (
            "caps",
            "cards",
            "checks",
            "codes",
            "rows",
            "listings",
            "findings",
            "workflows",
            "models",
            "used_by",
            "problems",
            "invitations",
            "steps",
            "operations",
            "conflicts",
            "details",
            "actions",
            "kinds",
            "fields",
            "approvals",
            "notices",
            "choices",
            "tools",
            "people",
            "payouts",
            "failures",
            "lines",
            "things",
            "ends",
            "obstacles",
            "deletes",
            "leaves",
        )
    },
    **{
        "status": "succeeded",
        "test_ok": True,
        "is_valid": True,
        "run_id": None,
        "output": None,
        "total": {},
        "runs": {},
        "owner": {"email": "x"},
        "plan": {"name": "x"},
        "billing": {},
        "due_cents": 0,
        "has_account": False,
        "needs_password": False,
        "needs_code": False,
        "examples": [{"name": ID, "inputs": {}}],
    },
}
# Any route can be called with this one, which is why it counts for none.
CALLS_ANYTHING = "api"
MORE = ([f"{things} share {ID} --with {ID} --access none" for things in ("agents", "workflows")]) + [
    f"workflows run {ID} --wait",
    f"account register Ada {ID} --token t",
    "account confirm-address --token t",
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The operations that were asked for; nothing leaves this process."""
    found: set[str] = set()

    def answer(_client: httpx.Client, request: httpx.Request, **_more: Any) -> httpx.Response:
        name = operation_of(request.method, request.url.path)
        assert name, f"{request.method} {request.url.path} is no operation of the API"
        found.add(name)
        if request.url.path.endswith("/stream"):
            text = MESSAGE if "/messages/" in request.url.path else END
            return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"}, request=request)
        told: dict[str, Any] = {**ONE, "items": [ONE], "next_cursor": None, "stream": f"/api/v1/conversations/{ID}/messages/{ID}/stream"}
        if name == "list_events" and request.url.params.get("after", "0") != "0":
            told["items"] = []
        if name == "get_usage":
            told |= {"models": [ONE], "workflows": [ONE]}
        told["items"] = [one | {"seq": 1} for one in told["items"]]
        return httpx.Response(200, json={"data": told, "message": "OK", "timestamp": "2026-03-04T00:00:00Z"}, request=request)

    monkeypatch.setattr(httpx.Client, "send", answer)
    return found


def commands(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below one that speaks to the API."""
    below = getattr(found, "commands", None)
    for name, one in (below or {}).items():
        yield from commands(one, (*path, name))
    if below is None and path != (CALLS_ANYTHING,) and any(parameter.name == "api_key" for parameter in found.params):
        yield path, found


def words_for(parameter: Any, *, is_wanted: bool) -> list[str]:
    """What is typed for it: something, if it must be there or everything is wanted."""
    name = parameter.name or ""
    if name in ("url", "api_key", "as_json", "help", "output", "token", "limit", "most", "wait", "due", "single") or not (
        parameter.required or is_wanted
    ):
        return []
    is_number = name in ("number", "seq", "days", "revision", "version", "seen_cents", "price", "stars", "months", "uses")
    is_object = name in ("definition", "results", "settings", "given", "values", "value", "credentials", "answers")
    value = (
        "1"
        if is_number
        else "[]"
        if name == "operations"
        else '{"name": "x", "workflow_id": "x"}'
        if is_object
        else "-"
        if name == "file"
        else ID
    )
    if parameter.param_type_name == "argument":
        return [value]
    return [parameter.opts[0]] if getattr(parameter, "is_flag", False) else [parameter.opts[0], value]


def run(root: Any, *words: str) -> None:
    """As the shell does; built once, since four hundred commands are run."""
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"a long password 9\n"))
    with pytest.raises(SystemExit) as ending:
        root.main(args=list(words), prog_name="agent-factory")
    assert ending.value.code in (0, None), words


def test_the_command_line_has_a_command_for_every_operation(
    asked: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path), "AF_URL": "http://factory.test", "AF_API_KEY": "af_test"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", sys.stdin)  # put back afterwards
    root = typer.main.get_command(command_line([]))
    every = list(commands(root))
    assert len(every) >= 90
    for path, command in every:
        for is_wanted, more in ((False, ()), (True, ("--json",))):
            words = [word for parameter in command.params for word in words_for(parameter, is_wanted=is_wanted)]
            run(root, *path, *words, *more)
    for line in MORE:
        run(root, *line.split())
    monkeypatch.delenv("AF_API_KEY")
    run(root, "login", "--email", "ada@example.com", "--password-stdin")
    run(root, "logout")
    assert "Traceback" not in "".join(capsys.readouterr())
    missing = set(operations()) - asked
    assert missing == {"refresh_tokens"}, "the command line refreshes by itself; everything else has a command"
