"""Which addresses a credential may be sent to: exact hosts, wildcards with a limit, TLS unless said otherwise."""

import pytest

from app.core.allowed_hosts import host_problem, is_allowed, normal_host


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://api.example.com/v1?x=1", ["api.example.com"]),
        ("https://API.Example.com/", ["api.example.com"]),
        ("https://api.example.com:443/", ["api.example.com"]),
        ("https://api.example.com:8443/", ["api.example.com:8443"]),
        ("https://eu.api.example.com/", ["*.example.com"]),
        ("http://legacy.example.com/", ["http://legacy.example.com"]),
        ("http://127.0.0.1:9000/x", ["http://127.0.0.1:9000"]),
    ],
)
def test_an_allowed_host_is_allowed(url: str, hosts: list[str]) -> None:
    assert is_allowed(url, hosts)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://api.example.com/", ["api.example.com"]),  # the key would travel in the clear
        ("https://api.example.com:8443/", ["api.example.com"]),
        ("https://evil.com/api.example.com", ["api.example.com"]),
        ("https://api.example.com.evil.com/", ["api.example.com"]),
        ("https://evilexample.com/", ["*.example.com"]),
        ("https://example.com/", ["*.example.com"]),
        ("https://api.example.com@evil.com/", ["api.example.com"]),
        ("https://evil.com\\@api.example.com/", ["api.example.com"]),
        ("https://evil.com\\.api.example.com/", ["*.example.com"]),
        ("//api.example.com/", ["api.example.com"]),
        ("https://[::1", ["api.example.com"]),
        ("https://api.example.com:99999/", ["api.example.com"]),
        ("ftp://api.example.com/", ["api.example.com"]),
        ("https://api.example.com/", []),
    ],
)
def test_anything_else_is_not(url: str, hosts: list[str]) -> None:
    assert not is_allowed(url, hosts)


@pytest.mark.parametrize(
    "entry", ["*", "*.com", "a b", "a/b", "https://", "", "x:0", "x:70000", "*.*.example.com", "exa*mple.com", 5, None]
)
def test_a_list_of_hosts_takes_no_wildcard_for_all_and_no_nonsense(entry: object) -> None:
    assert host_problem(entry)


def test_entries_are_kept_in_one_form() -> None:
    assert normal_host(" HTTPS://API.Example.com/ ") == "api.example.com"
    assert normal_host("bücher.example") == "xn--bcher-kva.example"
    assert not host_problem("xn--bcher-kva.example")
