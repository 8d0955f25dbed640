"""The layers around every response: request ids, safe headers, caching, and logs without query strings."""

import logging
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from app.api.addresses import OddAddresses
from app.api.request_log import RequestLog
from app.api.response_headers import ResponseHeaders


async def echo(request: Request) -> PlainTextResponse:
    headers = {"Cache-Control": "no-store"} if "own" in request.query_params else {}
    return PlainTextResponse(request.url.path, headers=headers)


async def fail(_request: Request) -> PlainTextResponse:
    raise RuntimeError("broken")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/api/fail", fail), Route("/{path:path}", echo)]
    return TestClient(RequestLog(ResponseHeaders(Starlette(routes=routes))), raise_server_exceptions=False)


def test_every_response_has_an_id_and_safe_headers(client: TestClient) -> None:
    headers = client.get("/").headers
    assert len(headers["x-request-id"]) == 32
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "img-src 'self' data: blob:;" in headers["content-security-policy"]


def test_browsers_are_told_to_stay_with_tls_only_where_there_is_tls(client: TestClient) -> None:
    assert "strict-transport-security" not in client.get("/").headers
    behind_tls = TestClient(ResponseHeaders(Starlette(routes=[Route("/{path:path}", echo)]), is_tls=True))
    assert behind_tls.get("/").headers["strict-transport-security"] == "max-age=31536000"


def test_a_proxys_id_is_kept_and_a_forged_one_replaced(client: TestClient) -> None:
    assert client.get("/", headers={"x-request-id": "proxy-id-123"}).headers["x-request-id"] == "proxy-id-123"
    assert client.get("/", headers={"x-request-id": 'x"}\t{"event":"forged'}).headers["x-request-id"].isalnum()


def test_hashed_files_last_a_year_and_pages_are_asked_for_again(client: TestClient) -> None:
    assert "immutable" in client.get("/assets/index-a1b2c3.js").headers["cache-control"]
    assert "immutable" in client.get("/fonts/inter-latin.woff2").headers["cache-control"], "a preloaded font is used, not asked for anew"
    assert client.get("/workflows").headers["cache-control"] == "no-cache"
    assert client.get("/workflows?own=1").headers["cache-control"] == "no-store"


def test_the_log_names_path_status_and_time_but_no_query(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="app.http"):
        client.get("/api/v1/runs?token=canary")
    assert "GET /api/v1/runs 200 in" in caplog.text
    assert "canary" not in caplog.text


def test_a_failing_request_is_logged_as_500(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="app.http"):
        assert client.get("/api/fail").status_code == 500
    assert "GET /api/fail 500 in" in caplog.text


@pytest.mark.parametrize("address", ["/runs/abc%00", "/%00", f"/runs/{'a' * 300}", f"/{'%C3%A9' * 200}", "/runs/%ff"])
def test_an_address_that_no_file_could_have_gets_the_products_own_page(tmp_path: Path, address: str) -> None:
    (tmp_path / "404.html").write_text("<main>There is nothing at this address</main>", encoding="utf-8")
    site = TestClient(OddAddresses(StaticFiles(directory=tmp_path, html=True)))
    answer = site.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "nothing at this address" in answer.text
