"""Commands that follow a stream, `agents try` and `runs follow`, in front of servers and ids that mean no good."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.cli import remote
from app.wiring import Wiring
from tests.attacks.commands import root
from tests.attacks.test_private_things import AGENT, CANARY, NAME, make_private, stranger
from tests.support.api import key_of, visitor
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("command_line")

Shell = Callable[..., tuple[int, str, str]]
RUN = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
FOLLOW = ("runs", "follow", RUN)
TRY = ("agents", "try", "Hello", "-d", '{"name": "x"}')
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m‮\x00\r"
FORBIDDEN = ("\x1b", "\x07", "\x9b", "‮", "\x00")
HOSTILE = (
    "../../users/me",
    "..",
    "x/../../keys",
    "a?b=c",
    "x#y",
    "%2e%2e%2f",
    "\u202e",
    "a b",
    "'; drop table run; --",
    "x" * 3000,
    "\x1b[2J",
    "-1",
)


def event(kind: str, body: object, id: str = "") -> bytes:
    """One event of a stream as it travels."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {kind}\ndata: {json.dumps(body)}\n\n".encode()


def row(seq: int, node: str = "start") -> dict[str, Any]:
    return {"seq": seq, "node": node, "iteration": ""}


def end(status: str = "succeeded", message: str = "") -> bytes:
    return event("end", {"status": status, "error_message": message})


