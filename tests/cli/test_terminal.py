"""What the command line writes onto a terminal: nothing that others wrote steers it, and no server gets a key or a traceback out of it."""

import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.cli.run_steps import StepLines
from app.cli.terminal import as_json, clean, say_marked
from app.supervisor.console import Console
from engine.run.events import EventType
from engine.spec.workflow import NodeSpec, WorkflowSpec
from tests.support.source import ROOT

KEY = "af_canary_0a1b2c3d4e5f"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\u202egnp.exe\u200b\x00\r\ud800 " + "wide " * 2000
STEERING = ("\x1b", "\x9b", "\x07", "\x00", "\u202e", "\u200b", "\ud800")


class Server(BaseHTTPRequestHandler):
    """Answers everything as the test says."""

    answer: ClassVar[Any] = None
    heard: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Any method, any path."""
        self.heard.append((self.path, self.headers.get("Authorization", "")))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer: Any = type(self).answer
        if callable(answer):
            answer = answer(self.path)
        status, headers, body = answer
        if status == 0:
            return
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as the library names it

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def serve() -> Iterator[tuple[str, type[Server]]]:
    """A server of its own, and what it hears."""
    own = type("Own", (Server,), {"heard": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), own)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", own
    server.shutdown()
    server.server_close()


@pytest.fixture
def server() -> Iterator[tuple[str, type[Server]]]:
    yield from serve()


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, type[Server]]]:
    yield from serve()


def environment(url: str, home: Path) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AF_") and name != "DATABASE_URL"}
    return {
        **inherited,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'sdk'}",
        "AF_URL": url,
        "AF_API_KEY": KEY,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
    }


def run(url: str, home: Path, *words: str, text: str = "", key: str = KEY) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "app.cli", *words]
    there = {**environment(url, home), "AF_API_KEY": key}
    return subprocess.run(command, cwd=home, env=there, input=text.encode(), capture_output=True, check=False, timeout=120)


def on_a_terminal(url: str, home: Path, *words: str) -> str:
    """The same with a real terminal as its output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *words], cwd=home, env=environment(url, home), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        told += part
    os.close(ours)
    process.wait(timeout=60)
    return told.decode("utf-8", "surrogateescape")


def enveloped(data: object) -> tuple[int, dict[str, str], bytes]:
    return (
        200,
        {"Content-Type": "application/json"},
        json.dumps({"data": data, "message": "OK", "timestamp": "2026-03-04T00:00:00Z"}).encode(),
    )


ROW = {"id": "1", "slug": HOSTILE, "name": HOSTILE, "model": HOSTILE, "version": 1, "updated_at": HOSTILE, HOSTILE: HOSTILE}
PAGE = {"items": [ROW], "next_cursor": None}


@pytest.mark.parametrize(
    ("words", "data"),
    [
        (("agents", "list"), PAGE),
        (("agents", "list", "--json"), PAGE),
        (("workflows", "create", "x"), ROW),
        (("workflows", "export", "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"), {"text": HOSTILE}),
        (("audit", "export"), {"text": HOSTILE}),
        (("whoami",), ROW),
    ],
)
def test_names_of_others_do_not_steer_a_terminal(
    server: tuple[str, type[Server]], tmp_path: Path, words: tuple[str, ...], data: object
) -> None:
    server[1].answer = enveloped(data)
    told = on_a_terminal(server[0], tmp_path, *words)
    assert "gnp.exe" in told
    assert not [mark for mark in STEERING if mark in told]
    assert "\r" not in told.replace("\r\n", "")
    if words == ("agents", "list"):
        assert max(map(len, told.splitlines())) < 400


