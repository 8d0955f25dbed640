"""What Stripe still wants to know of a creator, in words: its names of fields are for programs."""

from collections.abc import Iterable

WORDS = (
    ("external_account", "your bank account"),
    ("tos_acceptance", "your consent to its terms"),
    ("verification", "a proof of identity"),
    ("dob", "your date of birth"),
    ("ssn_last_4", "your tax number"),
    ("id_number", "your tax number"),
    ("tax_id", "your tax number"),
    ("address", "your address"),
    ("phone", "your phone number"),
    ("email", "your e-mail address"),
    ("first_name", "your name"),
    ("last_name", "your name"),
    ("business_type", "what kind of business you are"),
    ("business_profile", "what your business does"),
)
"""A part of the name of a requirement -> what people call it; the first that fits counts.

Names are those of https://docs.stripe.com/api/accounts/object#account_object-requirements-currently_due.
"""
OTHER = "more about you or your business"


def asked_for(names: Iterable[object]) -> tuple[str, ...]:
    """Each thing once, in the order in which it is wanted."""
    return tuple(dict.fromkeys(_words(str(name)) for name in names))


def _words(name: str) -> str:
    return next((words for part, words in WORDS if part in name.split(".")), OTHER)
