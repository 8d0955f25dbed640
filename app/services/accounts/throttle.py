"""How often sign-in and sign-up may be tried. Unknown and known addresses count alike; no lock is permanent.

A whole school or office may share one network address, so limits by network alone are wide.
"""

from app.core.errors import LimitReached
from app.core.ports import RateLimiter
from app.services.accounts.identity import email_key

MINUTE = 60
HOUR = 3600


def throttle_sign_in(limiter: RateLimiter, *, email: str, network: str) -> None:
    """Count one attempt of this network for this account; raise LimitReached when there were too many."""
    account = email_key(email[:320])
    _count(limiter, f"sign-in:{network}", allowed=300, window_s=15 * MINUTE)
    _count(limiter, f"sign-in:{network}:{account}", allowed=10, window_s=5 * MINUTE)
    _count(limiter, f"sign-in:account:{account}", allowed=100, window_s=HOUR)


def throttle_refresh(limiter: RateLimiter, *, network: str) -> None:
    """Count one use of a refresh token; programs behind one address may be many."""
    _count(limiter, f"refresh:{network}", allowed=1200, window_s=15 * MINUTE)


def throttle_demo(limiter: RateLimiter, *, network: str) -> None:
    """Count one use of the demo account."""
    _count(limiter, f"demo:{network}", allowed=300, window_s=15 * MINUTE)


def throttle_sign_up(limiter: RateLimiter, *, network: str) -> None:
    """Count one attempt to open an account."""
    _count(limiter, f"sign-up:{network}", allowed=200, window_s=HOUR)


def throttle_sign_up_letter(limiter: RateLimiter, *, email: str) -> None:
    """Count one letter to this address; taken and free addresses alike."""
    _count(limiter, f"sign-up:account:{email_key(email[:320])}", allowed=5, window_s=HOUR)


def throttle_taken_address(limiter: RateLimiter, *, network: str) -> None:
    """Count one sign-up with an address that has an account, so that nobody can try out a list of them."""
    _count(limiter, f"taken:{network}", allowed=5, window_s=HOUR)


def throttle_codes(limiter: RateLimiter, *, user_id: object) -> None:
    """Count one code of an authenticator app; a million codes cannot be tried."""
    _count(limiter, f"code:{user_id}", allowed=10, window_s=10 * MINUTE)


def throttle_reset(limiter: RateLimiter, *, email: str, network: str) -> None:
    """Count one wish for a letter; unknown and known addresses alike."""
    _count(limiter, f"reset:{network}", allowed=60, window_s=HOUR)
    _count(limiter, f"reset:account:{email_key(email[:320])}", allowed=5, window_s=HOUR)


def throttle_link(limiter: RateLimiter, *, network: str) -> None:
    """Count one use of a link of a letter."""
    _count(limiter, f"link:{network}", allowed=100, window_s=HOUR)


def _count(limiter: RateLimiter, key: str, *, allowed: int, window_s: int) -> None:
    wait_s = limiter.hit(key, allowed=allowed, window_s=window_s)
    if wait_s > 0:
        minutes = max(1, round(wait_s / MINUTE))
        raise LimitReached(f"Too many attempts. Please try again in {minutes} minute{'' if minutes == 1 else 's'}.")
