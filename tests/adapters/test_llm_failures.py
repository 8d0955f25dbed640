"""How provider failures are told: waiting times in every form, the provider's own words, and no key in any of them."""

import email.utils
import time

import pytest

from app.adapters.llm_failures import failure_of, fault_of, redact, retry_after

KEY = "AIzaSyCanary-0123456789"


class VendorError(Exception):
    """What a provider's library raises."""

    def __init__(self, text: str, status_code: int | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status_code = status_code
        self.headers = headers or {}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"llm_provider-retry-after": "3"}, 3.0),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "999999"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_waiting_time_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_waiting_time_may_be_a_date() -> None:
    moment = email.utils.formatdate(time.time() + 30, usegmt=True)
    waiting = retry_after({"Retry-After": moment})
    assert waiting is not None
    assert 25 < waiting <= 30
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        "Authorization: Bearer abc.def-ghi",
        "key sk-proj-abcdefghijklmnop is wrong",
        "your key sk-a****************wxyz is wrong",
        "token 0123456789abcdef0123456789abcdef",
    ],
)
def test_keys_and_what_looks_like_one_are_cut_out(text: str) -> None:
    cleaned = redact(text, [KEY])
    assert "[key]" in cleaned
    assert not any(part in cleaned for part in (KEY, "abc.def", "abcdefghijkl", "wxyz", "0123456789abcdef"))


def test_the_cause_holds_no_key_and_no_vendor_object() -> None:
    cause = fault_of(VendorError(f"bad key {KEY}", 401), [KEY])
    assert KEY not in str(cause)
    assert cause.__cause__ is None
    assert cause.__context__ is None


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (VendorError("boom", 500), "model_overloaded", True),
        (VendorError("boom", 502), "model_overloaded", True),
        (VendorError("Overloaded", 529), "model_overloaded", True),
        (VendorError("slow", 408), "model_timeout", True),
        (VendorError("Cannot connect to host", None), "model_unreachable", True),
        (VendorError("Please slow down", 429), "model_rate_limited", True),
        (VendorError("You exceeded your current quota, check billing", 429), "model_out_of_credit", False),
        (VendorError("no", 401), "model_key_refused", False),
        (VendorError("pay", 402), "model_out_of_credit", False),
        (VendorError("no", 403), "model_key_refused", False),
        (VendorError("gone", 404), "unknown_model", False),
        (VendorError("prompt is too long: 9 tokens", 400), "model_context_too_long", False),
        (VendorError("temperature must be at most 1", 400), "model_request_refused", False),
        (VendorError("weird", 418), "model_request_refused", False),
    ],
)
def test_every_status_has_one_code(error: VendorError, code: str, retryable: bool) -> None:
    failure = failure_of(error, provider="OpenAI", model="openai/x", keys=[KEY])
    assert (failure.code, failure.retryable) == (code, retryable)
    assert failure.message[0].isupper()
    assert failure.message.endswith(".")


def test_the_providers_own_words_are_passed_on_short_and_clean() -> None:
    body = f'litellm.BadRequestError: OpenAIException - {{"error": {{"message": "Bad value for {KEY}, see docs"}}}}'
    message = failure_of(VendorError(body, 400), provider="OpenAI", model="openai/x", keys=[KEY]).message
    assert "It said: Bad value for [key], see docs." in message
