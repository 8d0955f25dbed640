"""The event socket opens for our own origins only; a page of another site cannot use a visitor's cookie through it."""

import http.client

import pytest

from tests.support.site import Site


def handshake(site: Site, origin: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection.request("GET", "/_event/?token=t&EIO=4&transport=websocket", headers=headers | {"Origin": origin})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_our_own_origins_are_let_in(site: Site, host: str) -> None:
    assert handshake(site, f"http://{host}:{site.port}") == 101


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example"])
def test_any_other_origin_is_turned_away(site: Site, origin: str) -> None:
    assert handshake(site, origin) == 403
