"""Every route of the API against a visitor without a session: an explicit list is public, and answers hold no traceback or secret."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.api.server import build_api
from app.wiring import Wiring
from tests.support.api import api_over

PUBLIC = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),  # guarded by its own token; open outside production
    ("get", "/api/v1/openapi.json"),
    ("post", "/api/v1/auth/login"),
    ("post", "/api/v1/auth/refresh"),
    ("post", "/api/v1/auth/register"),
    ("post", "/api/v1/auth/register/finish"),
    ("post", "/api/v1/auth/password-reset"),
    ("post", "/api/v1/auth/password-reset/finish"),
    ("post", "/api/v1/auth/verify-email"),
    ("post", "/api/v1/invitations/show"),  # the link is what they show
    *(("get", f"/api/v1/market/{path}") for path in ("shelves", "categories", "listings", "listings/{slug}", "listings/{slug}/reviews")),
    *(("get", f"/api/v1/market/{path}") for path in ("creators/{creator_id}", "trials/{trial_id}")),  # where the marketplace is public
    ("post", "/api/v1/market/listings/{slug}/try"),
    ("post", "/api/v1/auth/sign-up"),
    ("post", "/api/v1/auth/sign-up/finish"),
    ("post", "/api/v1/auth/sign-in"),
    ("post", "/api/v1/auth/demo"),
    ("post", "/api/v1/auth/sign-out"),
    ("post", "/api/v1/auth/workspace"),
    ("post", "/api/v1/auth/forgot-password"),
    ("post", "/api/v1/auth/reset-password"),
    ("post", "/api/v1/auth/second-factor"),
    ("post", "/api/v1/auth/external/{provider}"),
    ("get", "/api/v1/auth/external/{provider}/callback"),
    ("get", "/api/hook-runs/{ticket}"),
    ("post", "/api/payments/events"),  # the gateway's signature is what counts
    ("post", "/api/v1/test-payments/{checkout_id}"),  # the test gateway's own page; takes test cards and no real money
    *((method, f"/api/hooks/{{token}}{end}") for method in ("get", "post", "put", "patch", "delete") for end in ("", "/test")),
}
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"email": null, "password": ["x"], "name": {}}',
    b'{"email": "\\ud800@a.co", "password": "\\u0000ssssssssssss", "name": "\\ud800"}',
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"email": ' + b"9" * 5000 + b"}",
)


@pytest.fixture
def visitor(attacked: Wiring, redis_url: str) -> Iterator[TestClient]:
    assert redis_url, "emptied: what was counted of others is no reason to refuse"
    with TestClient(api_over(attacked), headers={"Origin": attacked.settings.public_url}, raise_server_exceptions=False) as opened:
        yield opened


def routes() -> list[tuple[str, str]]:
    described = build_api().openapi()["paths"]
    return sorted((method, path) for path, methods in described.items() for method in methods)


@pytest.mark.parametrize(("method", "path"), routes())
def test_a_route_is_public_by_the_list_or_asks_for_a_session(visitor: TestClient, method: str, path: str) -> None:
    if (method, path) not in PUBLIC:
        assert visitor.request(method, path.replace("{", "").replace("}", ""), json={}).status_code == 401


WRONG = {"no key": {}, "a wrong key": {"X-API-Key": "af_wrong"}, "a wrong token": {"Authorization": "Bearer wrong"}}
TOO_MUCH = b"[]"  # as the head of the request announces it
SHAPES = {
    "no JSON": b"{",
    "an undecodable byte": b'"\xff"',
    "a number of 5000 digits": b"9" * 5000,
    "brackets in brackets": b"[" * 50_000,
    "too much": TOO_MUCH,
    "wrong fields": b'{"there is": "no such field"}',
    "a list": b"[7]",
}


@pytest.mark.parametrize("shown", WRONG)
@pytest.mark.parametrize("shape", SHAPES)
def test_who_may_not_call_hears_nothing_about_the_body(visitor: TestClient, shape: str, shown: str) -> None:
    length = {"Content-Length": "99999999"} if SHAPES[shape] is TOO_MUCH else {}
    headers = {"Content-Type": "application/json", **WRONG[shown], **length}
    told: dict[tuple[str, str], tuple[int, str]] = {}
    for method, path in routes():
        if (method, path) not in PUBLIC and method not in ("get", "head"):
            answer = visitor.request(method, path.replace("{", "").replace("}", ""), content=SHAPES[shape], headers=headers)
            told[method, path] = answer.status_code, answer.json()["error_code"]
    assert len(told) > 150
    assert {key: answer for key, answer in told.items() if answer != (401, "not_signed_in")} == {}


def test_a_visitor_is_told_what_is_wrong_and_who_shows_a_wrong_key_is_not(visitor: TestClient) -> None:
    path = "/api/v1/market/listings/one/try"
    assert visitor.post(path, content=b"{", headers={"Content-Type": "application/json"}).status_code == 422
    assert visitor.post(path, content=b"{", headers={"Content-Type": "application/json", "X-API-Key": "af_wrong"}).status_code == 401


@pytest.mark.parametrize("path", sorted(path for method, path in PUBLIC if method == "post"))
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body)[:24])
def test_no_body_brings_a_traceback_or_a_server_error(visitor: TestClient, path: str, body: bytes) -> None:
    answer = visitor.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text
