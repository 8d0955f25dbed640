"""Stripe's errors as ours; what it says of a refusal is written for people."""

from collections.abc import Generator
from contextlib import contextmanager

import stripe

from app.core.errors import Unavailable
from app.core.payments import PaymentRefused

AWAY = "The payment service does not answer. Nothing was charged; try again in a minute."


@contextmanager
def translated() -> Generator[None]:
    """Around every call."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.PermissionError) as error:
        raise PaymentRefused(error.user_message or str(error)) from error
    except stripe.StripeError as error:
        raise Unavailable(AWAY, code="payments_away") from error


def is_missing(refused: PaymentRefused) -> bool:
    """Whether Stripe said that there is no such thing."""
    return isinstance(refused.__cause__, stripe.InvalidRequestError) and refused.__cause__.code == "resource_missing"
