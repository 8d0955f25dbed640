"""One connection to the API: proves who calls, tries again what may be tried again, and turns refusals into exceptions."""

import contextlib
import json
import re
import ssl
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from agent_factory.errors import ApiError, NotAuthenticated, Unreachable, Unsendable, error_of

Json = dict[str, Any]
PREFIX = "/api/v1"
ATTEMPTS = 4
LONGEST_WAIT_S = 30.0
LAST = ("end", "message")  # after these a stream is over
_NOT_TAKEN = (429, 503)
_AGAIN = (*_NOT_TAKEN, 502, 504)  # a gateway lost the answer; the work may have been done
# POSTs whose idempotency key the server heeds; * stands for one id.
DONE_ONCE = frozenset(
    {
        "agents",
        "agents/starters/*",
        "agents/try",
        "agents/*/chat",
        "agents/*/duplicate",
        "agents/*/test",
        "conversations/*/messages/*/edit",
        "conversations/*/messages/*/regenerate",
        "market/fees",
        "rules",
        "runs/*/fork",
        "runs/*/test",
        "schedules",
        "schedules/*/duplicate",
        "workflows",
        "workflows/*/duplicate",
        "workflows/*/nodes/*/run",
        "workflows/*/nodes/*/run-from",
        "workflows/*/nodes/*/run-until",
        "workflows/*/operations",
        "workflows/*/runs",
        "workflows/*/test-runs",
        "workflows/*/tests",
        "workflows/*/tests/*/copy",
    }
)
_UNREADABLE = "The server's answer cannot be read: it is packed otherwise than it says. Is the address right?"
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_SAFE = ("GET", "HEAD", "PUT", "DELETE")


@dataclass(frozen=True)
class Tokens:
    """A sign-in; `refresh` works once, so whoever keeps it keeps the newest."""

    access: str
    refresh: str


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    kind: str
    data: Any
    id: str = ""


