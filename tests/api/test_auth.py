"""The cookie routes: what they set, what they refuse, and that refusals tell nothing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.adapters.rate_limits import SlidingRateLimiter
from app.core.config import read_settings
from app.services.accounts import resolve_actor
from app.services.audit import list_entries
from app.services.seed import seed_demo
from app.session import COOKIE
from app.wiring import Wiring
from models.user import User, UserSession
from tests.support.api import api_over

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "password": "engine of analysis 9"}


def client_of(wiring: Wiring, **settings: Any) -> TestClient:
    changed = replace(wiring, settings=replace(wiring.settings, **settings))
    return TestClient(api_over(changed), headers={"Origin": changed.settings.public_url})


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    return client_of(wiring)


def post(client: TestClient, route: str, **values: object) -> Any:
    return client.post(f"/api/v1/auth/{route}", json=values)


def is_signed_in(wiring: Wiring, token: str | None) -> bool:
    with wiring.unit(write=False) as uow:
        return resolve_actor(uow, token=token or "") is not None


def test_signing_up_signs_in_with_a_cookie_scripts_cannot_read(client: TestClient, wiring: Wiring) -> None:
    answer = post(client, "sign-up", **ADA, next="/templates")
    assert (answer.status_code, answer.json()) == (201, {"next": "/templates"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert is_signed_in(wiring, client.cookies[COOKIE])


def test_the_cookie_is_secure_where_the_site_is(wiring: Wiring) -> None:
    answer = post(client_of(wiring, public_url="https://agents.example"), "sign-up", **ADA)
    assert "Secure" in answer.headers["set-cookie"]


def test_signing_in_rotates_the_token(client: TestClient, wiring: Wiring) -> None:
    post(client, "sign-up", **ADA)
    before = client.cookies[COOKIE]
    assert post(client, "sign-in", email="ADA@example.com ", password=ADA["password"]).status_code == 200
    assert client.cookies[COOKIE] != before
    assert not is_signed_in(wiring, before)


def test_a_cookie_planted_before_signing_in_is_worthless_afterwards(client: TestClient, wiring: Wiring) -> None:
    post(client, "sign-up", **ADA)
    planted = "p" * 43
    client.cookies.set(COOKIE, planted)
    post(client, "sign-in", email=ADA["email"], password=ADA["password"])
    assert not is_signed_in(wiring, planted)


def test_wrong_password_and_unknown_address_are_answered_alike(client: TestClient) -> None:
    post(client, "sign-up", **ADA)
    wrong = post(client, "sign-in", email=ADA["email"], password="not the password")
    unknown = post(client, "sign-in", email="nobody@example.com", password="not the password")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json()) == (401, wrong.json())
    assert "set-cookie" not in wrong.headers
    assert wrong.json()["detail"] == "The e-mail address or the password is not right."


def test_mistakes_are_told_field_by_field(client: TestClient) -> None:
    answer = post(client, "sign-up", name="", email="ada", password="short")
    assert answer.status_code == 422
    assert set(answer.json()["field_errors"]) == {"name", "email", "password"}


def test_endless_values_hide_no_other_mistake_and_are_told_in_plain_words(client: TestClient) -> None:
    told = post(client, "sign-up", name="a" * 5000, email="not an address", password="short").json()["field_errors"]
    assert told["name"] == "Use at most 80 characters."
    assert "name@example.com" in told["email"]
    assert "at least 10 characters" in told["password"]
    endless = post(client, "sign-up", name="Ada", email="ada@example.com", password="long words " * 500).json()["field_errors"]
    assert endless == {"password": "Use at most 128 characters."}


def test_trying_out_which_addresses_have_accounts_is_stopped_soon(client: TestClient) -> None:
    post(client, "sign-up", **ADA)
    statuses = [post(client, "sign-up", **ADA).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_what_was_left_empty_is_named_without_a_guess_being_counted(client: TestClient) -> None:
    answers = [post(client, "sign-in", email=" ", password="") for _ in range(12)]
    assert [a.status_code for a in answers] == [422] * 12
    assert answers[-1].json()["field_errors"] == {"email": "Enter your e-mail address.", "password": "Enter your password."}


def test_guessing_is_limited_and_says_when_to_come_back(client: TestClient) -> None:
    answers = [post(client, "sign-in", email="ada@example.com", password=f"guess number {n}") for n in range(11)]
    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert "minute" in answers[-1].json()["detail"]


def test_signing_in_works_while_redis_is_away(wiring: Wiring, tmp_path: Path) -> None:
    alone = replace(wiring, ports=replace(wiring.ports, limiter=SlidingRateLimiter(f"unix://{tmp_path}/nothing.sock")))
    client = client_of(alone)
    post(client, "sign-up", **ADA)
    assert post(client, "sign-in", email=ADA["email"], password=ADA["password"]).status_code == 200
    statuses = [post(client, "sign-in", email=ADA["email"], password="wrong password").status_code for _ in range(10)]
    assert statuses[-1] == 429


@pytest.mark.parametrize("route", ["sign-up", "sign-in", "demo", "sign-out"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Content-Type": "text/plain"}]
)
def test_a_foreign_page_can_neither_sign_in_nor_out(client: TestClient, wiring: Wiring, route: str, headers: dict[str, str]) -> None:
    post(client, "sign-up", **ADA)
    token = client.cookies[COOKIE]
    content = '{"name":"a","email":"ada@example.com","password":"engine of analysis 9"}'
    answer = client.post(f"/api/v1/auth/{route}", content=content, headers={"Content-Type": "application/json"} | headers)
    assert answer.status_code in (403, 422)  # 422: FastAPI does not even read another content type
    assert "set-cookie" not in answer.headers
    assert is_signed_in(wiring, token)


@pytest.mark.parametrize("route", ["sign-up", "sign-in", "demo", "sign-out"])
def test_a_link_or_image_can_do_nothing(client: TestClient, route: str) -> None:
    assert client.get(f"/api/v1/auth/{route}").status_code in (404, 405)


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "/%2f%2fevil", "@evil"]
)
def test_a_sign_in_link_cannot_lead_away(client: TestClient, wanted: str) -> None:
    post(client, "sign-up", **ADA)
    assert post(client, "sign-in", email=ADA["email"], password=ADA["password"], next=wanted).json() == {"next": "/"}


@pytest.mark.parametrize(
    "values",
    [
        {"email": "ada@example.com", "password": "x" * 1_000_000},
        {"email": "ada@example.com\x00", "password": "engine\x00"},
        {"email": "\ud800", "password": "\udfff"},
        {"email": ["ada@example.com"], "password": {"$ne": ""}},
        {"email": None, "password": None},
        {"email": True, "password": 7},
        {},
    ],
)
def test_hostile_values_are_refused_politely(client: TestClient, values: dict[str, object]) -> None:
    post(client, "sign-up", **ADA)
    answer = client.post(
        "/api/v1/auth/sign-in",
        content=json.dumps(values).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (401, 422)
    assert len(answer.content) < 2000


def test_fields_nobody_asked_for_change_nothing(client: TestClient, wiring: Wiring) -> None:
    extra = {"is_demo": True, "id": "0" * 32, "role": "owner", "workspace_id": "0" * 32, "password_hash": "x", "disabled_at": None}
    post(client, "sign-up", **ADA, **extra)
    with wiring.unit(write=False) as uow:
        user = uow.session.exec(select(User)).one()
        assert not user.is_demo
        assert user.id.hex != "0" * 32


def test_signing_out_ends_the_session_and_removes_the_cookie(client: TestClient, wiring: Wiring) -> None:
    post(client, "sign-up", **ADA)
    token = client.cookies[COOKIE]
    answer = post(client, "sign-out")
    assert answer.json() == {"next": "/sign-in"}
    assert COOKIE not in client.cookies
    assert not is_signed_in(wiring, token)
    assert post(client, "sign-out").status_code == 200


def test_the_demo_account_needs_no_password(client: TestClient, wiring: Wiring) -> None:
    assert post(client, "demo").status_code == 401
    wiring.call(seed_demo, None)
    assert post(client, "demo").json() == {"next": "/"}
    assert is_signed_in(wiring, client.cookies[COOKIE])


def test_there_is_no_demo_account_in_production(wiring: Wiring) -> None:
    wiring.call(seed_demo, None)
    production = replace(wiring, ports=replace(wiring.ports, demo_account_allowed=False))
    assert not production.call(seed_demo, None)
    assert post(client_of(production), "demo").status_code == 401
    assert read_settings({"AF_ENV": "production", "AF_SECRET_KEY": "k" * 32}).is_production


def test_where_a_session_came_from_is_kept(client: TestClient, wiring: Wiring) -> None:
    client.headers["User-Agent"] = "Browser/1.0 \x07" + "x" * 600
    post(client, "sign-up", **ADA)
    with wiring.unit(write=False) as uow:
        kept = uow.session.exec(select(UserSession.user_agent)).one()
    assert kept.startswith("Browser/1.0")
    assert len(kept) <= 400


def test_a_wrong_password_is_told_in_the_audit_trail_of_the_workspace(client: TestClient, wiring: Wiring) -> None:
    post(client, "sign-up", **ADA)
    post(client, "sign-in", email=ADA["email"], password="not the right one")
    post(client, "sign-in", email="nobody@example.com", password="not the right one")
    with wiring.unit(write=False) as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        (knock,) = list_entries(uow, filters={"outcome": "denied"}).rows
    assert (knock.what, knock.name, knock.note, knock.actor_kind) == ("Sign in", "Ada Lovelace", "The password was not right.", "visitor")
