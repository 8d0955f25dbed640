"""The codes of authenticator apps, against the vectors of RFC 6238 and against replay."""

import pytest

from app.services.accounts import totp

SECRET = b"12345678901234567890"  # of RFC 6238, appendix B


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    assert totp.code_at(SECRET, at_s // 30) == code
    assert totp.find_step(SECRET, code, at_s=at_s, after=0) == at_s // 30


def test_a_phone_may_be_half_a_minute_off_and_no_more() -> None:
    step = 50_000_000
    at_s = step * 30 + 10
    assert [totp.find_step(SECRET, totp.code_at(SECRET, step + off), at_s=at_s, after=0) for off in (-1, 0, 1)] == [
        step - 1,
        step,
        step + 1,
    ]
    for off in (-3, -2, 2, 3):
        assert totp.find_step(SECRET, totp.code_at(SECRET, step + off), at_s=at_s, after=0) is None


def test_a_code_at_or_before_the_last_one_is_refused() -> None:
    step = 50_000_000
    code = totp.code_at(SECRET, step)
    assert totp.find_step(SECRET, code, at_s=step * 30, after=step) is None
    assert totp.find_step(SECRET, code, at_s=step * 30, after=step + 1) is None
    assert totp.find_step(SECRET, code, at_s=step * 30, after=step - 1) == step


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٢٨٧٠٨٢", "12 34 5", "-12345", "1" * 6000])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert totp.find_step(SECRET, code, at_s=59, after=0) is None


def test_blanks_between_digits_do_not_matter() -> None:
    assert totp.find_step(SECRET, "287 082", at_s=59, after=0) == 1


def test_the_address_for_apps_names_account_and_issuer() -> None:
    uri = totp.provisioning_uri(SECRET, account="ada+x@example.com")
    assert uri.startswith("otpauth://totp/Agent%20Factory:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")
    assert "issuer=Agent%20Factory" in uri


def test_recovery_codes_differ_and_are_read_as_people_write_them() -> None:
    codes = {totp.new_recovery_code() for _ in range(200)}
    assert len(codes) == 200
    code = next(iter(codes))
    assert totp.recovery_digest(code.upper().replace("-", " "), owner=1) == totp.recovery_digest(code, owner=1)
    assert totp.recovery_digest(code, owner=1) != totp.recovery_digest(code, owner=2)
