"""One's own account over the API: password, authenticator app, sessions, letters; for who is signed in, never for a key."""

import base64

import pytest
from fastapi.testclient import TestClient

from app.services.accounts import totp
from app.wiring import Wiring
from tests.support.api import caller, data_of, person, refusal_of, visitor
from tests.support.clock import FrozenClock
from tests.support.inviting import last_letter, letters_to, token_in

ADA = {"name": "Ada", "email": "ada@example.com", "password": "engine of analysis 9"}
LOGIN = {"email": ADA["email"], "password": ADA["password"]}
FRESH = "a wholly other phrase 7"
ME = "/api/v1/users/me"
PRIVATE = (
    ("get", f"{ME}/account", None),
    ("post", f"{ME}/password", {"current": ADA["password"], "password": FRESH}),
    ("post", f"{ME}/verification", None),
    ("get", f"{ME}/sessions", None),
    ("delete", f"{ME}/sessions", None),
    ("post", f"{ME}/totp", None),
    ("post", f"{ME}/totp/confirm", {"code": "123456"}),
    ("post", f"{ME}/totp/disable", {"code": "123456"}),
    ("get", f"{ME}/recovery-codes", None),
    ("post", f"{ME}/recovery-codes", {"code": "123456"}),
    ("get", f"{ME}/identities", None),
    ("delete", f"{ME}/identities/0198c3f0-aaaa-7bbb-8ccc-dddddddddddd", None),
    ("post", "/api/v1/invitations/accept", {"token": "x" * 43}),
    ("post", "/api/v1/invitations/decline", {"token": "x" * 43}),
    ("post", "/api/v1/workspaces/current/leave", {}),
)


def enter(client: TestClient, pair: dict[str, str]) -> TestClient:
    client.headers["Authorization"] = f"Bearer {pair['access_token']}"
    return client


@pytest.fixture
def ada(wiring: Wiring) -> TestClient:
    client = visitor(wiring)
    return enter(client, data_of(client.post("/api/v1/auth/register", json=ADA)))


def login(wiring: Wiring, **more: str):
    return visitor(wiring).post("/api/v1/auth/login", json={**LOGIN, **more})


def letter(wiring: Wiring) -> str:
    with wiring.unit(write=False) as uow:
        return last_letter(uow, ADA["email"])


