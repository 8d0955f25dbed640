"""A stream that is open while its reader loses the right to it: it ends within five seconds, however much there is to tell.

A real server streams to a real client; the live feed is filled without a pause, so that silence is never what makes it look again.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.adapters.live_redis import RedisLiveFeed
from app.core.config import read_settings
from app.core.uow import Actor
from app.services import agents, conversations, members, runs, sharing, workflows
from app.services.access import create_api_key, revoke_api_key
from app.services.accounts import list_sessions, open_session, revoke_session
from app.services.accounts.sign_in import Credentials
from app.session import COOKIE
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from models.workspace import Role, Workspace
from tests.support.backend import backend
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workflows import greeting

WITHIN_S = 5.0
SECRET_KEY = "streams " * 8


@dataclass
class Place:
    """A server, and a private workflow and agent of an owner that a colleague may run."""

    url: str
    wiring: Wiring
    owner: Actor
    reader: Actor
    workflow: str
    agent: str
    key: str
    key_id: str
    cookie: str
    feed: RedisLiveFeed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, valkey_server: EmbeddedValkey) -> Iterator[tuple[str, Wiring]]:
    folder, redis_url = tmp_path_factory.mktemp("streams") / "data", f"unix://{valkey_server.socket_path}?db=6"
    with backend(folder, redis_url=redis_url, api_only=True, AF_SECRET_KEY=SECRET_KEY) as (url, _):
        wiring = build_wiring(read_settings({"AF_DATA_DIR": str(folder), "REDIS_URL": redis_url, "AF_SECRET_KEY": SECRET_KEY}))
        yield url, wiring
        wiring.database.dispose()


@pytest.fixture
def place(server: tuple[str, Wiring]) -> Place:
    url, wiring = server
    with wiring.unit() as uow:
        owner = uow.actor = make_member(uow, Role.OWNER, name="Olga Owner")
        reader = make_member(uow, workspace=uow.session.get(Workspace, owner.workspace_id), name="Rita Reader")
        workflow = str(workflows.create_workflow(uow, name="Payroll", spec=greeting()).id)
        agent = agents.create_agent(uow, draft={"name": "Clerk", "model": "demo/assistant"}).id
        for kind, thing in (("workflow", workflow), ("agent", agent)):
            sharing.change_sharing(uow, kind=kind, thing_id=thing, everyone="private")
            sharing.share_with(uow, kind=kind, thing_id=thing, user_id=str(reader.user_id), access="run")
    with wiring.unit(reader) as uow:
        made = create_api_key(uow, name="Reader", scopes=["view", "run"])
        cookie = open_session(uow, credentials=Credentials(reader.user_id, "")).token
    feed = RedisLiveFeed(wiring.settings.redis_url)
    return Place(url, wiring, owner, reader, workflow, agent, made.secret, str(made.row.id), cookie, feed)


@dataclass
class Reading:
    """A stream being read in a thread: what it told, and whether it is over."""

    address: str
    headers: dict[str, str]
    events: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    is_over: bool = False

    def begin(self) -> "Reading":
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def _read(self) -> None:
        kind = ""
        with httpx.stream("GET", self.address, headers=self.headers, timeout=30, trust_env=False) as answer:
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self.events.append((kind, json.loads(value)))
        self.is_over = True


def run_stream(place: Place) -> tuple[str, str]:
    """The path of the journal of a run that waits for a worker, and the run's id."""
    run = place.wiring.call(runs.start_run, place.reader, workflow_id=place.workflow, inputs={"name": "Mia"})
    return f"/api/v1/runs/{run.id}/stream", str(run.id)


def chat_stream(place: Place) -> tuple[str, str]:
    """The path of an answer that is being written, and the id of its run."""
    turn = place.wiring.call(conversations.talk_to_agent, place.reader, agent_id=place.agent, text="Hello")
    return f"/api/v1/conversations/{turn.conversation_id}/messages/{turn.message_id}/stream", turn.run_id


def remove(place: Place) -> None:
    place.wiring.call(members.remove_member, place.owner, user_id=str(place.reader.user_id))


def end_session(place: Place) -> None:
    for card in place.wiring.call(list_sessions, place.reader):
        place.wiring.call(revoke_session, place.reader, session_id=card.id)


def end_key(place: Place) -> None:
    place.wiring.call(revoke_api_key, place.owner, key_id=place.key_id)


def take_back(place: Place) -> None:
    place.wiring.call(sharing.unshare_with, place.owner, kind="workflow", thing_id=place.workflow, user_id=str(place.reader.user_id))


@pytest.mark.parametrize(
    ("stream", "by", "lose", "code"),
    [
        (run_stream, "cookie", remove, "not_found"),
        (run_stream, "cookie", end_session, "not_signed_in"),
        (run_stream, "key", end_key, "not_signed_in"),
        (run_stream, "key", take_back, "not_found"),
        (chat_stream, "key", remove, "not_signed_in"),
        (chat_stream, "cookie", end_session, "not_signed_in"),
        (chat_stream, "key", end_key, "not_signed_in"),
    ],
)
def test_an_open_stream_ends_soon_after_the_right_to_it(place: Place, stream: Any, by: str, lose: Any, code: str) -> None:
    path, run_id = stream(place)
    shown = {"Cookie": f"{COOKIE}={place.cookie}"} if by == "cookie" else {"Authorization": f"Bearer {place.key}"}
    reading = Reading(place.url + path, shown).begin()

    def tell() -> None:
        place.feed.publish(run_id, "text", "agent", "", {"delta": "word "})  # type: ignore[arg-type]

    def is_told() -> bool:
        tell()
        return bool(reading.events)

    def is_cut() -> bool:
        tell()
        return reading.is_over

    until(is_told, what="the first event")
    lose(place)
    until(is_cut, timeout_s=WITHIN_S, what="the end of the stream")
    kind, told = reading.events[-1]
    assert (kind, told["error_code"]) == ("error", code)
