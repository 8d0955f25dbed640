"""Signing in from programs: short access tokens, refresh tokens that work once, and what happens to copied ones."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, update

from app.wiring import Wiring
from models.user import User, UserSession
from models.workspace import Membership, Role
from tests.support.api import data_of, refusal_of, visitor
from tests.support.clock import FrozenClock

ADA = {"name": "Ada", "email": "ada@example.com", "password": "engine of analysis 9"}
LOGIN = {"email": ADA["email"], "password": ADA["password"]}


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    return visitor(wiring)


def look(client: TestClient, token: str):
    return client.get("/api/v1/agents", headers={"Authorization": f"Bearer {token}"})


def test_register_login_look_and_logout(client: TestClient) -> None:
    data_of(client.post("/api/v1/auth/register", json=ADA))
    pair = data_of(client.post("/api/v1/auth/login", json=LOGIN))
    assert (pair["token_type"], pair["expires_in_s"]) == ("Bearer", 900)
    data_of(look(client, pair["access_token"]))
    data_of(client.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {pair['access_token']}"}))
    assert refusal_of(look(client, pair["access_token"])) == (401, "not_signed_in")
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})) == (401, "refresh_refused")


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: TestClient) -> None:
    data_of(client.post("/api/v1/auth/register", json=ADA))
    wrong = client.post("/api/v1/auth/login", json={**LOGIN, "password": "another one 77"})
    unknown = client.post("/api/v1/auth/login", json={**LOGIN, "email": "nobody@example.com"})
    assert refusal_of(wrong) == refusal_of(unknown) == (401, "sign_in_refused")
    assert wrong.json() == unknown.json()


def test_an_access_token_ends_after_a_quarter_of_an_hour_and_the_next_pair_goes_on(client: TestClient, clock: FrozenClock) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    clock.advance(minutes=15)
    assert refusal_of(look(client, pair["access_token"])) == (401, "not_signed_in")
    following = data_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}))
    data_of(look(client, following["access_token"]))


def test_a_refresh_token_that_comes_twice_ends_the_session_of_both_holders(client: TestClient) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    following = data_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}))
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})) == (401, "refresh_refused")
    assert refusal_of(look(client, following["access_token"])) == (401, "not_signed_in")
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": following["refresh_token"]})) == (401, "refresh_refused")


def test_an_unused_refresh_token_ends_with_its_session(client: TestClient, clock: FrozenClock) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    clock.advance(days=14)
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})) == (401, "refresh_refused")


@pytest.mark.parametrize("token", ["", "x", "afr_", "null", "a" * 200, "\u0000"])
def test_what_is_no_refresh_token_is_refused(client: TestClient, token: str) -> None:
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": token})) == (401, "refresh_refused")


def test_tokens_of_one_kind_do_not_serve_as_another(client: TestClient, wiring: Wiring) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    assert refusal_of(look(client, pair["refresh_token"])) == (401, "not_signed_in")
    assert refusal_of(client.post("/api/v1/auth/refresh", json={"refresh_token": pair["access_token"][:200]})) == (401, "refresh_refused")
    for token in (pair["access_token"], pair["refresh_token"]):
        client.cookies["af_session"] = token
        assert refusal_of(client.get("/api/v1/agents")) == (401, "not_signed_in")
        client.cookies.clear()


@pytest.mark.parametrize("end", ["revoked", "disabled", "removed"])
def test_a_token_is_worth_what_sql_says_now(client: TestClient, wiring: Wiring, clock: FrozenClock, end: str) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    with wiring.unit() as uow:
        connection = uow.session.connection()
        if end == "revoked":
            connection.execute(update(UserSession).values(revoked_at=clock.now()))
        elif end == "disabled":
            connection.execute(update(User).values(disabled_at=clock.now()))
        else:
            connection.execute(Membership.__table__.delete())  # type: ignore[attr-defined]
    assert refusal_of(look(client, pair["access_token"])) == (401, "not_signed_in")


def test_a_demoted_persons_token_has_the_lower_role_at_once(client: TestClient, wiring: Wiring) -> None:
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    with wiring.unit() as uow:
        uow.session.connection().execute(update(Membership).values(role=Role.VIEWER).where(col(Membership.role) == Role.OWNER))
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    assert refusal_of(client.post("/api/v1/agents", json={"name": "A"}, headers=headers)) == (403, "not_allowed")


def test_a_foreign_page_cannot_act_with_the_cookie_but_a_token_needs_no_origin(client: TestClient, wiring: Wiring) -> None:
    site = wiring.settings.public_url
    answer = client.post("/api/v1/auth/sign-up", json=ADA, headers={"Origin": site})
    assert answer.status_code == 201
    for origin in ("https://evil.example", "null", ""):
        headers = {"Origin": origin} if origin else {}
        assert refusal_of(client.post("/api/v1/agents", json={"name": "A"}, headers=headers)) == (403, "foreign_origin")
    data_of(client.post("/api/v1/agents", json={"name": "A"}, headers={"Origin": site}))
