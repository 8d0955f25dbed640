"""Forgotten, reset and changed passwords and the second factor, over HTTP: what they refuse, and that refusals tell nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.services import accounts
from app.services.accounts import totp
from app.services.mail import list_outbox
from app.session import COOKIE
from app.wiring import Wiring
from models.account import AccountTicket, RecoveryCode
from models.user import User, UserSession
from tests.api.test_auth import ADA, client_of, is_signed_in, post
from tests.support.clock import FrozenClock
from tests.support.inviting import last_letter, letters_to, token_in

FRESH = "a wholly other phrase 7"


@pytest.fixture
def client(wiring: Wiring) -> TestClient:
    opened = client_of(wiring)
    post(opened, "sign-up", **ADA)
    return opened


def letter(wiring: Wiring, to: str = ADA["email"]) -> str:
    with wiring.unit(write=False) as uow:
        return last_letter(uow, to)


def forgotten(client: TestClient, wiring: Wiring) -> str:
    post(client, "forgot-password", email=ADA["email"])
    return token_in(letter(wiring))


def sign_in(client: TestClient, password: str = ADA["password"]) -> Any:
    return post(client, "sign-in", email=ADA["email"], password=password)


def test_a_forgotten_password_is_reset_once_and_every_session_ends(client: TestClient, wiring: Wiring) -> None:
    before = client.cookies[COOKIE]
    token = forgotten(client, wiring)
    assert post(client, "reset-password", token=token, password=FRESH).json() == {"next": "/sign-in?reset=1"}
    assert not is_signed_in(wiring, before)
    assert sign_in(client).status_code == 401
    assert sign_in(client, FRESH).status_code == 200
    again = post(client, "reset-password", token=token, password="yet another phrase 8")
    assert (again.status_code, again.json()["error_code"]) == (404, "ticket_over")
    assert sign_in(client, FRESH).status_code == 200
    assert "was changed" in letter(wiring)


def test_known_and_unknown_addresses_are_answered_alike(client: TestClient, wiring: Wiring) -> None:
    answers = [post(client, "forgot-password", email=email) for email in (ADA["email"], "nobody@example.com", "not an address")]
    assert {(a.status_code, a.text) for a in answers} == {(202, '{"next":"/forgot-password?sent=1"}')}
    with wiring.unit(write=False) as uow:
        assert letters_to(uow, "nobody@example.com") == 0


@pytest.mark.parametrize("token", [None, "", [], {}, 0, "null", "x" * 43, "\x00" * 43, "%00", "é" * 43])
def test_no_made_up_ticket_resets_anything(client: TestClient, wiring: Wiring, token: object) -> None:
    forgotten(client, wiring)
    answer = post(client, "reset-password", token=token, password=FRESH)
    assert answer.status_code in (404, 422)
    assert sign_in(client).status_code == 200


def test_a_missing_ticket_resets_nothing(client: TestClient, wiring: Wiring) -> None:
    forgotten(client, wiring)
    assert post(client, "reset-password", password=FRESH).status_code == 404


def test_a_ticket_ends_after_an_hour_with_a_new_one_and_with_the_address(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    first = forgotten(client, wiring)
    second = forgotten(client, wiring)
    assert post(client, "reset-password", token=first, password=FRESH).status_code == 404
    with wiring.unit() as uow:
        uow.session.exec(select(User)).one().email_key = "moved@example.com"
    assert post(client, "reset-password", token=second, password=FRESH).status_code == 404
    with wiring.unit() as uow:
        uow.session.exec(select(User)).one().email_key = "ada@example.com"
    clock.advance(seconds=3601)
    assert post(client, "reset-password", token=second, password=FRESH).status_code == 404


def test_a_ticket_of_another_purpose_resets_nothing(client: TestClient, wiring: Wiring) -> None:
    with wiring.unit(write=False) as uow:
        verification = next(one.text for one in list_outbox(uow, address="127.0.0.1") if "confirm" in one.text)
    assert post(client, "reset-password", token=token_in(verification), password=FRESH).status_code == 404


def test_a_weak_password_leaves_the_ticket_good(client: TestClient, wiring: Wiring) -> None:
    token = forgotten(client, wiring)
    weak = post(client, "reset-password", token=token, password="password123")
    assert set(weak.json()["field_errors"]) == {"password"}
    assert post(client, "reset-password", token=token, password=FRESH).status_code == 200


def test_the_letter_leads_to_the_configured_address_whatever_the_host_header_says(client: TestClient, wiring: Wiring) -> None:
    body = {"email": ADA["email"]}
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    client.post("/api/v1/auth/forgot-password", json=body, headers=headers)
    assert "evil" not in letter(wiring)
    assert f"{wiring.settings.public_url}/reset-password?token=" in letter(wiring)


def test_letters_to_one_address_are_limited(client: TestClient, wiring: Wiring) -> None:
    statuses = [post(client, "forgot-password", email=ADA["email"]).status_code for _ in range(7)]
    assert statuses == [202] * 5 + [429] * 2


def test_the_ticket_is_kept_as_a_hash(client: TestClient, wiring: Wiring) -> None:
    token = forgotten(client, wiring)
    with wiring.unit(write=False) as uow:
        kept = [row.token_hash for row in uow.session.exec(select(AccountTicket))]
    assert token not in kept
    assert accounts.hash_token(token) in kept


def test_changing_the_password_rotates_the_session_and_ends_the_others(client: TestClient, wiring: Wiring) -> None:
    other = client_of(wiring)
    sign_in(other)
    before = client.cookies[COOKIE]
    wrong = post(client, "change-password", current="not it at all", password=FRESH)
    assert set(wrong.json()["field_errors"]) == {"current"}
    assert is_signed_in(wiring, before)
    assert post(client, "change-password", current=ADA["password"], password=FRESH).status_code == 200
    assert client.cookies[COOKIE] != before
    assert is_signed_in(wiring, client.cookies[COOKIE])
    assert not is_signed_in(wiring, before)
    assert not is_signed_in(wiring, other.cookies[COOKIE])


def test_a_visitor_changes_no_password(client: TestClient, wiring: Wiring) -> None:
    answer = post(client_of(wiring), "change-password", current=ADA["password"], password=FRESH)
    assert answer.status_code == 401


def with_app(wiring: Wiring, clock: FrozenClock) -> tuple[bytes, tuple[str, ...]]:
    """Set an authenticator app up for Ada; returns its secret and the recovery codes."""
    with wiring.unit() as uow:
        session = uow.session.exec(select(UserSession)).first()
        assert session is not None
        user = uow.session.get_one(User, session.user_id)
        uow.actor = accounts.resolve_actor(uow, token=accounts.open_session(uow, credentials=_of(user)).token)
        accounts.begin_totp(uow)
        secret = uow.ports.box.open(user.totp_sealed or "", context=f"totp:{user.id}")
        codes = accounts.enable_totp(uow, code=totp.code_at(secret, int(clock.now().timestamp()) // 30))
    clock.advance(seconds=60)
    return secret, codes


def _of(user: User) -> accounts.Credentials:
    return accounts.Credentials(user_id=user.id, password_hash=user.password_hash or "")


def code_now(secret: bytes, clock: FrozenClock) -> str:
    return totp.code_at(secret, int(clock.now().timestamp()) // 30)


def test_with_an_app_the_password_alone_opens_nothing(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    secret, _ = with_app(wiring, clock)
    fresh = client_of(wiring)
    answer = post(fresh, "sign-in", email=ADA["email"], password=ADA["password"], next="/runs")
    assert answer.json() == {"next": "/sign-in/code?next=/runs"}
    assert COOKIE not in fresh.cookies
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert post(fresh, "second-factor", code="000000").status_code == 422
    assert COOKIE not in fresh.cookies
    done = post(fresh, "second-factor", code=code_now(secret, clock), next="/runs")
    assert done.json() == {"next": "/runs"}
    assert is_signed_in(wiring, fresh.cookies[COOKIE])


def test_a_code_is_good_once(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    secret, _ = with_app(wiring, clock)
    code = code_now(secret, clock)
    statuses = []
    for _ in range(2):
        fresh = client_of(wiring)
        sign_in(fresh)
        statuses.append(post(fresh, "second-factor", code=code).status_code)
    assert statuses == [200, 422]


def test_a_recovery_code_is_good_once(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    _, codes = with_app(wiring, clock)
    statuses = []
    for _ in range(2):
        fresh = client_of(wiring)
        sign_in(fresh)
        statuses.append(post(fresh, "second-factor", code=codes[0].upper()).status_code)
    assert statuses == [200, 422]
    with wiring.unit(write=False) as uow:
        kept = {row.code_hash for row in uow.session.exec(select(RecoveryCode))}
    assert len(kept) == 10
    assert not kept & set(codes)


def test_after_five_codes_the_password_is_asked_again(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    secret, _ = with_app(wiring, clock)
    fresh = client_of(wiring)
    sign_in(fresh)
    statuses = [post(fresh, "second-factor", code=f"00000{n}").status_code for n in range(5)]
    assert statuses == [422] * 5
    assert post(fresh, "second-factor", code=code_now(secret, clock)).status_code == 404
    assert COOKIE not in fresh.cookies


def test_a_code_without_the_tickets_cookie_opens_nothing(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    secret, _ = with_app(wiring, clock)
    assert post(client_of(wiring), "second-factor", code=code_now(secret, clock)).status_code == 404


def test_a_reset_password_does_not_pass_by_the_app(client: TestClient, wiring: Wiring, clock: FrozenClock) -> None:
    with_app(wiring, clock)
    post(client, "reset-password", token=forgotten(client, wiring), password=FRESH)
    fresh = client_of(wiring)
    assert sign_in(fresh, FRESH).json()["next"].startswith("/sign-in/code")
    assert COOKIE not in fresh.cookies


@pytest.mark.parametrize("route", ["forgot-password", "reset-password", "change-password", "second-factor"])
def test_a_foreign_page_cannot_post_there(client: TestClient, route: str) -> None:
    body = {"email": ADA["email"], "token": "x", "current": "x", "password": FRESH, "code": "1"}
    answer = client.post(f"/api/v1/auth/{route}", json=body, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "foreign_origin")