def test_a_refusal_does_not_steer_a_terminal_either(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    body = {"detail": HOSTILE, "error_code": HOSTILE, "field_errors": {HOSTILE: HOSTILE}}
    server[1].answer = (422, {"Content-Type": "application/json"}, json.dumps(body).encode())
    told = on_a_terminal(server[0], tmp_path, "agents", "list")
    assert "gnp.exe" in told
    assert not [mark for mark in STEERING if mark in told]


def test_json_reads_back_the_same_and_lines_and_letters_stay() -> None:
    whole = {"name": HOSTILE, "said": "Grüße, 漢字 🙂\n"}
    assert json.loads(as_json(whole)) == whole
    assert not [mark for mark in STEERING if mark in as_json(whole)]
    assert clean("a,b\r\nc\r\n") == "a,b\nc\n"
    families = "👨\u200d👩\u200d👧 क्\u200dष क्\u200cष"
    assert clean(families + " Donau\u00addampf") == families + " Donaudampf"
    assert clean("Grüße,\u00a0漢字 🙂\n\tend") == "Grüße, 漢字 🙂\n\tend"


NONSENSE = {
    "a page": (200, {"Content-Type": "text/html"}, b"<html><script>alert(1)</script></html>"),
    "nothing": (200, {}, b""),
    "no envelope": (200, {"Content-Type": "application/json"}, b"[1, 2, 3]"),
    "another envelope": (200, {"Content-Type": "application/json"}, b'{"items": []}'),
    "a number": enveloped(7),
    "null": enveloped(None),
    "text for a list": enveloped({"items": "abc", "next_cursor": None}),
    "numbers in a list": enveloped({"items": [1, 2], "next_cursor": None}),
    "very deep": (200, {"Content-Type": "application/json"}, b"[" * 100_000),
    "broken letters": (200, {"Content-Type": "application/json"}, b'{"data": "\xff\xfe"}'),
    "what is not packed": (200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, b'{"data": {"items": []}}'),
    "an unknown status": (418, {}, b"short and stout"),
    "a failure with a list": (500, {"Content-Type": "application/json"}, b'{"detail": [1], "field_errors": [2]}'),
}
ASKED = (("agents", "list"), ("agents", "show", "triage"), ("home",))


@pytest.mark.parametrize("kind", NONSENSE)
def test_a_server_that_answers_nonsense_gets_a_plain_refusal(server: tuple[str, type[Server]], tmp_path: Path, kind: str) -> None:
    server[1].answer = NONSENSE[kind]
    for words in ASKED:
        ended = run(server[0], tmp_path, *words)
        assert ended.returncode == 1, (words, ended)
        assert ended.stdout == b"", words
        assert b"Traceback" not in ended.stderr
        assert KEY.encode() not in ended.stderr
        assert 0 < len(ended.stderr) < 1000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_key(
    server: tuple[str, type[Server]], elsewhere: tuple[str, type[Server]], tmp_path: Path, status: int
) -> None:
    server[1].answer = (status, {"Location": f"{elsewhere[0]}/api/v1/agents"}, b'{"data": {"items": []}}')
    elsewhere[1].answer = enveloped(PAGE)
    ended = run(server[0], tmp_path, "agents", "list")
    assert (ended.returncode, b"no key is sent" in ended.stderr) == (1, True)
    assert server[1].heard
    assert elsewhere[1].heard == []


def test_a_stream_that_is_named_elsewhere_gets_no_key(
    server: tuple[str, type[Server]], elsewhere: tuple[str, type[Server]], tmp_path: Path
) -> None:
    server[1].answer = enveloped({"items": [{"id": "1", "slug": "triage", "name": "x"}], "next_cursor": None, "stream": elsewhere[0]})
    elsewhere[1].answer = enveloped(PAGE)
    ended = run(server[0], tmp_path, "agents", "chat", "triage", "Hello")
    assert (ended.returncode, b"no key is sent" in ended.stderr) == (1, True)
    assert elsewhere[1].heard == []


def test_a_server_that_hangs_up_is_one_that_does_not_answer(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    server[1].answer = (0, {}, b"")
    ended = run(server[0], tmp_path, "agents", "list")
    assert (ended.returncode, ended.stdout, b"does not answer" in ended.stderr) == (4, b"", True)


def test_secrets_are_told_nowhere_and_kept_for_their_owner_alone(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    secret = "canary-password-77aa"
    server[1].answer = enveloped(
        {"access_token": "canary-access", "refresh_token": "canary-refresh", "name": "A", "workspace": "W", "role": "r"}
    )
    signed_in = run(server[0], tmp_path, "login", "--email", "a@example.com", "--password-stdin", text=secret + "\n", key="")
    assert signed_in.returncode == 0
    asked = (("members", "list", "--help"), ("whoami", "--help"), ("--help",), ("--show-completion",))
    said = b"".join(one.stdout + one.stderr for one in (signed_in, *(run(server[0], tmp_path, *words) for words in asked)))
    for canary in (secret, KEY, "canary-access", "canary-refresh"):
        assert canary.encode() not in said
    kept = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    holding = [path for path, text in kept.items() if "canary" in text or secret in text]
    assert [path.name for path in holding] == ["sign-in.json"]
    assert secret not in kept[holding[0]]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(holding[0].parent.stat().st_mode) == 0o700


def test_only_one_place_writes_to_the_terminal() -> None:
    writers = {
        path.name
        for path in (ROOT / "app" / "cli").glob("*.py")
        if any(way in path.read_text(encoding="utf-8") for way in ("typer.echo(", "\nprint(", " print(", "stream.write(", "BadParameter("))
        or re.search(r"std(out|err)(\.buffer)?\.write\(|secho\(|UsageError\(|typer\.style\(", path.read_text(encoding="utf-8"))
    }
    assert writers == {"terminal.py"}


class Screen(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_names_and_messages_of_steps_do_not_steer_a_terminal() -> None:
    screen = Screen()
    hostile = HOSTILE[:60].replace("\ud800", "") + "\n✓ forged"
    spec = WorkflowSpec(name="x", nodes=(NodeSpec(id="ask", kind="approval", label=hostile),))
    lines = StepLines(spec, screen)
    lines.show(EventType.NODE_FAILED, "ask", "", {"error": {"message": hostile}})
    lines.show(EventType.NODE_WAITING, "ask", hostile, {"reason": "approval", "request": {"title": hostile}}, child=hostile)
    lines.show(EventType.NODE_FINISHED, hostile, "", {"output": hostile})
    told = screen.getvalue()
    assert "gnp.exe" in told
    assert told.count("\n") == 3
    assert not [mark for mark in STEERING if mark in re.sub(r"\x1b\[\d+m(.)\x1b\[0m", r"\1", told)]


def test_what_the_supervisor_says_does_not_steer_a_terminal() -> None:
    screen = Screen()
    console = Console(screen, verbose=True)
    for say in (console.step, console.warn, lambda text: console.refuse(text, text), lambda text: console.child_line("web", text)):
        say(HOSTILE[:60])
    console.box([HOSTILE[:60]])
    told = re.sub(r"\x1b\[[\d;]+m(.*?)\x1b\[0m", r"\1", screen.getvalue())
    assert told.count("gnp.exe") == 6
    assert not [mark for mark in (*STEERING, "\r") if mark in told]


def test_only_marks_of_ours_are_in_colour_and_only_on_a_terminal() -> None:
    screen, pipe = Screen(), io.StringIO()
    for stream in (screen, pipe):
        say_marked("passed", "a\x1b[31mb", colour="green", stream=stream)
    assert (screen.getvalue(), pipe.getvalue()) == ("\x1b[32mpassed\x1b[0m a\ufffd[31mb\n", "passed a\ufffd[31mb\n")


def test_a_key_with_a_line_end_works_and_one_that_cannot_be_sent_is_refused_unseen(
    server: tuple[str, type[Server]], tmp_path: Path
) -> None:
    server[1].answer = enveloped(PAGE)
    assert run(server[0], tmp_path, "agents", "list", "--json", key=f" {KEY}\r\n").returncode == 0
    assert server[1].heard[-1][1] == f"Bearer {KEY}"
    before = len(server[1].heard)
    for key in (f"{KEY}ü", f"{KEY}\r\nX-Other: 1", f"{KEY} {KEY}", f"{KEY}\x7f"):
        ended = run(server[0], tmp_path, "agents", "list", key=key)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert b"Copy it again" in ended.stderr
        assert KEY.encode() not in ended.stderr
    assert len(server[1].heard) == before


RUN = {"id": "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd", "status": "succeeded", "output": "a\r\n👨\u200d👩\u200d👧\u00ad\x1b[1mbold"}


def test_a_result_goes_into_a_pipe_as_it_is(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    over = (200, {"Content-Type": "text/event-stream"}, b"id: 1\nevent: end\ndata: {}\n\n")
    server[1].answer = lambda path: over if "/events" in path or "/stream" in path else enveloped(RUN)
    for words in (("run", RUN["id"], "--wait"), ("test-run", RUN["id"], "--wait")):
        ended = run(server[0], tmp_path, "workflows", *words)
        assert (ended.returncode, ended.stdout.decode()) == (0, RUN["output"] + "\n"), ended
    told = on_a_terminal(server[0], tmp_path, "workflows", "run", RUN["id"], "--wait")
    assert "a\r\n👨\u200d👩\u200d👧\ufffd[1mbold" in told


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    server[1].answer = enveloped({"text": "a,b\r\n"})
    workflow = RUN["id"]
    for words in (("audit", "export"), ("workflows", "export", workflow)):
        for path in (tmp_path / "missing" / "file", tmp_path):
            ended = run(server[0], tmp_path, *words, "-o", str(path))
            assert (ended.returncode, ended.stdout, b"Traceback" in ended.stderr) == (2, b"", False), ended
            assert b"cannot write" in ended.stderr
    assert server[1].heard == []
    kept = tmp_path / "kept.csv"
    kept.write_text("what was there before, and longer")
    assert run(server[0], tmp_path, "audit", "export", "-o", str(kept)).returncode == 0
    assert kept.read_bytes() == b"a,b\r\n"
    server[1].answer = (403, {}, b"{}")
    assert run(server[0], tmp_path, "audit", "export", "-o", str(tmp_path / "new.csv")).returncode == 1
    assert not (tmp_path / "new.csv").exists()
    assert run(server[0], tmp_path, "audit", "export", "-o", str(kept)).returncode == 1
    assert kept.read_bytes() == b"a,b\r\n"


def test_lines_of_a_table_end_plainly_on_a_terminal(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    server[1].answer = enveloped({"text": "a,b\r\nc,d\r\n"})
    assert on_a_terminal(server[0], tmp_path, "audit", "export") == "a,b\r\nc,d\r\n"


def test_changes_are_told_whole_as_json(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    made = {"op": "set_label", "id": "start", "label": "Begin", "revision": 2}
    server[1].answer = enveloped({"revision": 2, "operations": [made]})
    ended = run(server[0], tmp_path, "workflows", "changes", RUN["id"], "1", "--json")
    assert json.loads(ended.stdout)["operations"] == [made]
    assert b'set_label  {"id": "start", "label": "Begin"}' in run(server[0], tmp_path, "workflows", "changes", RUN["id"], "1").stdout


def test_mistakes_of_ones_own_are_not_blamed_on_the_server(server: tuple[str, type[Server]], tmp_path: Path) -> None:
    server[1].answer = enveloped(PAGE)
    broken = tmp_path / "broken.yaml"
    broken.write_bytes(b"name: \xff\xfe")
    for words in (
        ("workflows", "import", str(broken)),
        ("workflows", "import", str(tmp_path / "missing")),
        ("workflows", "create", "x", "-d", f"@{broken}"),
        ("workflows", "create", "x", "-d", "{"),
        ("blueprints", "preview", str(broken)),
        ("schedules", "update", RUN["id"], "-s", '{"id": "another"}'),
    ):
        ended = run(server[0], tmp_path, *words)
        assert (ended.returncode, ended.stdout, b"what this API gives" in ended.stderr) == (2, b"", False), ended
    assert server[1].heard == []
