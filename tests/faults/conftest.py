"""What every fault test needs: somebody who starts runs, and a service that counts what was really called."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.uow import Actor
from app.services.runs import start_run
from app.supervisor.valkey import EmbeddedValkey
from app.views.runs import RunRow
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from tests.support.called import Begin, CalledService
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.twice import open_queue
from tests.support.workflows import make_workflow


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


@pytest.fixture
def begin(wiring: Wiring, actor: Actor) -> Begin:
    """Starts a run of a new workflow."""

    def start(spec: WorkflowSpec) -> RunRow:
        with wiring.unit(actor) as uow:
            return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={})

    return start


@pytest.fixture
def service() -> Iterator[tuple[CalledService, str]]:
    """The counting service and its address."""
    called = CalledService()
    with serve({"/{name}": called.answer}) as server:
        yield called, server.url


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of this test's own, to be emptied and killed."""
    server = EmbeddedValkey(socket_path=tmp_path / "own.sock", directory=tmp_path / "own", log_path=tmp_path / "own.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mine(wiring: Wiring, valkey: EmbeddedValkey) -> Wiring:
    """The parts over that server."""
    url = f"unix://{valkey.socket_path}"
    return replace(wiring, settings=replace(wiring.settings, redis_url=url), ports=replace(wiring.ports, queue=open_queue(url)))
