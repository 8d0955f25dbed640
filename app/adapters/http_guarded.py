"""The one HTTP client for every outbound call of nodes, tools and webhooks: public addresses only, checked at each
connection and each redirect, capped in time and size (engine.ports.HttpClient on aiohttp)."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from app.adapters.http_addresses import check_url, forbidden, is_allowed
from engine.errors import Permanent, Transient
from engine.ports import HttpRequest, HttpResponse

MAX_REDIRECTS = 5
MAX_CONNECTIONS = 1000
MAX_TIMEOUT_S = 600.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_METHOD = re.compile(r"[A-Z]{3,20}")
_MANAGED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect", "proxy-connection"}
)
# After a change of origin only these go along: credentials may sit in a header of any name (X-Api-Key, ...).
_SAFE_ELSEWHERE = frozenset({"accept", "accept-language", "user-agent", "content-type"})
_BODY_HEADERS = frozenset({"content-type", "content-encoding", "content-language", "content-location"})

Lookup = Callable[[str, int], Awaitable[list[tuple[int, str]]]]
"""Resolves (host, port) to (socket family, address) pairs; raises OSError."""
Permits = Callable[[IPv4Address | IPv6Address], bool]
"""Tells whether a connection may go to an address."""


class _ForbiddenSocketError(OSError):
    """A connection was about to leave for an address that is not allowed."""


class _GuardedResolver(AbstractResolver):
    """Resolves once and lets a name through only when every one of its addresses is allowed."""

    def __init__(self, lookup: Lookup, permits: Permits) -> None:
        self._lookup = lookup
        self._permits = permits

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        found = await self._lookup(host, port)
        if not all(self._permits(ip_address(address)) for _, address in found):
            raise forbidden(host)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST)
            for kind, address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


class GuardedHttpClient:
    """Thread-bound to one event loop at a time; keeps one pool of connections and no cookies."""

    def __init__(
        self,
        *,
        allow_private_network: bool = False,
        extra_ports: tuple[int, ...] = (),
        lookup: Lookup | None = None,
        permits: Permits | None = None,
    ) -> None:
        self._allow_private = allow_private_network
        self._permits = permits or partial(is_allowed, allow_private=allow_private_network)
        self._extra_ports = extra_ports
        self._lookup = lookup or self._system_lookup
        self._threads: ThreadPoolExecutor | None = None
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Raise Transient for network faults and timeouts, Permanent for a forbidden address or an oversized answer."""
        if request.credential:
            raise Permanent("credential_missing", f"There is no credential named '{request.credential[:60]}' here.", field="credential")
        url = self._check(request.url)
        headers = _clean_headers(request.headers)
        if not _METHOD.fullmatch(method := request.method.upper()) or method in ("CONNECT", "TRACE"):
            raise Permanent("http_bad_method", f"The method {request.method[:20]!r} is not allowed. Use GET, POST, PUT, PATCH or DELETE.")
        timeout_s = min(max(request.timeout_s, 0.001), MAX_TIMEOUT_S)
        origin = f"{url.scheme}://{url.raw_authority}"
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(request, url=url, method=method, headers=headers)
        except TimeoutError as error:
            raise Transient(
                "http_timeout", f"{origin} did not answer within {timeout_s:g} seconds. Try again or raise the timeout."
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _explain(error, origin) from error

    async def aclose(self) -> None:
        """Close the pool; a later `send` opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _check(self, url: str) -> URL:
        return check_url(url, allow_private=self._allow_private, extra_ports=self._extra_ports)

    async def _follow(self, request: HttpRequest, *, url: URL, method: str, headers: "CIMultiDict[str]") -> HttpResponse:
        body = request.body
        for _ in range(MAX_REDIRECTS + 1):
            async with self._open().request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
                target = answer.headers.get("Location", "")
                if not (request.follow_redirects and answer.status in _REDIRECTS and target):
                    content = b"" if method == "HEAD" else await _read(answer, request.max_bytes, cut=request.cut_body)
                    return HttpResponse(status=answer.status, headers=_join(answer.headers), body=content, url=str(url))
                status = answer.status
                answer.close()
            next_url = self._check(_absolute(url, target))
            if next_url.origin() != url.origin():
                headers = CIMultiDict((name, value) for name, value in headers.items() if name.lower() in _SAFE_ELSEWHERE)
            if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
                method, body = "GET", None
                headers = CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _BODY_HEADERS)
            url = next_url
        raise Permanent("http_too_many_redirects", f"The address redirects more than {MAX_REDIRECTS} times. Use the final address.")

    def _open(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            connector = aiohttp.TCPConnector(
                limit=MAX_CONNECTIONS,
                resolver=_GuardedResolver(self._lookup, self._permits),
                socket_factory=self._make_socket,
                ttl_dns_cache=10,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),  # cookies of one workspace must never reach another
                trust_env=False,  # proxy variables and .netrc would bypass the address check or leak credentials
                timeout=aiohttp.ClientTimeout(total=None),  # send() holds the deadline, over all redirects
                headers={"User-Agent": "AgentFactory/0.1"},
            )
            self._loop = loop
        return self._session

    def _make_socket(self, address: Any) -> socket.socket:
        """Last line of defence: whatever resolved the name, no socket is made for a forbidden address."""
        family, kind, protocol, _, target = address
        if not self._permits(ip_address(str(target[0]))):
            raise _ForbiddenSocketError("forbidden address")
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    async def _system_lookup(self, host: str, port: int) -> list[tuple[int, str]]:
        if self._threads is None:
            # getaddrinfo blocks; own threads keep slow name servers away from the loop's default pool
            self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="dns")
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _getaddrinfo, host, port)
        return [(family, str(target[0])) for family, _, _, _, target in found]


def _getaddrinfo(host: str, port: int) -> list[Any]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG))


def _absolute(base: URL, target: str) -> str:
    """Join a Location header; the result is checked like any URL, so odd forms are refused there."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", target):
        return target
    if target.startswith("//"):
        return f"{base.scheme}:{target}"
    try:
        return str(base.join(URL(target)))
    except ValueError as error:
        raise Permanent("http_bad_url", "The address redirects to something that cannot be read.") from error


