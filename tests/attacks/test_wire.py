"""The real server on the wire: what every answer says to browsers, whose pages may speak to it, where it sends people, what it takes in."""

import contextlib
import http.client
import json
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.attacks.test_socket import HYDRATE, demo_cookie
from tests.support.event_socket import send_events

pytestmark = pytest.mark.xdist_group("socket")  # one server for this file and test_socket.py

FOREIGN = ("https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "")
LEADS_AWAY = ("//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "/%2f%2fevil.example", "@evil.example")
HANDLER = "reflex___state____state.pages___workflows___import_state____import_state.take"


def ask(url: str, method: str, path: str, *, body: bytes = b"", **headers: Any) -> tuple[int, dict[str, str], str]:
    """One request, exactly as written: no redirect is followed and no path is tidied."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        with contextlib.suppress(BrokenPipeError):  # the server has said no and closed its side; its answer is there
            connection.request(method, path, body=body or None, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/healthz", "/docs", "/api/v1/openapi.json", "/api/v1/users/me", "/api/nothing", "/_upload"]
)
def test_every_answer_tells_browsers_to_be_careful(site: tuple[str, Path], path: str) -> None:
    _, headers, _ = ask(site[0], "GET", path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers, "only where people reach the site by https"


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_foreign_page_may_read_an_answer(site: tuple[str, Path], origin: str, method: str) -> None:
    asked = {"Origin": origin, "Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}
    _, headers, _ = ask(site[0], method, "/api/v1/users/me", **dict[str, Any](asked))
    assert headers.get("access-control-allow-origin", "") not in ("*", origin or "*", "null")


@pytest.mark.parametrize("origin", FOREIGN[:4])
def test_no_foreign_page_may_open_the_event_socket(site: tuple[str, Path], origin: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        send_events(site[0], [], cookie=demo_cookie(site[0]), origin=origin)


@pytest.mark.parametrize("wanted", LEADS_AWAY)
def test_nobody_is_sent_away_after_signing_in(site: tuple[str, Path], wanted: str) -> None:
    body = json.dumps({"next": wanted}).encode()
    status, _, answer = ask(site[0], "POST", "/api/v1/auth/demo", body=body, Origin=site[0], Content_Type="application/json")
    assert (status, json.loads(answer)["next"]) == (200, "/")


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%2f%2fevil.example/", "/\\evil.example/", "/api/v1/agents/", "//evil.example/api/v1/agents/"]
)
@pytest.mark.parametrize("host", ["", "evil.example"])
def test_no_path_and_no_host_header_makes_the_server_send_elsewhere(site: tuple[str, Path], path: str, host: str) -> None:
    _, headers, answer = ask(site[0], "GET", path, **dict[str, Any]({"Host": host} if host else {}))
    target = urlsplit(headers.get("location", ""))
    assert target.netloc in ("", urlsplit(site[0]).netloc), headers["location"]
    assert not headers.get("location", "").startswith(("//", "/\\"))
    assert "evil.example" not in answer or headers["content-type"].startswith("application/json")


def multipart(size: int) -> tuple[bytes, str]:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="../../a.html"\r\nContent-Type: text/html\r\n\r\n'
    return head + b"<script>1</script>".ljust(size, b" ") + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def upload(url: str, size: int = 100, tab: str = "t", **headers: str) -> int:
    body, kind = multipart(size)
    named = {"Content_Type": kind, "reflex_client_token": tab, "reflex_event_handler": HANDLER}
    return ask(url, "POST", "/_upload", body=body, **named, **headers)[0]


def test_files_are_taken_from_signed_in_people_on_our_own_pages_only(site: tuple[str, Path]) -> None:
    url, cookie = site[0], demo_cookie(site[0])
    assert upload(url, Origin=url) == 401
    assert upload(url, Origin=url, Cookie="af_session=" + "x" * 43) == 401
    assert upload(url, Origin="https://evil.example", Cookie=cookie) == 403
    assert upload(url, Cookie=cookie) == 403


def test_a_file_acts_for_the_tab_of_its_own_sign_in_alone(site: tuple[str, Path]) -> None:
    url, tab, mine = site[0], str(uuid.uuid4()), demo_cookie(site[0])
    send_events(url, [{"name": HYDRATE}], cookie=mine, token=tab)
    somebody = json.dumps({"name": "Eve", "email": f"{uuid.uuid4().hex}@example.com", "password": "engine of analysis 9"}).encode()
    status, headers, _ = ask(url, "POST", "/api/v1/auth/sign-up", body=somebody, Origin=url, Content_Type="application/json")
    assert status < 300
    theirs = headers["set-cookie"].partition(";")[0]
    assert upload(url, tab=tab, Origin=url, Cookie=theirs) == 403
    assert upload(url, tab=str(uuid.uuid4()), Origin=url, Cookie=mine) == 403
    assert upload(url, tab=tab, Origin=url, Cookie=mine) == 200


@pytest.mark.parametrize("path", ["/_upload/a.html", "/_upload/../uploaded_files/a.html", "/_upload/%2e%2e/%2e%2e/etc/passwd", "/_upload/"])
def test_nothing_is_served_from_where_files_are_taken(site: tuple[str, Path], path: str) -> None:
    status, _, answer = ask(site[0], "GET", path)
    assert (status, "root:" in answer) == (404, False)


def test_the_server_is_well_after_all_this(site: tuple[str, Path]) -> None:
    with urllib.request.urlopen(f"{site[0]}/healthz") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{site[0]}/api/v1/users/me")
