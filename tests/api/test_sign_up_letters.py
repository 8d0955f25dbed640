"""Signing up where letters are sent: nobody learns whose addresses have accounts, and nobody gets into an account by another's click."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import select

from app.adapters.mail import SmtpMailer
from app.core.ports import Letter
from app.services.mail import claim_mail
from app.session import COOKIE
from app.wiring import Wiring
from models.account import PendingAccount
from models.user import User
from tests.api.test_auth import ADA, client_of, is_signed_in, post
from tests.support.api import data_of, refusal_of, visitor
from tests.support.clock import FrozenClock
from tests.support.people import make_member

TAKEN = "taken@example.com"


@pytest.fixture
def there(wiring: Wiring) -> Wiring:
    """An installation with a mail server, which is never spoken to here, and one account."""
    sends = replace(wiring, ports=replace(wiring.ports, mailer=SmtpMailer("smtp://mail.example:25", sender="Agents <a@example.com>")))
    with sends.unit() as uow:
        user = uow.session.get(User, make_member(uow).user_id)
        assert user is not None
        user.email = user.email_key = TAKEN
    return sends


@pytest.fixture
def client(there: Wiring) -> TestClient:
    return client_of(there)


def letters(wiring: Wiring) -> list[Letter]:
    with wiring.unit() as uow:
        return list(claim_mail(uow))


def token_in(letter: Letter) -> str:
    found = re.search(r"/sign-up/finish\?token=([\w-]+)", letter.text)
    assert found is not None
    return found[1]


def by_page(wiring: Wiring, **asked: str) -> Any:
    return post(client_of(wiring), "sign-up", **asked)


def by_api(wiring: Wiring, **asked: str) -> Any:
    return visitor(wiring).post("/api/v1/auth/register", json=asked)


def shown(answer: Any) -> tuple[int, dict[str, str], dict[str, object]]:
    """All of an answer that could tell addresses apart; each request has a time and a number of its own."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date") and "ratelimit" not in name}
    return answer.status_code, headers, {name: value for name, value in answer.json().items() if name != "timestamp"}


@pytest.mark.parametrize("ask", [by_page, by_api])
@pytest.mark.parametrize("spelling", [TAKEN, TAKEN.upper(), f" {TAKEN} "])
def test_a_taken_and_a_free_address_are_answered_alike(there: Wiring, ask: Callable[..., Any], spelling: str) -> None:
    free, taken = ask(there, **ADA), ask(there, **ADA | {"email": spelling})
    assert free.status_code == 202
    assert shown(free) == shown(taken)
    assert "set-cookie" not in taken.headers


@pytest.mark.parametrize("ask", [by_page, by_api])
@pytest.mark.parametrize("email", [TAKEN, "free@example.com"])
def test_the_answer_is_made_without_looking_the_address_up(there: Wiring, ask: Callable[..., Any], email: str) -> None:
    """What the answer waits for is the same work for every address: no statement names one before the letter is written."""
    asked: list[str] = []
    written: list[int] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append(f"{statement} {parameters}")

    inner = there.ports.hasher.hash

    class Noting:
        def __getattr__(self, name: str) -> Any:
            return getattr(there.ports.hasher, name)

        def hash(self, password: str) -> str:
            written.append(len(asked))
            return inner(password)

    event.listen(there.database, "before_cursor_execute", note)
    ask(replace(there, ports=replace(there.ports, hasher=Noting())), **ADA | {"email": email})
    event.remove(there.database, "before_cursor_execute", note)
    assert len(written) == 1
    assert not [one for one in asked[: written[0]] if email in one]
    assert [one for one in asked[written[0] :] if email in one]


def test_the_letters_tell_each_owner_how_it_is(there: Wiring) -> None:
    by_page(there, **ADA)
    by_page(there, **ADA | {"email": TAKEN})
    fresh, known = sorted(letters(there), key=lambda letter: letter.to)
    assert (fresh.to, fresh.subject) == (ADA["email"], "Finish opening your account")
    assert (known.to, known.subject) == (TAKEN, "You have an account already")
    assert "/forgot-password" in known.text
    assert "token=" not in known.text


