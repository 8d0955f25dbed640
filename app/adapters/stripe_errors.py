"""Stripe's errors as ours; what it says of a refusal is written for people."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import stripe

from app.core.errors import Unavailable
from app.core.payments import PaymentGone, PaymentRefused

AWAY = "The payment service does not answer. Nothing was charged; try again in a minute."

GONE = ("resource_missing", "account_invalid")  # the second: an account that is closed, or that has revoked the platform's access


@contextmanager
def translated() -> Generator[None]:
    """Around every call."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.PermissionError) as error:
        kind = PaymentGone if _code(error) in GONE else PaymentRefused
        raise kind(error.user_message or str(error)) from error
    except stripe.StripeError as error:
        raise Unavailable(AWAY, code="payments_away") from error


def _code(error: stripe.StripeError) -> str:
    """Of a PermissionError the library keeps the code with the body alone."""
    told: Any = error.error
    return str(error.code or getattr(told, "code", None) or "")


def is_missing(refused: PaymentRefused) -> bool:
    """Whether Stripe said that there is no such thing."""
    return isinstance(refused.__cause__, stripe.InvalidRequestError) and refused.__cause__.code == "resource_missing"
