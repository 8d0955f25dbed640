"""A secret that a person types into the form of a credential: it reaches the server once, and nothing tells or keeps it in the clear."""

from pathlib import Path
from typing import Any

import redis
from playwright.sync_api import Page, WebSocket, expect

from app.core.config import embedded_redis_socket
from components.shell import SETTINGS
from tests.e2e.test_accounts import sign_up
from tests.e2e.test_connections import SECRET, connect_key
from tests.support.site import Site

NAME = "Customer records"  # of the credential: that it is found shows that the looking finds


def listen(page: Page, sent: list[str], received: list[str]) -> None:
    """Note every frame of every socket of the page."""

    def follow(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))
        socket.on("framereceived", lambda frame: received.append(str(frame)))

    page.on("websocket", follow)


def in_redis(site: Site) -> str:
    """Every value of every key: states of pages, queues, feeds, counts."""
    parts = []
    with redis.Redis(unix_socket_path=str(embedded_redis_socket(site.data_dir))) as client:
        readers: dict[bytes, Any] = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers, b"stream": client.xrange}
        readers |= {b"list": lambda key: client.lrange(key, 0, -1), b"zset": lambda key: client.zrange(key, 0, -1)}
        for key in client.scan_iter(count=1000):
            kind: Any = client.type(key)
            reader: Any = readers.get(kind)
            parts.append(repr((key, reader(key) if reader else None)))
    return "\n".join(parts)


def in_files(folder: Path) -> str:
    """The database with its write-ahead log, and all logs."""
    files = [*folder.glob("agent-factory.db*"), *(folder / "logs").glob("*")]
    return "\n".join(file.read_bytes().decode("latin-1") for file in files if file.is_file())


def test_a_typed_secret_is_in_no_frame_no_page_no_log_and_nothing_that_is_kept(page: Page, site: Site) -> None:
    sent: list[str] = []
    received: list[str] = []
    listen(page, sent, received)
    sign_up(page)
    connect_key(page)
    shown = [page.content()]
    page.get_by_role("button", name=f"Edit {NAME}").click()
    expect(page.get_by_role("dialog").get_by_label("Name", exact=True)).to_have_value(NAME)
    shown.append(page.content())
    page.keyboard.press("Escape")
    for place in SETTINGS:
        page.goto(place.href)
        expect(page.get_by_role("main").locator("[aria-busy=true]")).to_have_count(0)
        shown.append(page.content())
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="JSON").click()
    exported = download.value.path().read_text(encoding="utf-8")
    places = {
        "frames": "\n".join(received),
        "pages": "\n".join(shown),
        "export": exported,
        "Redis": in_redis(site),
        "files": in_files(site.data_dir),
    }
    assert SECRET in "\n".join(sent)
    assert [place for place, text in places.items() if NAME not in text] == []
    assert [place for place, text in places.items() if SECRET in text] == []
