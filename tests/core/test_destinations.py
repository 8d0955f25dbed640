"""After signing in a person lands on a page of this site and nowhere else."""

import pytest

from app.core.destinations import safe_destination


@pytest.mark.parametrize(
    "page", ["/", "/runs", "/runs/0198c3f0-aaaa-7bbb-8ccc-dddddddddddd", "/agents/new?from=triage", "/workflows/ab_c-1/"]
)
def test_plain_pages_are_kept(page: str) -> None:
    assert safe_destination(page) == page


@pytest.mark.parametrize(
    "attack",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "%2f%2fevil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "@evil.example",
        "/@evil.example",
        "/runs@evil.example",
        "/..//evil.example",
        "/./evil",
        "/runs/../../api/v1/auth/sign-out",
        "/\tevil",
        "/\nevil",
        "/runs\r\nSet-Cookie: x=1",
        "/runs#@evil",
        "/runs?next=//evil.example",
        "/runs?u=https://evil.example",
        " /runs",
        "/runs ",
        "/\u2025/evil",
        "/\uff45vil",
        "runs",
        "",
        None,
        7,
        ["/runs"],
        "/" + "a" * 400,
        "/sign-in",
        "/sign-in?next=/runs",
        "/sign-up/",
        "/api/v1/auth/sign-out",
        "/api",
    ],
)
def test_everything_else_leads_home(attack: object) -> None:
    assert safe_destination(attack) == "/"
