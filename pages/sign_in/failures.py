"""What came of a sign-in elsewhere, by the code that app/api/external.py sends the browser back with."""

FAILURES = {
    "external_refused": "Signing in there did not work. Try again, or use your password.",
    "external_cancelled": "You came back without agreeing there. Nothing has changed.",
    "address_in_use": "There is an account with this address. Sign in with your password, then link the other under Settings, Security.",
    "opens_another": "This sign-in opens another account already. Unlink it there first.",
    "not_invited": "You are no member of this workspace. Ask its admins for an invitation, accept it, then sign in through it.",
    "address_unproved": "Your provider does not say that your address is verified. Ask an owner of the workspace.",
    "unavailable": "The other site does not answer. Try again, or use your password.",
    "limit_reached": "Too many attempts. Please try again in some minutes.",
}
OTHER = "Signing in there did not work. Try again."


def told(code: str) -> str:
    """The sentence of a code, or "" without one; whatever else stands in the address is not repeated."""
    return FAILURES.get(code, OTHER) if code else ""
