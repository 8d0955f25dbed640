"""A colleague against what is private: by forged events, by every route, and by the command line. Nothing is told, nothing is done."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from reflex_base.registry import RegistrationContext

from app.core.config import read_settings
from app.core.uow import Actor
from app.services import accounts, agents, conversations, runs, sharing, workflows
from app.services.schedules import create_schedule
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from models.grant import Access
from models.ids import parse_id
from models.run import Run
from models.workflow import Workflow
from models.workspace import Role, Workspace
from tests.support.api import caller
from tests.support.event_socket import send_events
from tests.support.hooks import make_webhook
from tests.support.operations import operations
from tests.support.people import make_member
from tests.support.workflows import greeting

pytestmark = pytest.mark.xdist_group("socket")  # one server for all files that forge events

HYDRATE = "reflex___state____state.hydrate_and_load"
NAME, AGENT, CANARY = "Payroll of the board", "Severance clerk", "canary-51c7d2e9aa10"
PAGES_OF = {"/workflows/[id]": "workflow_id", "/agents/[id]": "agent_id", "/runs/[id]": "run_id", "/triggers/schedules/[id]": "schedule_id"}
LEAVING = ("switch_workspace", "end_session", "end_others", "members_state.confirm")


@dataclass(frozen=True)
class Private:
    """Things of one member, a colleague of the same workspace, and the ids that the colleague has got hold of."""

    wiring: Wiring
    maker: Actor
    colleague: Actor
    ids: dict[str, str]

    def state(self) -> tuple[Any, ...]:
        """What must not have changed: the workflow, and how many runs there are."""
        with self.wiring.unit(write=False) as uow:
            row = uow.session.get_one(Workflow, self.maker_workflow)
            count = uow.session.execute(sa.select(sa.func.count()).select_from(Run).where(Run.workflow_id == row.id)).scalar_one()  # type: ignore[arg-type]
            return row.name, row.revision, row.deleted_at, row.sharing, row.owner_id, count

    @property
    def maker_workflow(self) -> Any:
        return parse_id(self.ids["workflow_id"])


def make_private(wiring: Wiring) -> Private:
    with wiring.unit() as uow:
        maker = uow.actor = make_member(uow, name="Mara Maker")
        spec = greeting()
        made = workflows.create_workflow(uow, name=NAME, description=CANARY, spec=spec)
        agent = agents.create_agent(uow, draft={"name": AGENT, "instructions": CANARY, "model": "demo/assistant"})
        run = runs.start_run(uow, workflow_id=made.id, inputs={"name": CANARY})
        fields = {"workflow_id": str(made.id), "name": NAME, "wording": "every day at 9", "time_zone": "UTC", "inputs": {"name": CANARY}}
        schedule = create_schedule(uow, schedule=fields)
        hook = make_webhook(uow, uow.session.get(Workflow, made.id), name=NAME)
        talk = conversations.create_conversation(uow, agent_id=agent.id)
        for kind, thing in (("workflow", str(made.id)), ("agent", agent.id)):
            sharing.change_sharing(uow, kind=kind, thing_id=thing, everyone="private")
        colleague = make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, maker.workspace_id), name="Carl Colleague")
        ids = {
            "workflow_id": str(made.id),
            "agent_id": agent.id,
            "run_id": str(run.id),
            "schedule_id": str(schedule.id),
            "webhook_id": str(hook.detail.row.id),
            "conversation_id": talk.id,
        }
        return Private(wiring, maker, colleague, ids)


def tells(text: str) -> list[str]:
    return [word for word in (NAME, AGENT, CANARY) if word in text]


# -- over HTTP


def stranger(private: Private) -> Actor:
    """The owner of another workspace."""
    with private.wiring.unit() as uow:
        return make_member(uow, Role.OWNER)


def viewer(private: Private) -> Actor:
    """Somebody who may look, at whatever is shared to edit."""
    with private.wiring.unit(private.maker) as uow:
        for kind, thing in (("workflow", private.ids["workflow_id"]), ("agent", private.ids["agent_id"])):
            sharing.change_sharing(uow, kind=kind, thing_id=thing, everyone="edit")
        return make_member(uow, Role.VIEWER, workspace=uow.session.get(Workspace, private.maker.workspace_id))


@pytest.fixture
def program(wiring: Wiring) -> tuple[Private, TestClient]:
    private = make_private(wiring)
    return private, caller(wiring, private.colleague)


def paths(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every route that takes one of the ids, with it."""
    known = {**ids, "number": "1", "node": "start", "version_id": "draft", "message_id": ids["run_id"], "user_id": ids["run_id"]}
    for method, path in operations().values():
        for things, one in (("workflows", ids["workflow_id"]), ("agents", ids["agent_id"])):
            filled = path.replace("{things}", things).replace("{thing_id}", one)
            for name, value in known.items():
                filled = filled.replace(f"{{{name}}}", value)
            if "{" not in filled and "/members/" not in filled and any(value in filled for value in ids.values()):
                yield method, filled


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_no_route_tells_of_what_is_out_of_reach_or_touches_it(program: tuple[Private, TestClient], who: str) -> None:
    private, client = program
    if who == "stranger":
        client = caller(private.wiring, stranger(private))
    before, tried = private.state(), 0
    for method, path in dict.fromkeys(paths(private.ids)):
        answer = client.request(method, path, json={} if method in ("POST", "PUT", "PATCH") else None, headers={"If-Match": '"1"'})
        tried += 1
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text)
        assert not tells(answer.text), (method, path)
    assert tried > 40
    assert private.state() == before