def _trust(url: str) -> ssl.SSLContext | bool:
    """Reading the known authorities takes longer than a call: where nothing is encrypted none is read, and none believed."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.lower().startswith("http://") else True


def _opened(url: str, headers: dict[str, str]) -> httpx.Client:
    try:
        return httpx.Client(base_url=url.rstrip("/"), timeout=30.0, headers=headers, verify=_trust(url))
    except httpx.InvalidURL:
        raise Unsendable("The address of the server is no address. Give one such as https://agents.example.com.") from None


def sendable(bearer: str) -> str:
    """A key or token without the space around it; raises Unsendable, which does not repeat it, for what no header may hold."""
    bearer = bearer.strip()
    if not bearer.isascii() or not bearer.isprintable() or " " in bearer:
        raise Unsendable("The API key holds spaces, line ends or letters that no key has. Copy it again, whole and alone.")
    return bearer


class Transport:
    """Blocking. `renew` is called when the access token has expired; it returns the next one, or None when there is none."""

    def __init__(
        self,
        url: str,
        *,
        bearer: str = "",
        renew: Callable[[], str | None] | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        agent: str = "",
    ) -> None:
        self._bearer = sendable(bearer)
        self._http = http or _opened(url, {"User-Agent": agent or "agent-factory-client"})
        self._renew = renew
        self._sleep = sleep

    def without_proof(self) -> "Transport":
        """The same connection for calls of nobody."""
        return Transport("", http=self._http, sleep=self._sleep)

    def prove(self, bearer: str, renew: Callable[[], str | None] | None) -> None:
        """From now on call with this."""
        self._bearer, self._renew = sendable(bearer), renew

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, path: str, *, body: Any = None, query: Json | None = None, headers: dict[str, str] | None = None) -> Any:
        """What the answer's envelope holds."""
        return self.call_whole(method, path, body=body, query=query, headers=headers)[0]

    def call_whole(
        self, method: str, path: str, *, body: Any = None, query: Json | None = None, headers: dict[str, str] | None = None
    ) -> tuple[Any, httpx.Headers]:
        """The same with the headers of the answer."""
        answer = self._proven(method, path, body, query, headers)
        return _read(answer)["data"], answer.headers

    def text(self, path: str) -> str:
        """A document that is no JSON."""
        return self._proven("GET", path, None, None, None).text

    def _proven(self, method: str, path: str, body: Any, query: Json | None, headers: dict[str, str] | None) -> httpx.Response:
        """An answer that is no refusal; a token that has expired meanwhile is renewed."""
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", uuid.uuid4().hex)
        query = {name: value for name, value in (query or {}).items() if value is not None and value != ""}
        answer = self._send(method, path, body, query, sent)
        if answer.status_code == 401 and self._renew is not None:
            renewed = self._renew()
            if renewed is not None:
                self._bearer = sendable(renewed)
                answer = self._send(method, path, body, query, sent)
        if answer.status_code >= 400:
            raise error_of(answer.status_code, _read(answer))
        return _here(answer)

    def _send(self, method: str, path: str, body: Any, query: Json, headers: dict[str, str]) -> httpx.Response:
        """Try again what the server could not take, and what may have been done only where doing it twice is doing it once."""
        repeats = method in _SAFE or is_done_once(path)
        problem: Exception | None = None
        for attempt in range(ATTEMPTS):
            try:
                with _told_plainly(path):
                    request = self._http.build_request(method, path, json=body, params=query, headers=headers | self._proof())
                    answer = self._http.send(request)
            except httpx.ConnectError as error:
                problem = error
            except httpx.TransportError as error:
                if method not in _SAFE:
                    raise Unreachable(f"{method} {path}: the connection broke ({error}). It may have been done.") from error
                problem = error
            else:
                if answer.status_code not in (_AGAIN if repeats else _NOT_TAKEN) or attempt == ATTEMPTS - 1:
                    return answer
                self._sleep(_wait_s(answer, attempt))
                continue
            if attempt < ATTEMPTS - 1:
                self._sleep(0.2 * 2**attempt)
        raise Unreachable(f"{self._http.base_url} does not answer: {_ERRNO.sub('', str(problem))}.") from problem

    def stream(self, path: str, *, last_id: str = "") -> Iterator[Event]:
        """Events of a stream of this server; after a broken connection it goes on where it was."""
        if not path.startswith("/") or path.startswith("//"):
            raise ApiError("The server names a stream elsewhere, where no key is sent.")
        broken, renewed = 0, False
        while True:
            try:
                for event in self._connected(path, last_id):
                    if event.id and event.id != last_id:  # the same once more is no progress
                        last_id, broken = event.id, 0
                    renewed = False
                    yield event
                    if event.kind in LAST:
                        return
                raise httpx.RemoteProtocolError("it ended before its end was told")
            except httpx.TransportError as error:
                broken += 1
                if broken >= ATTEMPTS:
                    raise Unreachable(f"The stream broke: {error}") from error
                self._sleep(0.2 * 2**broken)
            except NotAuthenticated:
                bearer = self._renew() if self._renew is not None and not renewed else None
                if bearer is None:
                    raise
                self._bearer, renewed = bearer, True

    def _connected(self, path: str, last_id: str) -> Iterator[Event]:
        """The events of one connection."""
        headers = {"Accept": "text/event-stream", **self._proof()} | ({"Last-Event-ID": last_id} if last_id else {})
        timeout = httpx.Timeout(30.0, read=60.0)
        with _told_plainly(path), self._http.stream("GET", path, headers=headers, timeout=timeout) as answer:
            if answer.status_code >= 400:
                answer.read()
                raise error_of(answer.status_code, _read(answer))
            for event in _events(answer.iter_lines()):
                if event.kind == "error":
                    raise error_of(401 if event.data.get("error_code") == "not_signed_in" else 403, event.data)
                yield event

    def _proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._bearer}"} if self._bearer else {}


def is_done_once(path: str) -> bool:
    """Whether the same POST under the same key does its work once."""
    parts = path.removeprefix(f"{PREFIX}/").split("/")
    known = (one.split("/") for one in DONE_ONCE)
    return any(len(one) == len(parts) and all(a in ("*", b) for a, b in zip(one, parts, strict=True)) for one in known)


@contextlib.contextmanager
def _told_plainly(path: str) -> Generator[None]:
    """Problems with what is sent are told without quoting it, for a header may be a key; an answer that cannot be unpacked is refused."""
    if not {".", ".."}.isdisjoint(path.partition("?")[0].split("/")):
        raise Unsendable(f"{path!r} cannot be asked for: an id of dots would lead to another route.")
    try:
        yield
    except (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError):
        raise Unsendable(f"{path!r} cannot be asked for: a name, a header or a text of the call holds what cannot be sent.") from None
    except httpx.DecodingError as error:
        raise ApiError(_UNREADABLE) from error


def _wait_s(answer: httpx.Response, attempt: int) -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told) if told.isdecimal() else 0.5 * 2**attempt, LONGEST_WAIT_S)


def _here(answer: httpx.Response) -> httpx.Response:
    """Redirects are not followed: a key goes to the address that was given, and nowhere else."""
    if answer.is_redirect:
        raise ApiError(f"{answer.url.host} sends us elsewhere, where no key is sent. Give the right address.", status=answer.status_code)
    return answer


def _read(answer: httpx.Response) -> Json:
    """The body of an answer."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict) and (answer.status_code >= 400 or "data" in body):
        return body
    if answer.status_code < 400:
        raise ApiError("The server's answer is not of this API. Is the address right?", status=answer.status_code)
    return {}


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                yield Event(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id", ""))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
