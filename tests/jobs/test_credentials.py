"""A secret used by a real worker stays out of everything that is kept or told: the database, Redis, logs, exports, the audit trail."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from aiohttp import web
from sqlmodel import SQLModel

from app.core.uow import Actor
from app.services.audit import export_entries
from app.services.blueprints import export_workflow
from app.services.credentials import delete_credential
from app.services.mail import list_outbox
from app.services.members import invite_by_email
from app.services.runs import get_run, start_run
from app.wiring import Wiring
from models.workspace import Role
from tests.support.collector import Collector, attributes
from tests.support.credentials import SECRET, make_credential
from tests.support.people import make_member
from tests.support.slow_http import LocalServer, serve
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for
from tests.support.workflows import make_workflow, node, spec_of

FORMS = (SECRET, base64.b64encode(SECRET.encode()).decode(), base64.b64encode(f"mia:{SECRET}".encode()).decode())
came: list[str] = []


async def echo(request: web.Request) -> web.Response:
    """Sends back everything that came, as careless servers do."""
    told = {"headers": dict(request.headers), "query": dict(request.query), "url": str(request.rel_url)}
    came.append(json.dumps(told))
    status = int(request.query.get("status", "200"))
    return web.json_response(told, status=status, headers={"X-Echo": request.headers.get("Authorization", "")})


@pytest.fixture
def collector() -> Collector:
    """Takes the traces of the runs, with their content."""
    return Collector()


@pytest.fixture
def other(collector: Collector) -> Iterator[LocalServer]:
    """The other side; the receiver of traces stands there, too."""
    came.clear()
    with serve({"/v1/traces": collector.take, "/{path:.*}": echo}) as server:
        yield server


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    """The owner of a workspace."""
    with wiring.unit() as uow:
        return make_member(uow, Role.OWNER)


@pytest.fixture
def process(wiring: Wiring, other: LocalServer) -> Iterator[WorkerProcess]:
    """The shipped worker, which may call the local server."""
    variables = {"AF_ALLOW_PRIVATE_NETWORK": "1", "AF_HTTP_EXTRA_PORTS": str(other.port), "AF_LOG_LEVEL": "DEBUG"}
    variables |= {"OTEL_EXPORTER_OTLP_ENDPOINT": other.url, "AF_OTEL_CONTENT": "1"}
    running = WorkerProcess(wiring.settings, module="tests.support.shipped_worker", **variables)
    try:
        yield running.ready()
    finally:
        running.kill()


def run(wiring: Wiring, owner: Actor, url: str, credential: str) -> tuple[str, str, Any]:
    """Call the address from a workflow; returns the workflow's id, how the run ended, and its output or error."""
    call = node("call", "http", url=url, credential=credential, retry={"attempts": 1})
    spec = spec_of(node("start", "start"), call, node("end", "end", output="{{ call.body }}"), edges="start>call call>end")
    with wiring.unit(owner) as uow:
        workflow_id = str(make_workflow(uow, spec, name=f"Call with {credential}").id)
        row = start_run(uow, workflow_id=workflow_id, inputs={})
    ended = wait_for(wiring, owner, row.id)
    detail = wiring.call(get_run, owner, run_id=row.id)
    return workflow_id, ended.status, detail.output or detail.error


def kept(wiring: Wiring) -> str:
    """Everything in the database and in Redis."""
    parts: list[str] = []
    with wiring.database.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            parts += [str(tuple(row)) for row in connection.execute(sa.select(table))]
    url = wiring.settings.redis_url
    with redis.Redis(unix_socket_path=url.removeprefix("unix://")) as client:
        for key in client.scan_iter(count=1000):
            readers = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
            kind: Any = client.type(key)
            if kind in readers:
                parts.append(repr((key, readers[kind](key))))
            elif kind == b"list":
                parts.append(repr((key, client.lrange(key, 0, -1))))
            elif kind == b"zset":
                parts.append(repr((key, client.zrange(key, 0, -1))))
            elif kind == b"stream":
                parts.append(repr((key, client.xrange(key))))
    return "\n".join(parts)


def test_no_secret_is_kept_or_told_anywhere(
    wiring: Wiring, owner: Actor, other: LocalServer, process: WorkerProcess, collector: Collector
) -> None:
    hosts = [f"http://127.0.0.1:{other.port}"]
    kinds = {"bearer": {}, "basic": {"public_name": "mia"}, "header": {"public_name": "X-Key"}, "query": {"public_name": "key"}}
    told: list[str] = []
    for kind, fields in kinds.items():
        wiring.call(make_credential, owner, name=kind, kind=kind, hosts=hosts, **fields)
        for status, ending in ((200, "succeeded"), (400, "failed")):
            workflow, ended, output = run(wiring, owner, f"{other.url}/x?status={status}", kind)
            assert ended == ending, process.log
            assert "[hidden]" in str(output)
            told += [str(output), wiring.call(export_workflow, owner, workflow_id=workflow).text]
    assert all(any(form in text for form in FORMS) for text in came)
    assert len(came) == 8
    told += [wiring.call(export_entries, owner, file_format=one).text for one in ("csv", "json")]
    wiring.call(invite_by_email, owner, emails="eve@example.com", role="viewer")
    letters = [letter.text for letter in wiring.call(list_outbox, None, address="127.0.0.1")]
    assert letters
    until(lambda: sum(attributes(one).get("agent_factory.step.node") == "call" for one in collector.spans) >= 8, what="the traces")
    everything = "\n".join([*told, *letters, str(collector.spans), kept(wiring), process.log])
    assert not [form for form in FORMS if form in everything]
    assert everything.count("credentials.use_credential") >= 8


def test_a_credential_that_is_deleted_or_not_allowed_there_reaches_nobody(
    wiring: Wiring, owner: Actor, other: LocalServer, process: WorkerProcess
) -> None:
    made = wiring.call(make_credential, owner, name="CRM", hosts=["api.example.com"])
    _, ended, error = run(wiring, owner, f"{other.url}/x", "CRM")
    assert (ended, error["code"]) == ("failed", "credential_host"), process.log
    wiring.call(delete_credential, owner, credential_id=made.id, even_if_used=True)
    assert came == []