def test_a_viewer_changes_nothing_by_any_route(program: tuple[Private, TestClient]) -> None:
    private, _ = program
    client = caller(private.wiring, viewer(private), "view")
    before, refused = private.state(), 0
    for method, path in dict.fromkeys(paths(private.ids)):
        if method == "GET" or path.endswith("/validate"):
            continue
        answer = client.request(method, path, json={}, headers={"If-Match": '"1"'})
        assert answer.status_code in (403, 404, 422), (method, path, answer.status_code, answer.text)
        refused += answer.status_code == 403
    assert refused > 15
    assert private.state() == before


def test_fields_nobody_asked_for_are_refused_or_mean_nothing(program: tuple[Private, TestClient]) -> None:
    private, client = program
    with private.wiring.unit() as uow:
        elsewhere = str(make_member(uow).workspace_id)
    forged = {"workspace_id": elsewhere, "owner_id": str(private.maker.user_id), "id": private.ids["workflow_id"], "sharing": "private"}
    makers = {
        "/api/v1/workflows": {"name": "Mine"},
        "/api/v1/agents": {"name": "Mine", "model": "demo/assistant"},
        "/api/v1/workspaces": {"name": "Mine"},
    }
    for path, body in makers.items():
        for field, value in {**forged, "role": "owner", "is_public": True, "status": "done", "created_at": "2020-01-01"}.items():
            if path.endswith("agents") and field == "role":
                continue  # what an agent does, in words
            answer = client.post(path, json={**body, field: value})
            assert answer.status_code in (403, 422), (path, field, answer.text)
    assert tells(client.get("/api/v1/workflows").text) == []


def test_no_list_and_no_search_tells_a_colleague_of_what_is_private(program: tuple[Private, TestClient]) -> None:
    private, client = program
    lists = [path for method, path in operations().values() if method == "GET" and "{" not in path and not path.endswith("/conversations")]
    for path in lists:
        for query in ({}, {"search": NAME}, {"search": private.ids["run_id"]}, {"workflow_id": private.ids["workflow_id"]}):
            answer = client.get(path, params=query)
            assert not tells(answer.text.replace(json.dumps(NAME), "")), (path, query)
    assert len(lists) > 15


def test_absent_foreign_and_private_things_are_answered_alike(program: tuple[Private, TestClient]) -> None:
    private, client = program
    absent = private.ids["workflow_id"][:-12] + "dddddddddddd"
    answers = [client.get(f"/api/v1/workflows/{one}") for one in (absent, private.ids["workflow_id"])]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(("level", "may_run"), [(Access.VIEW, False), (Access.RUN, True)])
def test_who_may_look_cannot_change_and_who_may_run_cannot_edit(program: tuple[Private, TestClient], level: Access, may_run: bool) -> None:
    private, client = program
    workflow = private.ids["workflow_id"]
    with private.wiring.unit(private.maker) as uow:
        sharing.share_with(uow, kind="workflow", thing_id=workflow, user_id=str(private.colleague.user_id), access=level.value)
    assert client.get(f"/api/v1/workflows/{workflow}").json()["data"]["name"] == NAME
    started = client.post(f"/api/v1/workflows/{workflow}/runs", json={"inputs": {"name": "Mia"}})
    assert started.status_code == (202 if may_run else 403)
    assert client.patch(f"/api/v1/workflows/{workflow}", json={"name": "Mine"}).status_code == 403
    assert client.delete(f"/api/v1/workflows/{workflow}").status_code == 403
    assert client.patch(f"/api/v1/workflows/{workflow}/sharing", json={"everyone": "edit"}).status_code == 403


# -- by forged events


@pytest.fixture(scope="module")
def there(site: tuple[str, Path], valkey_server: EmbeddedValkey) -> Iterator[tuple[Private, str]]:
    """The same on the real server, and the cookie of the colleague."""
    settings = {"AF_DATA_DIR": str(site[1].parent), "REDIS_URL": f"unix://{valkey_server.socket_path}?db=5"}
    wiring = build_wiring(read_settings(settings))
    private = make_private(wiring)
    with wiring.unit() as uow:
        found = accounts.Credentials(user_id=private.colleague.user_id, password_hash="")
        token = accounts.open_session(uow, credentials=found).token
    yield private, f"af_session={token}"
    wiring.database.dispose()


def forged(private: Private, page: str, one: str) -> list[dict[str, Any]]:
    """Every handler of every page, as if on the page of the thing, with ids in place of its arguments."""
    here = {"router_data": {"pathname": page, "asPath": page.replace("[id]", one), "query": {"id": one}}}
    handlers = RegistrationContext.get().event_handlers
    events: list[dict[str, Any]] = [{"name": HYDRATE} | here]
    for name in sorted(handlers):
        if (".pages___" in name or ".app___" in name) and not name.endswith(LEAVING):
            arguments = list(inspect.signature(handlers[name].handler.fn).parameters)[1:]
            events.append({"name": name, "payload": {argument: private.ids.get(argument, one) for argument in arguments}} | here)
    return events


@pytest.mark.parametrize(("page", "of"), PAGES_OF.items())
def test_no_forged_event_tells_a_colleague_of_what_is_private_or_touches_it(
    site: tuple[str, Path], there: tuple[Private, str], page: str, of: str
) -> None:
    private, cookie = there
    before = private.state()
    events = forged(private, page, private.ids[of])
    assert len(events) > 200
    said = json.dumps(send_events(site[0], events, cookie=cookie))
    assert not tells(said)
    assert private.state() == before
