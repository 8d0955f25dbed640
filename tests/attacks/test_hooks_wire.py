"""Webhooks on the real server, with requests that no well-behaved client sends: endless, doubled, slow, oversized."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.core.config import read_settings
from app.core.uow import Actor
from app.services import runs
from app.supervisor.valkey import EmbeddedValkey
from app.views.webhooks import MadeWebhook
from app.wiring import Wiring, build_wiring
from tests.support.backend import backend
from tests.support.hooks import make_webhook, token_of
from tests.support.people import make_member

pytestmark = pytest.mark.xdist_group("hooks_wire")  # one server for the whole file

LARGE = 100 * 1024 * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, valkey_server: EmbeddedValkey) -> Iterator[tuple[str, Wiring]]:
    folder, redis_url = tmp_path_factory.mktemp("hooked"), f"unix://{valkey_server.socket_path}?db=6"
    with backend(folder, redis_url=redis_url) as (url, _):
        wiring = build_wiring(read_settings({"AF_DATA_DIR": str(folder), "REDIS_URL": redis_url}))
        yield url, wiring
        wiring.database.dispose()


@pytest.fixture(scope="module")
def actor(site: tuple[str, Wiring]) -> Actor:
    with site[1].unit() as uow:
        return make_member(uow)


def make(site: tuple[str, Wiring], actor: Actor, **settings: Any) -> MadeWebhook:
    with site[1].unit(actor) as uow:
        return make_webhook(uow, **settings)


def send(url: str, head: str, *pieces: bytes, timeout_s: float = 30.0) -> tuple[int, str, int]:
    """Write a request by hand; returns status, answer and how many bytes of the body the server let in."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=timeout_s) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        written = 0
        try:
            for piece in pieces:
                wire.sendall(piece)
                written += len(piece)
        except OSError:
            pass  # the server has closed its side; its answer may still be there
        answer = b""
        try:
            while piece := wire.recv(65536):
                answer += piece
                if b"\r\n\r\n" in answer and b"}" in answer:
                    break
        except OSError:
            pass
    text = answer.decode("utf-8", "replace")
    return int(text.split(" ")[1]) if text.startswith("HTTP/") else 0, text, written


def head(made: MadeWebhook, *lines: str) -> str:
    own = (f"POST /api/hooks/{token_of(made)} HTTP/1.1", "Host: x", "Connection: close", *lines)
    return "\n".join(own) + "\n\n"


def count_runs(site: tuple[str, Wiring], actor: Actor) -> int:
    with site[1].unit(actor, write=False) as uow:
        return len(runs.list_runs(uow).rows)


def test_a_good_call_is_accepted_on_the_wire(site: tuple[str, Wiring], actor: Actor) -> None:
    body = json.dumps({"name": "Mia"}).encode()
    before = count_runs(site, actor)
    made = make(site, actor)
    status, text, _ = send(site[0], head(made, "Content-Type: application/json", f"Content-Length: {len(body)}"), body)
    assert status == 202, text
    assert count_runs(site, actor) == before + 1


def test_a_hundred_megabytes_are_refused_without_being_taken_in(site: tuple[str, Wiring], actor: Actor) -> None:
    made, piece = make(site, actor), b"x" * 1_048_576
    status, text, written = send(
        site[0], head(made, "Content-Type: text/plain", f"Content-Length: {LARGE}"), *(piece for _ in range(LARGE // len(piece)))
    )
    assert status in (413, 0), text
    assert written < LARGE


def test_an_endless_body_in_chunks_is_cut(site: tuple[str, Wiring], actor: Actor) -> None:
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    status, text, written = send(
        site[0], head(make(site, actor), "Content-Type: text/plain", "Transfer-Encoding: chunked"), *(chunk for _ in range(1600))
    )
    assert status in (413, 0), text
    assert written < LARGE


@pytest.mark.parametrize(
    "lines",
    [
        ("X-Webhook-Secret: {secret}", "X-Webhook-Secret: other"),
        ("X-Webhook-Secret: other", "x-webhook-secret: {secret}"),
        ("X-Webhook-Secret: {secret}", "Content-Type: text/plain"),
    ],
)
def test_a_header_sent_twice_starts_nothing(site: tuple[str, Wiring], actor: Actor, lines: tuple[str, ...]) -> None:
    made, before = make(site, actor, auth="secret"), count_runs(site, actor)
    body = b'{"name": "Mia"}'
    given = [line.format(secret=made.secret) for line in lines]
    status, text, _ = send(site[0], head(made, "Content-Type: application/json", f"Content-Length: {len(body)}", *given), body)
    assert status in (400, 401, 415), text
    assert count_runs(site, actor) == before


def test_a_body_that_never_comes_is_given_up(site: tuple[str, Wiring], actor: Actor) -> None:
    status, text, _ = send(site[0], head(make(site, actor), "Content-Type: application/json", "Content-Length: 100"), b'{"a"', timeout_s=60)
    assert status == 408, text


def test_conflicting_lengths_are_not_understood(site: tuple[str, Wiring], actor: Actor) -> None:
    made, before = make(site, actor), count_runs(site, actor)
    smuggled = head(made, "Content-Type: application/json", "Content-Length: 4", "Transfer-Encoding: chunked")
    status, text, _ = send(site[0], smuggled, b"0\r\n\r\n", b"POST /api/hooks/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert text.count("HTTP/1.1 ") <= 1
    assert status != 202
    assert count_runs(site, actor) == before


def test_the_site_is_well_after_all_this(site: tuple[str, Wiring], actor: Actor) -> None:
    body = b'{"name": "Mia"}'
    status, _, _ = send(site[0], head(make(site, actor), "Content-Type: application/json", f"Content-Length: {len(body)}"), body)
    assert status == 202


def test_the_log_of_the_server_holds_no_address(site: tuple[str, Wiring], actor: Actor) -> None:
    made = make(site, actor)
    send(site[0], head(made, "Content-Type: application/json", "Content-Length: 2"), b"{}")
    log = Path(site[1].settings.data_dir / "web.log").read_text(encoding="utf-8")
    assert "/api/hooks/…" in log
    assert token_of(made) not in log