def test_the_link_and_the_password_make_the_account_once(client: TestClient, there: Wiring) -> None:
    post(client, "sign-up", **ADA, next="/invite?token=abc")
    (letter,) = letters(there)
    assert "&next=%2Finvite%3Ftoken%3Dabc" in letter.text
    finish = {"token": token_in(letter), "password": ADA["password"], "next": "/runs"}
    answer = post(client, "sign-up/finish", **finish)
    assert (answer.status_code, answer.json()) == (201, {"next": "/runs"})
    assert is_signed_in(there, client.cookies[COOKIE])
    with there.unit(write=False) as uow:
        user = uow.session.exec(select(User).where(User.email_key == ADA["email"])).one()
        assert user.email_verified_at is not None
        assert uow.session.exec(select(PendingAccount)).first() is None
    assert post(client, "sign-up/finish", **finish).json()["error_code"] == "ticket_over"
    assert not letters(there)  # the address is proved already


def test_a_program_finishes_with_the_token_of_the_letter(there: Wiring) -> None:
    program = visitor(there)
    assert data_of(program.post("/api/v1/auth/register", json=ADA)) == {}
    finish = {"token": token_in(letters(there)[0]), "password": ADA["password"]}
    pair = data_of(program.post("/api/v1/auth/register/finish", json=finish))
    assert data_of(program.get("/api/v1/users/me", headers={"Authorization": f"Bearer {pair['access_token']}"}))["email"] == ADA["email"]


def test_somebody_elses_sign_up_is_not_finished_by_the_owners_click(client: TestClient, there: Wiring) -> None:
    """Whoever signs a foreign address up knows the password; the owner of the mailbox does not, so no account comes of it."""
    post(client, "sign-up", **ADA)
    token = token_in(letters(there)[0])
    answer = post(client, "sign-up/finish", token=token, password="what the owner types")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "wrong_password")
    assert COOKIE not in client.cookies
    post(client, "sign-up", **ADA | {"password": "the owner's own words"})
    own = token_in(letters(there)[0])
    assert post(client, "sign-up/finish", token=own, password="the owner's own words").status_code == 201
    late = post(client_of(there), "sign-up/finish", token=token, password=ADA["password"])
    assert (late.status_code, late.json()["error_code"]) == (409, "conflict")


def test_passwords_of_a_letters_link_cannot_be_tried_out(client: TestClient, there: Wiring) -> None:
    post(client, "sign-up", **ADA)
    token = token_in(letters(there)[0])
    statuses = [post(client, "sign-up/finish", token=token, password=f"guess number {n}").status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("token", ["", "x" * 43, "\x00" * 30, "ü" * 43])
def test_a_link_that_was_never_sent_opens_nothing(there: Wiring, token: str) -> None:
    answer = visitor(there).post("/api/v1/auth/register/finish", json={"token": token, "password": ADA["password"]})
    assert refusal_of(answer) == (404, "ticket_over")


def test_a_link_ends_after_a_day(client: TestClient, there: Wiring, clock: FrozenClock) -> None:
    post(client, "sign-up", **ADA)
    token = token_in(letters(there)[0])
    clock.advance(hours=24)
    assert post(client, "sign-up/finish", token=token, password=ADA["password"]).json()["error_code"] == "ticket_over"


@pytest.mark.parametrize("email", [TAKEN, "free@example.com"])
def test_nobodys_mailbox_is_filled(there: Wiring, email: str) -> None:
    statuses = [by_page(there, **ADA | {"email": email}).status_code for _ in range(6)]
    assert statuses == [202] * 5 + [429]
    assert len(letters(there)) == 5


def test_mistakes_are_still_told_at_once(there: Wiring) -> None:
    answer = by_page(there, name="", email="ada", password="short")
    assert answer.status_code == 422
    assert set(answer.json()["field_errors"]) == {"name", "email", "password"}
    assert not letters(there)
