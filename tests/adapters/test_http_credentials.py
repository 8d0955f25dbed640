"""A secret joins the request at the last moment, goes to allowed hosts alone, and is taken out of whatever comes back."""

import base64
import json
from urllib.parse import quote

import pytest

from app.adapters.http_credentials import CredentialHttp
from app.core.ports import OpenedCredential
from engine.errors import NodeFailed, Permanent, Transient
from engine.ports import HttpRequest, HttpResponse
from models.ids import new_id

SECRET = "s3cr3t/with+signs%and=more"


class Other:
    """The other side: keeps what came and answers what it is told."""

    def __init__(self, answer: HttpResponse | NodeFailed | None = None) -> None:
        self.answer = answer or HttpResponse(200, {}, b"{}", "https://api.test/")
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if isinstance(self.answer, NodeFailed):
            raise self.answer
        return self.answer


class One:
    """A workspace with one credential."""

    def __init__(self, fields: dict[str, str], hosts: tuple[str, ...] = ("api.test",)) -> None:
        self.opened = OpenedCredential(new_id(), "crm", hosts, fields)

    async def for_request(self, name: str) -> OpenedCredential:
        assert name == "crm"
        return self.opened

    async def model_key(self, provider: str) -> str:
        raise AssertionError(provider)


def ask(url: str = "https://api.test/x", **headers: str) -> HttpRequest:
    return HttpRequest("GET", url, headers, credential="crm")


@pytest.mark.parametrize(
    ("fields", "header", "value"),
    [
        ({"type": "bearer", "token": SECRET}, "Authorization", f"Bearer {SECRET}"),
        ({"type": "basic", "username": "u", "password": "p"}, "Authorization", "Basic dTpw"),
        ({"type": "header", "name": "X-Key", "value": SECRET}, "X-Key", SECRET),
    ],
)
async def test_a_credential_goes_where_its_kind_wants_it(fields: dict[str, str], header: str, value: str) -> None:
    other = Other()
    await CredentialHttp(other, One(fields)).send(ask(**{header.lower(): "the step's own"}))
    sent = other.requests[0]
    assert {name.lower(): kept for name, kept in sent.headers.items()} == {header.lower(): value}
    assert sent.credential == ""


async def test_a_parameter_is_added_to_the_address() -> None:
    other = Other()
    await CredentialHttp(other, One({"type": "query", "name": "key", "value": "k k&"})).send(ask("https://api.test/x?a=1#f"))
    assert other.requests[0].url == "https://api.test/x?a=1&key=k+k%26#f"


@pytest.mark.parametrize("url", ["https://evil.test/", "http://api.test/", "https://api.test.evil/", "https://u@api.test/"])
async def test_nothing_is_sent_to_a_host_that_is_not_allowed(url: str) -> None:
    other = Other()
    with pytest.raises(Permanent, match="may not be sent") as caught:
        await CredentialHttp(other, One({"type": "bearer", "token": SECRET})).send(ask(url))
    assert caught.value.code == "credential_host"
    assert not other.requests
    assert SECRET not in str(caught.value)


FORMS = {
    "plain": SECRET,
    "in an address": quote(SECRET, safe=""),
    "in JSON": json.dumps({"you sent": f"Bearer {SECRET}"}),
    "with escaped slashes": json.dumps({"you sent": SECRET}).replace("/", "\\/"),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_what_the_other_side_echoes_is_hidden(form: str) -> None:
    echo = HttpResponse(200, {"X-Echo": form}, f"You said {form}!".encode(), f"https://api.test/?key={quote(SECRET, safe='')}")
    answer = await CredentialHttp(Other(echo), One({"type": "query", "name": "key", "value": SECRET})).send(ask())
    shown = f"{answer.headers} {answer.body!r} {answer.url}"
    assert not any(one in shown for one in (SECRET, form, quote(SECRET, safe="")))
    assert "[hidden]" in shown


async def test_an_echo_in_another_encoding_and_the_pair_of_basic_are_hidden() -> None:
    pair = base64.b64encode(b"u:long-password").decode()
    body = f"long-password {pair}".encode("utf-16-le")
    fields = {"type": "basic", "username": "u", "password": "long-password"}
    answer = await CredentialHttp(Other(HttpResponse(200, {}, body, "")), One(fields)).send(ask())
    assert answer.body.decode("utf-16-le") == "[hidden] [hidden]"


async def test_a_failure_tells_nothing_of_it() -> None:
    failing = Other(Transient("http_unreachable", f"No connection to https://api.test/?key={SECRET}"))
    with pytest.raises(Transient) as caught:
        await CredentialHttp(failing, One({"type": "bearer", "token": SECRET})).send(ask())
    assert SECRET not in f"{caught.value} {caught.value.message}"


async def test_a_request_without_a_credential_passes_as_it_is() -> None:
    other = Other()
    request = HttpRequest("GET", "https://elsewhere.test/")
    await CredentialHttp(other, One({"type": "bearer", "token": SECRET})).send(request)
    assert other.requests == [request]


def test_an_opened_credential_does_not_show_itself() -> None:
    assert SECRET not in repr(One({"type": "bearer", "token": SECRET}).opened)
