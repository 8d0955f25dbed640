"""The address policy of outbound calls against every known way of spelling a private address."""

from ipaddress import ip_address

import pytest

from app.adapters.http_addresses import check_url, is_allowed
from engine.errors import Permanent

PRIVATE_URLS = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://127.0.0.1/",
    "http://localhost/",
    "http://localhost./",
    "http://api.localhost/",
    "http://printer.local/",
    "http://intranet/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1%25lo]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::1]/",
    "http://10.0.0.8/",
    "http://172.16.3.4/",
    "http://192.168.1.1/",
    "http://[fd12:3456::1]/",
]

MALFORMED_URLS = [
    "",
    "   ",
    "example.com",
    "//127.0.0.1/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "unix:/var/run/docker.sock",
    "data:text/html,hello",
    "http:///path",
    "http://",
    "http://evil@127.0.0.1/",
    "https://user:secret@example.com/",
    "https://example.com@evil.example/",
    "http://evil.example\\@127.0.0.1/",
    "http://example.com\r\nHost: 127.0.0.1/",
    "http://exa\tmple.com/",
    "http://exa mple.com/",
    "http://127.0.0.1%2f@example.com/",
    "http://[::1",
    "http://example.com:99999/",
    "http://example.com:6379/",
    "http://example.com:5432/",
    "http://example.com:8000/",
    "https://example.com/" + "a" * 9000,
]


@pytest.mark.parametrize("url", PRIVATE_URLS)
def test_a_private_address_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(Permanent) as caught:
        check_url(url, allow_private=False)
    assert caught.value.code in ("http_forbidden_address", "http_bad_url")


@pytest.mark.parametrize("url", MALFORMED_URLS)
def test_a_malformed_or_disguised_url_is_refused_with_a_field_and_a_remedy(url: str) -> None:
    with pytest.raises(Permanent) as caught:
        check_url(url, allow_private=False)
    assert caught.value.code == "http_bad_url"
    assert caught.value.field == "url"
    assert caught.value.message.endswith((".", "/path."))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/a b?q=1#x", "example.com"),
        (" https://example.com ", "example.com"),
        ("https://münchen.example/ä", "xn--mnchen-3ya.example"),
        ("https://8.8.8.8:443/", "8.8.8.8"),
        ("https://[2606:4700::1111]/", "2606:4700::1111"),
    ],
)
def test_a_public_url_passes_with_its_host_in_ascii(url: str, host: str) -> None:
    assert check_url(url, allow_private=False).raw_host == host


def test_an_extra_port_is_allowed_only_when_configured() -> None:
    assert check_url("https://example.com:8443/", allow_private=False, extra_ports=(8443,)).port == 8443
    with pytest.raises(Permanent, match="AF_HTTP_EXTRA_PORTS"):
        check_url("https://example.com:8443/", allow_private=False)


def test_the_development_setting_allows_private_networks_but_never_metadata() -> None:
    assert check_url("http://127.0.0.1:3000/", allow_private=True)
    assert check_url("http://localhost:3000/", allow_private=True)
    assert check_url("http://192.168.0.10/", allow_private=True)
    for url in ("http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/", "http://0.0.0.0/"):
        with pytest.raises(Permanent):
            check_url(url, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.0.192", "168.63.129.16", "::ffff:10.0.0.1", "2001:db8::1", "fec0::1",
     "2001:4860::5efe:7f00:1", "ff02::1", "64:ff9b:1::7f00:1", "100.64.0.1", "198.18.0.1", "255.255.255.255"],
)  # fmt: skip
def test_addresses_that_only_look_public_are_refused(address: str) -> None:
    assert not is_allowed(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address), allow_private=False)
