"""Which operation of the API a request is for, by its description; and which of them the pages of the site have for themselves."""

import re
from functools import lru_cache

from app.api.server import build_api

# Pages post to these with the cookie of the person before them; programs sign in by token, and earnings are moved by people.
OF_PAGES = frozenset(
    f"/api/v1/{path}"
    for path in (
        "auth/sign-up",
        "auth/sign-up/finish",
        "auth/sign-in",
        "auth/sign-out",
        "auth/demo",
        "auth/forgot-password",
        "auth/reset-password",
        "auth/change-password",
        "auth/second-factor",
        "auth/workspace",
        "auth/external/{provider}",
        "auth/external/{provider}/callback",
        "payout-account",
        "payouts",
        "payouts/{payout_id}/send-again",
        "test-payments/{checkout_id}",
    )
)


@lru_cache(maxsize=1)
def operations() -> dict[str, tuple[str, str]]:
    """Operation -> its method and path, for everything that programs call."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in build_api().openapi()["paths"].items()
        if path.startswith("/api/v1/") and path not in OF_PAGES
        for method, operation in methods.items()
    }


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """Those with fewer parameters first: /workspaces/current is no workspace of that id."""
    known = sorted(operations().items(), key=lambda item: item[1][1].count("{"))
    return [(name, method, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for name, (method, path) in known]


def operation_of(method: str, path: str) -> str:
    """The operation that answers a request, or "" where none does."""
    return next((name for name, known, pattern in _patterns() if known == method and pattern.fullmatch(path)), "")