class Street:
    """A server on loopback that answers every stream with the same bytes and every POST with a turn; `asked` are the paths."""

    def __init__(self, pieces: bytes, *, turn: object = None, then: Callable[[], object] = lambda: None) -> None:
        self.asked: list[str] = []
        turned = {"conversation_id": RUN, "user_message_id": RUN, "message_id": RUN, "stream": "/api/v1/the-stream"}
        answer = json.dumps({"data": turned if turn is None else turn}).encode()
        street = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                street.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.write(pieces)
                self.wfile.flush()
                then()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def opened(self) -> Generator["Street"]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name, value in {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def run(*words: str, url: str, key: str = "af_x") -> tuple[int, str, str]:
        monkeypatch.setenv("AF_URL", url)
        monkeypatch.setenv("AF_API_KEY", key)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            root().main(args=list(words), prog_name="agent-factory")
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert not [sign for sign in FORBIDDEN if sign in told.out + told.err], (told.out, told.err)
        return int(ending.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def site(wiring: Wiring) -> Iterator[Street]:
    """The assembled API behind a real port: what it answers to a stream is what the client hears."""
    inside = visitor(wiring)
    street = Street(b"")

    class Passing(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            street.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answered = inside.request(self.command, self.path, content=body, headers=dict(self.headers.items()))
            self.send_response(answered.status_code)
            self.send_header("Content-Type", answered.headers["content-type"])
            self.send_header("Content-Length", str(len(answered.content)))
            self.end_headers()
            self.wfile.write(answered.content)

        do_GET = do_POST = _pass  # noqa: N815 - the names that the server asks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    street.server.RequestHandlerClass = Passing
    with street.opened():
        yield street


def test_a_journal_is_followed_to_its_end(shell: Shell) -> None:
    with Street(event("run_started", row(1), "1") + end()).opened() as street:
        assert shell(*FOLLOW, url=street.url)[0] == 0
        assert shell("runs", "follow", RUN, "--json", url=street.url)[0] == 0


@pytest.mark.parametrize("command", [FOLLOW, TRY])
@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_what_is_streamed_does_not_steer_the_terminal(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], as_json: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)  # into pipes documents go as they are
    told = event("node_started", row(1, EVIL), "1") + event("text", {"delta": EVIL}) + event(EVIL.strip().replace("\r", ""), row(2))
    if command is TRY:
        told = event("text", {"delta": EVIL}) + event("message", {"status": "failed", "content": EVIL, "error_message": EVIL})
    else:
        told = event("node_started", row(1, EVIL), "1") + end("failed", EVIL)
    with Street(told).opened() as street:
        code, out, err = shell(*command, *as_json, url=street.url)
    assert (code, bool(out + err)) == (remote.FAILED, True)


@pytest.mark.parametrize("command", [FOLLOW, TRY])
def test_a_stream_that_is_cut_ends_as_unreachable(shell: Shell, command: tuple[str, ...]) -> None:
    pieces = event("run_started", row(1), "1") if command is FOLLOW else event("text", {"delta": "Half a"})
    with Street(pieces + b'event: end\ndata: {"status": "succ').opened() as street:
        code, _, err = shell(*command, url=street.url)
    assert (code, "The stream broke" in err) == (remote.UNREACHABLE, True), err
    assert len(street.asked) > 1, "it went on where it was before it gave up"


def test_a_server_that_dies_in_the_stream_is_told_as_away(shell: Shell) -> None:
    street = Street(b": beat\n\n", then=lambda: street.server.socket.close())
    with street.opened():
        code, _, err = shell(*FOLLOW, url=street.url)
    assert (code, bool(err)) == (remote.UNREACHABLE, True)


@pytest.mark.parametrize("command", [FOLLOW, TRY])
@pytest.mark.parametrize("data", [b"{", b"[]", b"null", b"7", b'"x"', b"{}", b"[" * 50_000, b"\xff\xfe", b'{"status": {}}'])
@pytest.mark.parametrize("kind", [b"end", b"message", b"text", b"error"])
def test_an_event_of_another_shape_is_no_success_and_no_traceback(shell: Shell, command: tuple[str, ...], data: bytes, kind: bytes) -> None:
    last = (
        event("end", {"status": "failed", "error_message": ""})
        if command is FOLLOW
        else event("message", {"status": "failed", "content": "", "error_message": "x"})
    )
    with Street(b"event: " + kind + b"\ndata: " + data + b"\n\n" + last).opened() as street:
        code, _, _ = shell(*command, url=street.url)
    assert code in (remote.REFUSED, remote.FAILED)


@pytest.mark.parametrize("stream", ["http://elsewhere.example/x", "//elsewhere.example/x", "x", "", None, 7, ["/x"]])
def test_a_stream_is_followed_nowhere_else(shell: Shell, stream: object) -> None:
    with Street(end(), turn={"stream": stream}).opened() as street:
        code, out, err = shell(*TRY, url=street.url)
    assert (code, out, bool(err), street.asked) == (remote.REFUSED, "", True, [])


@pytest.mark.parametrize("id", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_id_reaches_no_other_route(shell: Shell, site: Street, wiring: Wiring, id: str) -> None:
    made = make_private(wiring)
    code, out, err = shell("runs", "follow", "--", id, url=site.url, key=key_of(wiring, made.maker))
    assert (code in (remote.REFUSED, remote.WRONG), out, bool(err)) == (True, "", True)
    assert all(path.startswith("/api/v1/runs/") and ".." not in path.split("/") for path in site.asked), site.asked


@pytest.mark.parametrize("who", ["stranger", "colleague"])
def test_a_run_of_others_is_followed_like_one_that_is_not_there(shell: Shell, site: Street, wiring: Wiring, who: str) -> None:
    made = make_private(wiring)
    key = key_of(wiring, made.colleague if who == "colleague" else stranger(made))
    found, absent = (shell("runs", "follow", one, url=site.url, key=key) for one in (made.ids["run_id"], RUN))
    assert found == absent
    assert (found[0], found[1]) == (remote.REFUSED, "")
    assert not [word for word in (NAME, AGENT, CANARY) if word in found[2]]


AT_A_TERMINAL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background inherits that Ctrl-C is ignored
runpy.run_module("app.cli", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("command", [FOLLOW, TRY])
def test_ctrl_c_ends_a_stream_with_the_code_of_an_interruption(tmp_path: Path, command: tuple[str, ...]) -> None:
    let_go = threading.Event()
    beat = event("run_started", row(1), "1") if command is FOLLOW else event("text", {"delta": "Half a"})
    with Street(beat, then=lambda: let_go.wait(60)).opened() as street:
        environment = {**os.environ, "AF_URL": street.url, "AF_API_KEY": "af_x", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        start = [sys.executable, "-c", AT_A_TERMINAL, *command]
        with subprocess.Popen(start, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
            try:
                until(lambda: street.asked)
                started.send_signal(signal.SIGINT)
                _, err = started.communicate(timeout=60)
            finally:
                started.kill()
                let_go.set()
    assert (started.returncode, b"Traceback" in err) == (130, False), err
