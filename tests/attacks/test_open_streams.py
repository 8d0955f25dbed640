"""A stream that is open while its reader loses the right to it: it ends within five seconds, however much there is to tell.

A real server streams to a real client; the live feed is filled without a pause, so that silence is never what makes it look again.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.adapters.live_redis import RedisLiveFeed
from app.cli import remote
from app.core.config import read_settings
from app.core.uow import Actor
from app.services import agents, conversations, members, runs, sharing, workflows
from app.services.access import create_api_key, revoke_api_key
from app.services.accounts import list_sessions, open_session, revoke_session
from app.services.accounts.sign_in import Credentials
from app.services.closing.workspaces import close, lock_open
from app.session import COOKIE
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from models.run import Run
from models.workspace import Role, Workspace
from tests.support.backend import backend
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workflows import greeting

WITHIN_S = 5.0
SECRET_KEY = "streams " * 8


@dataclass(frozen=True)
class Proof:
    """A person with what they show."""

    actor: Actor
    key: str
    key_id: str
    cookie: str


@dataclass
class Place:
    """A server, and a private workflow and agent of an owner: a member may run both, a viewer look at both, an admin by being one."""

    url: str
    wiring: Wiring
    owner: Actor
    proofs: dict[str, Proof]
    workflow: str
    agent: str
    feed: RedisLiveFeed
    who: str = "member"

    @property
    def reader(self) -> Proof:
        """Who reads the stream and loses the right to it."""
        return self.proofs[self.who]

    def tell(self, run_id: str) -> None:
        """Something happens in a run that no worker runs."""
        self.feed.publish(run_id, "text", "agent", "", {"delta": "word "})  # type: ignore[arg-type]


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
        space = uow.session.get(Workspace, owner.workspace_id)
        people = {
            role.value: make_member(uow, role, workspace=space, name=f"Rita {role}") for role in (Role.MEMBER, Role.VIEWER, Role.ADMIN)
        }
        workflow = str(workflows.create_workflow(uow, name="Payroll", spec=greeting()).id)
        agent = agents.create_agent(uow, draft={"name": "Clerk", "model": "demo/assistant"}).id
        for kind, thing in (("workflow", workflow), ("agent", agent)):
            sharing.change_sharing(uow, kind=kind, thing_id=thing, everyone="private")
            for role, access in (("member", "run"), ("viewer", "view")):
                sharing.share_with(uow, kind=kind, thing_id=thing, user_id=str(people[role].user_id), access=access)
    proofs = {role: prove(wiring, actor) for role, actor in people.items()}
    return Place(url, wiring, owner, proofs, workflow, agent, RedisLiveFeed(wiring.settings.redis_url))


def prove(wiring: Wiring, actor: Actor) -> Proof:
    with wiring.unit(actor) as uow:
        made = create_api_key(uow, name="Reader", scopes=["view"] if actor.role is Role.VIEWER else ["view", "run"])
        cookie = open_session(uow, credentials=Credentials(actor.user_id, "")).token
    return Proof(actor, made.secret, str(made.row.id), cookie)


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
    run = place.wiring.call(runs.start_run, place.owner, workflow_id=place.workflow, inputs={"name": "Mia"})
    return f"/api/v1/runs/{run.id}/stream", str(run.id)


def chat_stream(place: Place) -> tuple[str, str]:
    """The path of an answer that is being written, and the id of its run."""
    turn = place.wiring.call(conversations.talk_to_agent, place.reader.actor, agent_id=place.agent, text="Hello")
    return f"/api/v1/conversations/{turn.conversation_id}/messages/{turn.message_id}/stream", turn.run_id


def remove(place: Place) -> None:
    place.wiring.call(members.remove_member, place.owner, user_id=str(place.reader.actor.user_id))


def demote(place: Place) -> None:
    place.wiring.call(members.change_role, place.owner, user_id=str(place.reader.actor.user_id), role="viewer")


def end_session(place: Place) -> None:
    for card in place.wiring.call(list_sessions, place.reader.actor):
        place.wiring.call(revoke_session, place.reader.actor, session_id=card.id)


def end_key(place: Place) -> None:
    place.wiring.call(revoke_api_key, place.owner, key_id=place.reader.key_id)


def delete_workspace(place: Place) -> None:
    with place.wiring.unit(place.owner) as uow:
        close(uow, lock_open(uow, place.owner.workspace_id), by=place.owner.user_id)


def take_back(place: Place) -> None:
    user_id = str(place.reader.actor.user_id)
    place.wiring.call(sharing.unshare_with, place.owner, kind="workflow", thing_id=place.workflow, user_id=user_id)


@pytest.mark.parametrize(
    ("who", "stream", "by", "lose", "code"),
    [
        ("member", run_stream, "cookie", remove, "not_found"),
        ("member", run_stream, "cookie", end_session, "not_signed_in"),
        ("member", run_stream, "key", end_key, "not_signed_in"),
        ("member", run_stream, "cookie", delete_workspace, "not_found"),
        ("member", run_stream, "key", delete_workspace, "not_signed_in"),
        ("admin", chat_stream, "key", delete_workspace, "not_signed_in"),
        ("member", run_stream, "key", take_back, "not_found"),
        ("member", chat_stream, "key", remove, "not_signed_in"),
        ("member", chat_stream, "cookie", end_session, "not_signed_in"),
        ("member", chat_stream, "key", end_key, "not_signed_in"),
        ("viewer", run_stream, "cookie", remove, "not_found"),
        ("viewer", run_stream, "key", remove, "not_signed_in"),
        ("viewer", run_stream, "key", take_back, "not_found"),
        ("viewer", run_stream, "cookie", end_session, "not_signed_in"),
        ("admin", run_stream, "cookie", demote, "not_found"),
        ("admin", run_stream, "key", demote, "not_found"),
        ("admin", chat_stream, "key", demote, "not_found"),
    ],
)
def test_an_open_stream_ends_soon_after_the_right_to_it(place: Place, who: str, stream: Any, by: str, lose: Any, code: str) -> None:
    place.who = who
    path, run_id = stream(place)
    reader = place.reader
    shown = {"Cookie": f"{COOKIE}={reader.cookie}"} if by == "cookie" else {"Authorization": f"Bearer {reader.key}"}
    reading = Reading(place.url + path, shown).begin()

    def is_told() -> bool:
        place.tell(run_id)
        return bool(reading.events)

    def is_cut() -> bool:
        place.tell(run_id)
        return reading.is_over

    until(is_told, what="the first event")
    lose(place)
    until(is_cut, timeout_s=WITHIN_S, what="the end of the stream")
    kind, told = reading.events[-1]
    assert (kind, told["error_code"]) == ("error", code)


def runs_of(place: Place) -> list[str]:
    with place.wiring.unit(write=False) as uow:
        return [str(one) for one in uow.session.exec(select(Run.id).where(Run.workspace_id == place.owner.workspace_id))]


@pytest.mark.parametrize(
    ("who", "command", "lose", "code"),
    [
        ("viewer", ("runs", "follow"), remove, remote.NOT_SIGNED_IN),
        ("viewer", ("runs", "follow"), take_back, remote.REFUSED),
        ("admin", ("runs", "follow"), demote, remote.REFUSED),
        ("member", ("agents", "chat"), remove, remote.NOT_SIGNED_IN),
        ("admin", ("agents", "chat"), demote, remote.REFUSED),
    ],
)
def test_a_command_that_follows_a_stream_ends_soon_after_the_right_to_it(
    place: Place, tmp_path: Path, who: str, command: tuple[str, ...], lose: Any, code: int
) -> None:
    place.who = who
    named = (place.agent, "Hello") if command[0] == "agents" else (run_stream(place)[1],)
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment = {**os.environ, **home, "AF_URL": place.url, "AF_API_KEY": place.reader.key, "PYTHONUNBUFFERED": "1"}
    told = tmp_path / "told"
    with (
        told.open("wb") as out,
        subprocess.Popen([sys.executable, "-m", "app.cli", *command, *named], env=environment, stdout=out) as started,
    ):

        def happens() -> None:
            for run_id in runs_of(place):
                place.tell(run_id)

        def is_told() -> bool:
            happens()
            return told.stat().st_size > 0

        def is_over() -> bool:
            happens()
            return started.poll() is not None

        try:
            until(is_told, what="the first words")
            lose(place)
            until(is_over, timeout_s=WITHIN_S, what="the end of the command")
        finally:
            started.kill()
    assert started.returncode == code


def test_who_became_a_viewer_goes_on_reading_and_steers_nothing(place: Place) -> None:
    path, run_id = run_stream(place)
    reader = place.reader
    reading = Reading(place.url + path, {"Authorization": f"Bearer {reader.key}"}).begin()

    def is_told() -> bool:
        place.tell(run_id)
        return bool(reading.events)

    until(is_told, what="the first event")
    demote(place)
    for tried, body in ((f"/runs/{run_id}/cancel", None), (f"/agents/{place.agent}/chat", {"text": "Hello"})):
        refused = httpx.post(f"{place.url}/api/v1{tried}", json=body, headers={"Authorization": f"Bearer {reader.key}"}, trust_env=False)
        assert (refused.status_code, refused.json()["error_code"]) == (403, "not_allowed"), tried
    seen = len(reading.events)
    place.wiring.call(runs.cancel_run, place.owner, run_id=run_id)
    until(lambda: reading.is_over, what="the end of the run")
    assert len(reading.events) > seen
    assert reading.events[-1][0] == "end"
