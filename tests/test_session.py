"""The bridge: which token a Cookie header holds, where visitors are sent, and what a refusal shows."""

import logging

import pytest

from app.core.errors import Invalid, NotSignedIn
from app.refusals import show_refusal
from app.session import sign_in_path, token_from_cookies
from engine.errors import Finding, SpecError


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("af_session=abc", "abc"),
        ("theme=dark; af_session=abc; other=1", "abc"),
        ("bad cookie{}=;;; =; af_session=abc", "abc"),
        ('j={"a": "b,c"}; af_session="abc"', "abc"),
        ("xaf_session=abc", ""),
        ("af_session", ""),
        ("", ""),
    ],
)
def test_the_session_token_is_found_beside_odd_cookies(header: str, token: str) -> None:
    assert token_from_cookies(header) == token


@pytest.mark.parametrize(
    ("page", "path"), [("/", "/sign-in"), ("", "/sign-in"), ("/runs/", "/sign-in?next=/runs"), ("/a b", "/sign-in?next=/a%20b")]
)
def test_a_visitor_comes_back_to_the_wanted_page(page: str, path: str) -> None:
    assert sign_in_path(page) == path


def test_a_refusal_is_told_in_its_own_words() -> None:
    told = str(show_refusal(Invalid("Please mend the marked fields.", fields={"name": "Give it a name."})))
    assert "Please mend the marked fields." in told
    assert "Give it a name." in told


def test_what_a_refusal_says_of_its_only_field_is_not_said_twice() -> None:
    once, twice = (str(show_refusal(Invalid(message, fields={"name": "Give it a name."}))) for message in ("Give it a name.", "Mend it."))
    assert "description" not in once
    assert "description" in twice


def test_mistakes_of_a_definition_are_listed() -> None:
    told = str(show_refusal(SpecError([Finding(code="x", node="start", message="The node has no edge.")])))
    assert "start: The node has no edge." in told


def test_a_visitor_without_a_session_is_sent_to_sign_in() -> None:
    assert "/sign-in" in str(show_refusal(NotSignedIn()))


def test_an_unexpected_error_shows_a_reference_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = str(show_refusal(ValueError("postgresql://user:secret@db/x")))
    assert "secret" not in told
    assert "ValueError" not in told
    reference = caplog.records[0].getMessage().rsplit(" ", 1)[1]
    assert reference in told
    assert caplog.records[0].exc_info
