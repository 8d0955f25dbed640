"""The Python client: against a real server, and against one that fails in the ways that networks do."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from agent_factory import (
    ApiError,
    Client,
    Forbidden,
    Invalid,
    LimitReached,
    NotAuthenticated,
    NotFound,
    Stale,
    Tokens,
    Unreachable,
    Unsendable,
)
from agent_factory.transport import ATTEMPTS, DONE_ONCE, is_done_once
from app.api.server import build_api
from tests.support.remote import PASSWORD, address
from tests.support.source import ROOT

pytestmark = pytest.mark.xdist_group("client")  # one server for the whole file

__all__ = ["address"]


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    body = {"name": "Ada", "email": "sdk@example.com", "password": PASSWORD}
    pair = httpx.post(f"{address}/api/v1/auth/register", json=body).json()["data"]
    with Client(address, tokens=Tokens(pair["access_token"], pair["refresh_token"])) as opened:
        yield opened


def test_the_example_in_the_docs_runs(client: Client, address: str) -> None:
    key = client.keys.create("Docs", ["view", "run", "edit"])["secret"]
    example = (ROOT / "docs/api.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"url": address, "api_key": key}
    exec(compile(example, "docs/api.md", "exec"), names)
    assert (names["agent"]["slug"], names["checked"]["is_valid"]) == ("greeter", True)


def test_lists_are_read_to_their_end(client: Client) -> None:
    for number in range(5):
        client.agents.create(name=f"Page {number}")
    assert len(list(client.agents.list(search="Page", limit=2))) == 5


def test_refusals_are_exceptions_that_name_the_field(client: Client) -> None:
    with pytest.raises(NotFound):
        client.agents.get("0198c3f0-aaaa-7bbb-8ccc-dddddddddddd")
    with pytest.raises(Invalid) as refused:
        client.agents.create(name="", model="no/such")
    assert set(refused.value.field_errors) == {"name", "model"}
    agent = client.agents.create(name="Edited")
    client.agents.save(agent["id"], {"name": "Edited", "role": "One"}, version=1)
    with pytest.raises(Stale):
        client.agents.save(agent["id"], {"name": "Edited", "role": "Two"}, version=1)


def test_the_token_pair_is_renewed_once_and_told(client: Client, address: str) -> None:
    told: list[Tokens] = []
    with Client(address, tokens=Tokens("expired", ""), on_tokens=told.append) as stranger:
        with pytest.raises(NotAuthenticated):
            stranger.me()
        stranger.login("sdk@example.com", PASSWORD)
    with Client(address, tokens=Tokens("expired", told[0].refresh), on_tokens=told.append) as back:
        assert back.me()["email"] == "sdk@example.com"
        assert len(told) == 2
        back.logout()


def test_a_run_is_followed_to_its_end(client: Client) -> None:
    workflow = client.workflows.create("Followed")
    run = client.workflows.start(workflow["id"])
    client.runs.cancel(run["id"])
    kinds = [event.kind for event in client.runs.follow(run["id"])]
    assert (kinds[0], kinds[-1]) == ("run_started", "end")
    assert [event.id for event in client.runs.follow(run["id"], after=1)][:-1] == [str(n) for n in range(2, len(kinds))]


class Network:
    """Answers as it is told, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked, self.slept = list(answers), list[httpx.Request](), list[float]()

    def client(self, **more: Any) -> Client:
        return Client(http=self.http(), api_key="af_x", sleep=self.slept.append, **more)

    def http(self) -> httpx.Client:
        """A connection to it."""
        return httpx.Client(base_url="http://af.test", transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


OK = httpx.Response(200, json={"data": {"id": "1"}, "message": "OK", "timestamp": "2026-03-04T09:00:00Z"})


def test_what_was_not_taken_is_sent_again_under_the_same_key() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"detail": "Slow down.", "error_code": "limit_reached"})
    network = Network(httpx.ConnectError("refused"), busy, httpx.Response(503, json={}), OK)
    assert network.client().agents.create(name="A") == {"id": "1"}
    assert len({request.headers["idempotency-key"] for request in network.asked}) == 1
    assert network.slept[1] == 7


def test_what_may_have_been_done_is_repeated_only_where_it_is_done_once() -> None:
    kept = Network(httpx.Response(502, json={}), httpx.Response(504, json={}), OK)
    assert kept.client().workflows.edit("w", [{"op": "move"}], revision=1) == {"id": "1"}
    for lost in (502, 504):
        network = Network(httpx.Response(lost, json={}), OK)
        with pytest.raises(ApiError):
            network.client().audit.export("csv")
        assert len(network.asked) == 1
    assert len({path for path in DONE_ONCE if is_done_once(f"/api/v1/{path.replace('*', 'x')}")}) == len(DONE_ONCE)
    assert not is_done_once("/api/v1/audit/export")


def test_the_routes_that_heed_the_key_are_known() -> None:
    described = build_api().openapi()["paths"]
    heeding = {
        re.sub(r"{[^}]*}", "*", path.removeprefix("/api/v1/"))
        for path, methods in described.items()
        for one in methods.get("post", {}).get("parameters", ())
        if one["name"].lower() == "idempotency-key"
    }
    assert heeding == DONE_ONCE


def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it() -> None:
    network = Network(OK)
    for key in ("af_sec\rret", "af_secr\u00e9t", "af_sec ret"):
        with pytest.raises(Unsendable) as refused:
            Client(http=network.http(), api_key=key)
        assert "ret" not in str(refused.value)
    with pytest.raises(Unsendable) as refused:
        network.client().workflows.start("w", idempotency_key="canary\u00e9\r")
    assert "canary" not in str(refused.value)
    assert network.asked == []


def test_it_gives_up_in_the_end() -> None:
    with pytest.raises(Unreachable):
        Network(*[httpx.ConnectError("refused")] * ATTEMPTS).client().me()
    with pytest.raises(LimitReached):
        Network(*[httpx.Response(429, json={"detail": "Slow down."})] * ATTEMPTS).client().me()


def test_a_broken_connection_is_no_second_post() -> None:
    network = Network(httpx.ReadError("cut"), OK)
    with pytest.raises(Unreachable, match="may have been done"):
        network.client().agents.create(name="A")
    assert len(network.asked) == 1


def test_a_page_of_a_proxy_is_no_answer() -> None:
    with pytest.raises(Exception, match="Is the address right"):
        Network(httpx.Response(200, text="<html>Welcome</html>")).client().me()


def sse(*events: tuple[str, str, Any]) -> httpx.Response:
    """A stream that ends after these."""
    text = "".join(f"id: {id}\nevent: {kind}\ndata: {json.dumps(data)}\n\n" for id, kind, data in events)
    return httpx.Response(200, text=": here\n\n" + text, headers={"Content-Type": "text/event-stream"})


def test_a_stream_that_breaks_goes_on_where_it_was() -> None:
    network = Network(
        sse(("1", "run_started", {}), ("2", "node_started", {})), httpx.ReadError("cut"), sse(("3", "end", {"status": "failed"}))
    )
    assert [event.kind for event in network.client().runs.follow("r")] == ["run_started", "node_started", "end"]
    assert [request.headers.get("last-event-id") for request in network.asked] == [None, "2", "2"]


def test_a_stream_ends_with_the_right_to_see_it() -> None:
    lost = {"detail": "Your role may not do this.", "error_code": "not_allowed", "field_errors": {}}
    with pytest.raises(Forbidden):
        list(Network(sse(("1", "run_started", {}), ("", "error", lost))).client().runs.follow("r"))
