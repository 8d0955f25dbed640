"""E-mail addresses in canonical form, and what a password must be."""

import itertools
import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.services.accounts.common_passwords import COMMON_PASSWORDS

PASSWORD_MIN = 10
PASSWORD_MAX = 128
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def email_key(email: str) -> str:
    """Return the form that makes addresses unique: NFKC, case-folded, ASCII domain, no surrounding space.

    Sub-addresses (`name+tag@`) stay apart: they are different mailboxes at many providers.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email.strip()).casefold())
    local, _, domain = folded.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}" if domain else folded
    except UnicodeError:
        return folded


def email_problem(email: str) -> str:
    """Say what is wrong with an address, or "". Look-alike letters in the local part are refused, not folded."""
    if not email.strip():
        return "Enter your e-mail address."
    if len(email) > 254:
        return "This address is too long. Check it for a typing mistake."
    local, _, domain = email_key(email).rpartition("@")
    if not local.isascii():
        return "Only addresses with plain letters (a-z) before the @ can be used here."
    incomplete = "This is not a complete e-mail address. It should look like name@example.com."
    if not _DOMAIN.fullmatch(domain):
        return incomplete
    try:
        validate_email(f"{local}@example.com", check_deliverability=False)  # company domains such as .local are fine here
    except EmailNotValidError:
        return incomplete
    return ""


def password_problem(password: str, *, email: str = "", name: str = "") -> str:
    """Say what is wrong with a new password, or ""."""
    if len(password) < PASSWORD_MIN:
        return f"Use at least {PASSWORD_MIN} characters; a few unrelated words work well."
    if len(password) > PASSWORD_MAX:
        return f"Use at most {PASSWORD_MAX} characters."
    if "\x00" in password or not _is_encodable(password):
        return "This password holds a character that cannot be typed again. Use letters, digits, spaces and signs."
    folded = password.casefold()
    if folded in COMMON_PASSWORDS or len(set(folded)) < 4 or _is_sequence(folded):
        return "This password is on every attacker's list. Choose one that is harder to guess."
    known = {part for part in (email.casefold(), email.casefold().partition("@")[0], name.casefold()) if len(part) >= 4}
    if any(folded.replace(" ", "") in (part, part * 2) or folded.strip("0123456789!.") == part for part in known):
        return "This password is too close to your name or address. Choose another."
    return ""


def _is_sequence(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return steps in ({1}, {-1})


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_name(name: object) -> str:
    """Return a display name without control or direction-changing characters, with single spaces."""
    if not isinstance(name, str):
        return ""
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " for c in unicodedata.normalize("NFC", name))
    return " ".join(kept.split())