def _clean_headers(headers: Mapping[str, str]) -> "CIMultiDict[str]":
    clean: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise Permanent(
                "http_bad_header", f"The header name {name[:60]!r} is not valid. Use letters, digits and dashes.", field="headers"
            )
        if name.lower() in _MANAGED_HEADERS:
            raise _bad_header(f"The header {name} is set by the system. Remove it.")
        if not _HEADER_VALUE.fullmatch(value):
            raise _bad_header(f"The header {name} holds a line break or control character. Remove it.")
        clean.add(name, value)
    return clean


def _bad_header(message: str) -> Permanent:
    return Permanent("http_bad_header", message, field="headers")


async def _read(answer: aiohttp.ClientResponse, max_bytes: int, *, cut: bool) -> bytes:
    """Read the decoded body in pieces; the cap counts what comes out of the decompressor."""
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.content.iter_any():
        size += len(piece)
        if size > max_bytes:
            answer.close()
            if cut:
                return b"".join([*pieces, piece])[:max_bytes]
            raise Permanent(
                "http_too_large",
                f"The answer is larger than {max_bytes / 1_000_000:.3g} MB. Ask for less, or raise the size limit.",
            )
        pieces.append(piece)
    return b"".join(pieces)


def _join(headers: Mapping[str, str]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _explain(error: Exception, origin: str) -> Permanent | Transient:
    """Say what a network fault means; the message holds the origin only, since paths and queries may carry secrets."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Permanent("http_certificate", f"The security certificate of {origin} is not valid, so nothing was sent.")
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
        if cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            return Permanent("http_unknown_host", f"No server has the name in {origin}. Check it for typing errors.", field="url")
        return Transient("http_unknown_host", f"The name of {origin} could not be looked up just now. Try again.")
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, _ForbiddenSocketError):
            return forbidden(error.host)
        return Transient("http_unreachable", f"No connection to {origin} could be made. The server may be down.")
    if isinstance(error, aiohttp.InvalidURL):
        return Permanent("http_bad_url", f"The address {origin} cannot be used.", field="url")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return Transient("http_bad_answer", f"{origin} sent an answer that could not be read to its end.")
    return Transient("http_interrupted", f"The connection to {origin} was cut before the answer was complete.")