def code_of(secret: str, clock: FrozenClock) -> str:
    clock.advance(seconds=30)  # a step counts once
    return totp.code_at(base64.b32decode(secret), int(clock.now().timestamp()) // 30)


@pytest.mark.parametrize(("method", "path", "body"), PRIVATE)
def test_a_key_with_every_scope_of_its_person_is_refused(wiring: Wiring, method: str, path: str, body: object) -> None:
    answer = caller(wiring, person(wiring)).request(method, path, json=body)
    assert refusal_of(answer) == (403, "person_needed")


def test_a_changed_password_ends_every_other_sign_in_and_goes_on_here(wiring: Wiring, ada: TestClient) -> None:
    other = enter(visitor(wiring), data_of(login(wiring)))
    wrong = ada.post(f"{ME}/password", json={"current": "not the password", "password": FRESH})
    assert (refusal_of(wrong), set(wrong.json()["field_errors"])) == ((422, "wrong_password"), {"current"})
    weak = ada.post(f"{ME}/password", json={"current": ADA["password"], "password": "short"})
    assert (refusal_of(weak)[0], set(weak.json()["field_errors"])) == (422, {"password"})
    data_of(other.get(ME))
    answer = ada.post(f"{ME}/password", json={"current": ADA["password"], "password": FRESH})
    assert answer.headers["cache-control"] == "no-store"
    assert refusal_of(other.get(ME)) == refusal_of(ada.get(ME)) == (401, "not_signed_in")
    data_of(enter(ada, data_of(answer)).get(ME))
    assert refusal_of(login(wiring)) == (401, "sign_in_refused")
    data_of(login(wiring, password=FRESH))
    assert "was changed" in letter(wiring)


def test_a_forgotten_password_is_reset_by_its_letter_and_nobody_learns_who_has_an_account(wiring: Wiring, ada: TestClient) -> None:
    program = visitor(wiring)
    answers = [program.post("/api/v1/auth/password-reset", json={"email": email}) for email in (ADA["email"], "nobody@example.com")]
    assert len({(one.status_code, one.json()["message"]) for one in answers}) == 1
    token = token_in(letter(wiring))
    reset = {"token": token, "password": FRESH}
    assert refusal_of(program.post("/api/v1/auth/password-reset/finish", json={**reset, "password": "short"}))[0] == 422
    data_of(program.post("/api/v1/auth/password-reset/finish", json=reset))
    assert refusal_of(ada.get(ME)) == (401, "not_signed_in")
    assert refusal_of(program.post("/api/v1/auth/password-reset/finish", json=reset)) == (404, "ticket_over")
    data_of(login(wiring, password=FRESH))


def test_two_factor_sign_in_is_set_up_asked_for_and_taken_off(wiring: Wiring, ada: TestClient, clock: FrozenClock) -> None:
    setup = ada.post(f"{ME}/totp")
    assert setup.headers["cache-control"] == "no-store"
    secret = data_of(setup)["secret"]
    assert refusal_of(ada.post(f"{ME}/totp/confirm", json={"code": "000000"})) == (422, "wrong_code")
    codes = data_of(ada.post(f"{ME}/totp/confirm", json={"code": code_of(secret, clock)}))["codes"]
    assert data_of(ada.get(f"{ME}/account"))["has_totp"] is True
    assert refusal_of(login(wiring)) == (401, "second_factor_needed")
    assert refusal_of(login(wiring, password="not the password", code=code_of(secret, clock))) == (401, "sign_in_refused")
    assert refusal_of(login(wiring, code="000000")) == (422, "wrong_code")
    used = code_of(secret, clock)
    data_of(login(wiring, code=used))
    assert refusal_of(login(wiring, code=used)) == (422, "wrong_code")
    data_of(login(wiring, code=codes[0]))
    assert data_of(ada.get(f"{ME}/recovery-codes"))["left"] == 9
    fresh = data_of(ada.post(f"{ME}/recovery-codes", json={"code": code_of(secret, clock)}))["codes"]
    assert not set(fresh) & set(codes)
    data_of(ada.post(f"{ME}/totp/disable", json={"code": fresh[0]}))
    data_of(login(wiring))


def test_codes_cannot_be_tried_out_with_a_known_password(wiring: Wiring, ada: TestClient, clock: FrozenClock) -> None:
    secret = data_of(ada.post(f"{ME}/totp"))["secret"]
    data_of(ada.post(f"{ME}/totp/confirm", json={"code": code_of(secret, clock)}))
    codes = {refusal_of(login(wiring, code=f"{number:06}"))[1] for number in range(12)}
    assert codes == {"wrong_code", "limit_reached"}


def test_every_session_but_this_one_is_ended(wiring: Wiring, ada: TestClient) -> None:
    others = [enter(visitor(wiring), data_of(login(wiring))) for _ in range(2)]
    assert data_of(ada.delete(f"{ME}/sessions")) == {"ended": 2}
    assert {refusal_of(one.get(ME)) for one in others} == {(401, "not_signed_in")}
    assert [one["is_current"] for one in data_of(ada.get(f"{ME}/sessions"))["items"]] == [True]


def test_an_address_is_confirmed_by_its_letter(wiring: Wiring, ada: TestClient) -> None:
    assert data_of(ada.get(f"{ME}/account"))["is_verified"] is False
    data_of(ada.post(f"{ME}/verification"))
    with wiring.unit(write=False) as uow:
        assert letters_to(uow, ADA["email"])
    token = token_in(letter(wiring))
    data_of(visitor(wiring).post("/api/v1/auth/verify-email", json={"token": token}))
    assert refusal_of(visitor(wiring).post("/api/v1/auth/verify-email", json={"token": token})) == (404, "ticket_over")
    assert data_of(ada.get(f"{ME}/account"))["is_verified"] is True
