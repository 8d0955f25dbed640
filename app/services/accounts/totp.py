"""Time-based one-time passwords (RFC 6238: SHA-1, six digits, thirty seconds) and recovery codes; pure functions."""

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
DRIFT = 1  # steps that a phone's clock may be off
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def new_secret() -> bytes:
    """160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def as_base32(secret: bytes) -> str:
    """The form that people type into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, *, account: str, issuer: str = "Agent Factory") -> str:
    """The address that an authenticator app reads from a QR code."""
    asked = urlencode({"secret": as_base32(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_S}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{asked}"


def code_at(secret: bytes, step: int) -> str:
    """The code of one step (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def find_step(secret: bytes, code: str, *, at_s: float, after: int) -> int | None:
    """The step whose code this is, near the given time and later than `after`, so that no code is good twice; else None."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    now = int(at_s) // STEP_S
    fitting = [step for step in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(code_at(secret, step), digits)]
    return next((step for step in fitting if step > after), None)


def new_recovery_code() -> str:
    """Two groups of five letters: 49 bits, for codes that are tried a few times at most."""
    letters = [secrets.choice(_LETTERS) for _ in range(10)]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])


def recovery_digest(code: str, *, owner: object) -> str:
    """What is kept of a recovery code."""
    plain = "".join(c for c in code.casefold() if c.isalnum())
    return hashlib.sha256(f"{owner}:{plain}".encode(errors="replace")).hexdigest()
