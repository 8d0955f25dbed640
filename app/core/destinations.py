"""Where a person may be sent after signing in: plain pages of this site and nothing else."""

import re

_PAGE = re.compile(r"/(?:[a-z0-9][a-z0-9-]*(?:/[A-Za-z0-9_-]+)*/?)?(?:\?[A-Za-z0-9_=&-]*)?")
_NOT_PAGES = ("/sign-in", "/sign-up", "/api")
LENGTH_MAX = 300


def safe_destination(wanted: object) -> str:
    """Return the wanted page, or "/" for anything that is not the plain path of one."""
    if not isinstance(wanted, str) or len(wanted) > LENGTH_MAX or not _PAGE.fullmatch(wanted):
        return "/"
    path = wanted.partition("?")[0]
    if any(path == other or path.startswith(f"{other}/") for other in _NOT_PAGES):
        return "/"
    return wanted
