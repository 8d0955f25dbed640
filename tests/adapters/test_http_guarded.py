"""The guarded HTTP client against real local servers: where it may connect, what it carries along, how much it accepts.

127.0.0.1 plays the public internet here and 127.0.0.2 the private network, so that real sockets can be used.
"""

import asyncio
import gzip
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address

import pytest
from aiohttp import web

from app.adapters.http_guarded import GuardedHttpClient
from engine.errors import Permanent, Transient
from engine.ports import HttpRequest, HttpResponse
from tests.support.slow_http import LocalServer, after, serve, together

TOGETHER = 200  # calls that are open at once

PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"
Names = dict[str, list[str]]


def plays_public(address: IPv4Address | IPv6Address) -> bool:
    return str(address) == PUBLIC


class Zone:
    """A name server whose answers a test sets; a list of lists answers differently each time."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self.names = names
        self.asked: list[str] = []

    async def lookup(self, host: str, port: int) -> list[tuple[int, str]]:
        self.asked.append(host)
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(2, address) for address in addresses]


@asynccontextmanager
async def guarded(server: LocalServer, zone: Zone) -> AsyncGenerator[Callable[..., Awaitable[HttpResponse]]]:
    client = GuardedHttpClient(extra_ports=(server.port,), lookup=zone.lookup, permits=plays_public)

    async def send(url: str, method: str = "GET", **options: object) -> HttpResponse:
        return await client.send(HttpRequest(method, url.replace("PORT", str(server.port)), **options))  # type: ignore[arg-type]

    try:
        yield send
    finally:
        await client.aclose()


def public_zone(**more: list[list[str]]) -> Zone:
    return Zone({"shop.example": [[PUBLIC]], "other.example": [[PUBLIC]], **more})


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"method": request.method, "headers": dict(request.headers), "body": await request.text()})


def redirect(location: str, status: int = 302) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        target = location.replace("PORT", str(request.url.port))
        return web.Response(status=status, headers={"Location": target})

    return handle


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b"x" * 65536)


async def slow_drip(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b".")
        await asyncio.sleep(0.02)


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = b"\0" * 1_000_000
    return b"".join(packer.compress(block) for _ in range(300)) + packer.flush()


async def gzip_bomb(request: web.Request) -> web.Response:
    return web.Response(body=bomb(), headers={"Content-Encoding": "gzip"})


async def cut_short(request: web.Request) -> web.Response:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"only this")
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def set_cookie(request: web.Request) -> web.Response:
    return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "session=secret"})


async def meta_refresh(request: web.Request) -> web.Response:
    return web.Response(text='<meta http-equiv="refresh" content="0;url=http://127.0.0.2/">', content_type="text/html")


async def gzipped(request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress("grüße".encode()), headers={"Content-Encoding": "gzip"})


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    routes = {
        "/echo": echo,
        "/endless": endless,
        "/drip": slow_drip,
        "/bomb": gzip_bomb,
        "/cut": cut_short,
        "/cookie": set_cookie,
        "/meta": meta_refresh,
        "/gzipped": gzipped,
        "/slow": after(0.5),
        "/together": together(TOGETHER),
        "/loop": redirect("/loop"),
        "/relative": redirect("echo"),
        "/to-other": redirect("http://other.example:PORT/echo", 307),
        "/see-other": redirect("/echo", 303),
        "/moved": redirect("/echo", 301),
        "/temporary": redirect("/echo", 307),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-inner": redirect("http://inner.example:PORT/echo"),
        "/to-loopback": redirect("http://127.0.0.2:PORT/echo"),
        "/to-scheme-relative": redirect("//127.0.0.2:PORT/echo"),
        "/to-numeric": redirect("http://2130706434:PORT/echo"),
        "/to-port": redirect("http://shop.example:6379/"),
    }
    with serve(routes) as running:
        yield running


async def test_a_public_name_is_called_with_its_own_host_header(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        answer = await send("http://shop.example:PORT/echo", "POST", headers={"X-Api-Key": "k"}, body=b"hi")
    text = answer.body.decode()
    assert answer.status == 200
    assert f'"Host": "shop.example:{server.port}"' in text
    assert '"body": "hi"' in text
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("answers", [[PRIVATE], [PUBLIC, PRIVATE], [PRIVATE, PUBLIC]])
async def test_a_name_is_refused_unless_every_answer_is_public(server: LocalServer, answers: list[str]) -> None:
    async with guarded(server, public_zone(**{"mixed.example": [answers]})) as send:
        with pytest.raises(Permanent, match=r"mixed\.example are not allowed") as caught:
            await send("http://mixed.example:PORT/echo")
    assert caught.value.code == "http_forbidden_address"
    assert PRIVATE not in caught.value.message


async def test_a_name_that_changes_its_answer_is_resolved_once_per_connection(server: LocalServer) -> None:
    zone = public_zone(**{"rebind.example": [[PUBLIC], [PRIVATE]]})
    async with guarded(server, zone) as send:
        assert (await send("http://rebind.example:PORT/echo")).status == 200
        assert zone.asked == ["rebind.example"]
    async with guarded(server, zone) as send:
        with pytest.raises(Permanent, match="not allowed"):
            await send("http://rebind.example:PORT/echo")


async def test_the_socket_itself_is_refused_when_only_an_address_was_written(server: LocalServer) -> None:
    client = GuardedHttpClient(allow_private_network=True, permits=plays_public)
    with pytest.raises(Permanent) as caught:
        await client.send(HttpRequest("GET", f"http://{PRIVATE}:{server.port}/echo"))
    await client.aclose()
    assert caught.value.code == "http_forbidden_address"


@pytest.mark.parametrize("path", ["/to-inner", "/to-loopback", "/to-scheme-relative", "/to-numeric", "/to-file", "/to-port"])
async def test_a_redirect_into_the_private_network_is_not_followed(server: LocalServer, path: str) -> None:
    async with guarded(server, public_zone(**{"inner.example": [[PRIVATE]]})) as send:
        with pytest.raises(Permanent) as caught:
            await send(f"http://shop.example:PORT{path}")
    assert caught.value.code in ("http_forbidden_address", "http_bad_url")


async def test_a_meta_refresh_is_only_text(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        assert b"refresh" in (await send("http://shop.example:PORT/meta")).body


async def test_redirects_end_after_five(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Permanent) as caught:
            await send("http://shop.example:PORT/loop")
        kept = await send("http://shop.example:PORT/loop", follow_redirects=False)
    assert caught.value.code == "http_too_many_redirects"
    assert kept.status == 302


async def test_credentials_do_not_follow_to_another_origin(server: LocalServer) -> None:
    headers = {"Authorization": "Bearer canary", "Cookie": "a=canary", "X-Api-Key": "canary", "Accept": "text/plain"}
    async with guarded(server, public_zone()) as send:
        elsewhere = await send("http://shop.example:PORT/to-other", "POST", headers=headers, body=b"hello")
        same = await send("http://shop.example:PORT/temporary", "POST", headers=headers, body=b"hello")
    assert b"canary" not in elsewhere.body
    assert b"text/plain" in elsewhere.body
    assert b'"body": "hello"' in elsewhere.body
    assert elsewhere.url == f"http://other.example:{server.port}/echo"
    assert same.body.count(b"canary") == 3


@pytest.mark.parametrize(("path", "method", "body"), [("/see-other", "GET", ""), ("/moved", "GET", ""), ("/temporary", "POST", "hello")])
async def test_the_method_after_a_redirect_follows_the_standard(server: LocalServer, path: str, method: str, body: str) -> None:
    async with guarded(server, public_zone()) as send:
        answer = await send(f"http://shop.example:PORT{path}", "POST", body=b"hello", headers={"Content-Type": "text/x"})
    assert f'"method": "{method}"'.encode() in answer.body
    assert f'"body": "{body}"'.encode() in answer.body
    assert (b"text/x" in answer.body) == (method == "POST")


async def test_a_relative_redirect_is_followed(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        assert (await send("http://shop.example:PORT/relative")).url.endswith("/echo")


@pytest.mark.parametrize("path", ["/endless", "/bomb"])
async def test_an_answer_is_cut_off_at_the_size_limit_after_decompression(server: LocalServer, path: str) -> None:
    async with guarded(server, public_zone()) as send:
        await send("http://shop.example:PORT/echo")
        tracemalloc.start()
        with pytest.raises(Permanent) as caught:
            await send(f"http://shop.example:PORT{path}", max_bytes=2_000_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert caught.value.code == "http_too_large"
    assert peak < 20_000_000


@pytest.mark.parametrize("path", ["/slow", "/drip"])
async def test_the_time_limit_holds_for_the_whole_call(server: LocalServer, path: str) -> None:
    started = time.monotonic()
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Transient) as caught:
            await send(f"http://shop.example:PORT{path}?token=canary", timeout_s=0.2)
    assert caught.value.code == "http_timeout"
    assert "canary" not in caught.value.message
    assert time.monotonic() - started < 20  # the server would go on for ever


async def test_a_cut_answer_is_transient_and_never_returned_in_part(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Transient) as caught:
            await send("http://shop.example:PORT/cut")
    assert caught.value.code == "http_bad_answer"


async def test_a_compressed_answer_is_unpacked(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        assert (await send("http://shop.example:PORT/gzipped")).body.decode() == "grüße"


async def test_cookies_of_one_call_never_reach_the_next(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        await send("http://shop.example:PORT/cookie")
        assert (await send("http://shop.example:PORT/cookie")).body == b"none"


async def test_proxy_variables_are_ignored(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.2:9")
    async with guarded(server, public_zone()) as send:
        assert (await send("http://shop.example:PORT/echo")).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"X-A": "b\r\nHost: evil"}, {"X-A\r\n": "b"}, {"Host": "evil"}, {"Content-Length": "3"}, {"Transfer-Encoding": "chunked"}, {"": "x"}],
)
async def test_headers_cannot_smuggle_a_second_request(server: LocalServer, headers: dict[str, str]) -> None:
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Permanent) as caught:
            await send("http://shop.example:PORT/echo", headers=headers)
    assert (caught.value.code, caught.value.field) == ("http_bad_header", "headers")


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "GET /x HTTP/1.1\r\n", ""])
async def test_odd_methods_are_refused(server: LocalServer, method: str) -> None:
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Permanent, match="method"):
            await send("http://shop.example:PORT/echo", method)


async def test_a_dead_server_and_an_unknown_name_are_told_apart(server: LocalServer) -> None:
    client = GuardedHttpClient(allow_private_network=True)
    with pytest.raises(Transient) as dead:
        await client.send(HttpRequest("GET", "http://127.0.0.1:9/"))
    with pytest.raises(Permanent) as unknown:
        await client.send(HttpRequest("GET", "http://nowhere.invalid/"))
    await client.aclose()
    assert dead.value.code == "http_unreachable"
    assert unknown.value.code == "http_unknown_host"


async def test_a_server_without_tls_is_not_spoken_to_in_clear(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        with pytest.raises(Transient) as caught:
            await send("https://shop.example:PORT/echo", body=b"secret")
    assert isinstance(caught.value.__cause__, ssl.SSLError | OSError)


async def test_two_hundred_calls_wait_side_by_side(server: LocalServer) -> None:
    async with guarded(server, public_zone()) as send:
        answers = await asyncio.gather(*(send("http://shop.example:PORT/together") for _ in range(TOGETHER)))
    assert {answer.status for answer in answers} == {200}
