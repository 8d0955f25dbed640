"""Where a person may be sent after signing in: plain pages of this site and nothing else."""

import re

_PAGE = re.compile(r"/(?:[a-z0-9][a-z0-9-]*(?:/[A-Za-z0-9_-]+)*/?)?(?:\?[A-Za-z0-9_=&-]*)?")
_NOT_PAGES = ("/sign-in", "/sign-up", "/api")
LENGTH_MAX = 300
OWN_ACCOUNT = "/settings/profile?account=own"
"""Who signs in to come here wants their own account and no workspace that opens through its provider."""


def safe_destination(wanted: object) -> str:
    """Return the wanted page, or "/" for anything that is not the plain path of one."""
    if not isinstance(wanted, str) or len(wanted) > LENGTH_MAX or not _PAGE.fullmatch(wanted):
        return "/"
    path = wanted.partition("?")[0]
    if any(path == other or path.startswith(f"{other}/") for other in _NOT_PAGES):
        return "/"
    return wanted


def wants_own_account(wanted: object) -> bool:
    """Whether somebody signs in for their own account alone."""
    return safe_destination(wanted) == OWN_ACCOUNT
