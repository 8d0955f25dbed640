"""A request counts for the address it really came from, and foreign pages are refused."""

import pytest
from fastapi import Request

from app.api.visitor import check_origin, client_address, network_of
from app.core.config import read_settings
from app.core.errors import NotAllowed


def request_with(headers: dict[str, str], peer: str = "203.0.113.9") -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "client": (peer, 1234), "query_string": b""})


def test_a_forwarded_header_is_ignored_without_a_trusted_proxy() -> None:
    assert client_address(request_with({"X-Forwarded-For": "1.2.3.4"}), trusted_proxies=0) == "203.0.113.9"


def test_what_the_client_put_before_the_proxies_entry_is_ignored() -> None:
    asked = request_with({"X-Forwarded-For": "1.2.3.4, 5.6.7.8, 198.51.100.7"})
    assert client_address(asked, trusted_proxies=1) == "198.51.100.7"
    assert client_address(asked, trusted_proxies=2) == "5.6.7.8"
    assert client_address(request_with({}), trusted_proxies=2) == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_limits_count_by_network(address: str, network: str) -> None:
    assert network_of(address) == network


SETTINGS = read_settings({"AF_ENV": "test", "AF_PORT": "8400"})
OURS = {"Origin": "http://127.0.0.1:8400", "Content-Type": "application/json"}


def test_our_own_page_may_post() -> None:
    check_origin(request_with(OURS), SETTINGS)
    check_origin(request_with(OURS | {"Content-Type": "application/json; charset=utf-8"}), SETTINGS)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://127.0.0.1:8401", "https://127.0.0.1:8400", "http://127.0.0.1:8400.evil.example", "*"],
)
def test_a_foreign_or_missing_origin_is_refused(origin: str) -> None:
    with pytest.raises(NotAllowed):
        check_origin(request_with(OURS | {"Origin": origin, "Host": "evil.example"}), SETTINGS)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_foreign_form_could_send_is_refused(kind: str) -> None:
    with pytest.raises(NotAllowed):
        check_origin(request_with(OURS | {"Content-Type": kind}), SETTINGS)
