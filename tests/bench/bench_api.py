"""Reads over the API with rights, sharing and counters in place: 100 workspaces of 100 agents, a real server, one caller at a time.

Told are the whole way of a request on one kept connection, as the caller waits for it, and the server's own share as processor time,
which other work on the machine disturbs less.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import sqlalchemy as sa

from app.adapters.migrations import upgrade
from app.core.config import read_settings
from app.core.uow import Actor, UnitOfWork
from app.services.access import create_api_key
from app.services.agents import create_agent
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from models.agent import Agent, AgentVersion
from models.grant import Access, ResourceGrant, Sharing
from models.ids import new_id
from models.workspace import Role, Workspace
from tests.support.backend import backend
from tests.support.databases import postgres_server
from tests.support.people import make_member

WORKSPACES, AGENTS, COLLEAGUES, CALLS = 100, 100, 10, 400
GOAL_MS = 10
SECRET_KEY = "bench " * 8
MANY = {f"AF_API_PER_{of}": "10000000" for of in ("ADDRESS", "ACCOUNT", "KEY", "WORKSPACE")}  # counted, never reached


def fill(wiring: Wiring) -> tuple[str, str, str]:
    """Every fourth agent is private and shared by name; returns a member's key, and the ids of an open and of a shared agent."""
    with wiring.unit() as uow:
        owner = uow.actor = make_member(uow, Role.OWNER)
        create_agent(uow, draft={"name": "Sample", "instructions": "Sort it. " * 40})
        version = uow.session.execute(sa.select(AgentVersion.__table__)).one()._mapping  # type: ignore[attr-defined]
        pattern = uow.session.execute(sa.select(Agent.__table__)).one()._mapping  # type: ignore[attr-defined]
        return _workspaces(uow, owner, dict(pattern), dict(version))


def _workspaces(uow: UnitOfWork, owner: Actor, agent: dict[str, object], version: dict[str, object]) -> tuple[str, str, str]:
    connection, ids, member = uow.session.connection(), [""], owner
    for number in range(WORKSPACES):
        space = Workspace(name=f"Space {number}")
        uow.session.add(space)
        uow.session.flush()
        people = [make_member(uow, workspace=space) for _ in range(COLLEAGUES)]
        member, ids = people[0], [new_id() for _ in range(AGENTS)]
        place = {"workspace_id": space.id}
        shares = [Sharing.PRIVATE if index % 4 == 0 else Sharing.EDIT for index in range(AGENTS)]
        rows = [
            agent
            | place
            | {"id": one, "slug": f"a{index}", "name": f"Agent {index}", "owner_id": people[1].user_id, "sharing": shares[index]}
            for index, one in enumerate(ids)
        ]
        connection.execute(sa.insert(Agent), rows)
        connection.execute(sa.insert(AgentVersion), [version | place | {"id": new_id(), "agent_id": one} for one in ids])
        grants = [
            place | {"id": new_id(), "kind": "agent", "resource_id": one, "user_id": person.user_id, "access": Access.VIEW}
            for person in (people[0], *people[2:])
            for one in ids[::4]
        ]
        connection.execute(sa.insert(ResourceGrant), grants)
    uow.actor = member
    return create_api_key(uow, name="Bench", scopes=["view"]).secret, str(ids[1]), str(ids[0])


def measured_ms(call: Callable[[], httpx.Response]) -> tuple[float, float, float, float]:
    """Best, median and 95th percentile of the wait, and the server's processor time of a call, in milliseconds."""
    taken, spent = [], _server_cpu_s()
    for _ in range(CALLS):
        began = time.perf_counter()
        answer = call()
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code < 400, answer.text
    cpu = (_server_cpu_s() - spent) * 1000 / CALLS
    return min(taken), statistics.median(taken), statistics.quantiles(taken, n=20)[18], cpu


def _server_cpu_s() -> float:
    servers = [one for one in psutil.Process().children(recursive=True) if "granian" in " ".join(one.cmdline())]
    return sum(sum(one.cpu_times()[:2]) for one in servers)


def measure(url: str, name: str, folder: Path, redis_url: str) -> None:
    """Fill a database, start a server over it, and ask."""
    upgrade(url)
    named = {"AF_ENV": "test", "AF_DATA_DIR": str(folder), "DATABASE_URL": url, "REDIS_URL": redis_url, "AF_SECRET_KEY": SECRET_KEY}
    wiring = build_wiring(read_settings(named))
    key, opened, shared = fill(wiring)
    wiring.database.dispose()
    settings = {**MANY, "DATABASE_URL": url, "AF_SECRET_KEY": SECRET_KEY}
    with (
        backend(folder, redis_url=redis_url, api_only=True, **settings) as (address, _),
        httpx.Client(base_url=f"{address}/api/v1") as http,
    ):
        asks = {
            "one agent, open to the workspace": lambda: http.get(f"/agents/{opened}"),
            "one agent, private and shared by name": lambda: http.get(f"/agents/{shared}"),
            "the first 24 agents of 100": lambda: http.get("/agents"),
            "who am I": lambda: http.get("/users/me"),
            "no database: the refusal of a missing path": lambda: httpx.Response(200) if http.get("/nothing").status_code == 404 else None,
        }
        http.headers["Authorization"] = f"Bearer {key}"
        for what, ask in asks.items():
            for _ in range(20):
                ask()
            best, median, tail, cpu = measured_ms(ask)  # type: ignore[arg-type]
            sys.stdout.write(
                f"  {name:<12}{what:<46} best {best:6.2f}   median {median:6.2f}   p95 {tail:6.2f}   server's CPU {cpu:6.2f}\n"
            )
            sys.stdout.flush()


@contextmanager
def places(folder: Path) -> Generator[list[tuple[str, str]]]:
    """A database of each kind."""
    with postgres_server() as postgres:
        yield [("SQLite", f"sqlite:///{folder / 'bench.db'}"), ("PostgreSQL", postgres.render_as_string(hide_password=False))]


def main() -> None:
    """Both databases."""
    sys.stdout.write(f"API, {WORKSPACES} workspaces of {AGENTS} agents, milliseconds (goal: median of one agent at most {GOAL_MS})\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedValkey(socket_path=folder / "valkey.sock", directory=folder / "valkey", log_path=folder / "valkey.log")
        server.start()
        try:
            with places(folder) as found:
                for kind, url in found:
                    measure(url, kind, folder / kind, f"unix://{server.socket_path}")
        finally:
            server.stop()
