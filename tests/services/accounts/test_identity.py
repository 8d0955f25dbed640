"""Addresses are one however they are written, and passwords that attackers try first are refused."""

import pytest

from app.services.accounts.identity import clean_name, email_key, email_problem, password_problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("\uff41\uff44\uff41@example.com", "ada@example.com"),  # full-width letters
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("\u212aate@example.com", "kate@example.com"),  # the Kelvin sign
        ("ma\u017f\u017fe@example.com", "masse@example.com"),  # the long s
    ],
)
def test_spellings_of_one_address_are_one_account(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


def test_sub_addresses_stay_apart() -> None:
    assert email_key("ada+test@example.com") != email_key("ada@example.com")


@pytest.mark.parametrize("address", ["ada@example.com", "a.b+c@sub.example.org", "ada@bücher.example", "ops@company.local"])
def test_usual_addresses_are_taken(address: str) -> None:
    assert email_problem(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "   ",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "a@b@example.com",
        "ada@exa mple.com",
        "ada@example.com\x00",
        "ada@example.com\r\nBcc: x@example.com",
        "ad\u0131@example.com",  # dotless i
        "\u0430da@example.com",  # Cyrillic a
        "ada\u200b@example.com",  # zero-width space
        "ada\u202e@example.com",  # right-to-left override
        "x" * 250 + "@example.com",
        "\ud800@example.com",
    ],
)
def test_addresses_that_are_incomplete_or_look_alike_are_refused_with_a_sentence(address: str) -> None:
    assert email_problem(address).endswith(".")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password123",
        "PASSWORD123",
        "qwertyuiop",
        "1234567890",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghijkl",
        "987654321098"[:10],
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    assert password_problem(password)


def test_a_password_is_not_the_name_or_the_address() -> None:
    assert password_problem("adalovelace", name="Ada Lovelace", email="adalovelace@example.com")
    assert password_problem("adalovelace1815!", name="x", email="adalovelace@example.com")
    assert password_problem("ada@example.com", email="ada@example.com")


@pytest.mark.parametrize("password", ["engine of analysis 9", "Tr0ub4dor&3xyz", "пароль и пробелы", "🦆🦆 ducks swim 🦆"])
def test_sound_passwords_are_taken(password: str) -> None:
    assert password_problem(password, email="ada@example.com", name="Ada Lovelace") == ""


@pytest.mark.parametrize("password", ["engine\x00analysis", "\ud800 engine analysis", "x y z " * 40])
def test_passwords_that_cannot_be_hashed_or_are_too_long_are_refused(password: str) -> None:
    assert password_problem(password)


def test_names_lose_control_and_direction_characters() -> None:
    assert clean_name("  Ada\x00 \u202eLove\tlace\r\n") == "Ada Love lace"
    assert clean_name("\u200b \x07") == ""
