"""A buyer against what a seller has sealed: by every service, every route, forged events and the live feed, on runs that went well and ill.

The words in the package that nobody may read are one word; it is nowhere in what any of them answers.
"""

import inspect
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlmodel import SQLModel

from app.core.config import read_settings
from app.core.errors import AppError, NotFound
from app.core.uow import Actor
from app.services import accounts, runs
from app.services.market import get_listing, install_listing
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from models.workspace import Role
from tests.attacks import surface
from tests.attacks.test_private_things import HYDRATE, LEAVING, paths
from tests.support.api import caller
from tests.support.endpoints import make_endpoint
from tests.support.event_socket import send_events
from tests.support.operations import operations
from tests.support.people import make_member
from tests.support.sealing import CANARY, make_sealed, make_seller, run_all

pytestmark = pytest.mark.xdist_group("socket")  # one server for all files that forge events

PAGES = ("/workflows/[id]", "/runs/[id]", "/marketplace/[slug]")
TABS = ("version_id", "base_version", "number", "revision", "base_revision")


@dataclass(frozen=True)
class Bought:
    """A buyer with a copy, one run of it that went well and one that failed, and the ids of the runs nobody may read."""

    buyer: Actor
    slug: str
    workflow_id: str
    good: str
    bad: str
    hidden: tuple[str, ...]

    def pools(self) -> Iterator[dict[str, Any]]:
        """What services are called with, by the names of their arguments."""
        fits = {"workflow_id": self.workflow_id, "slug": self.slug, "inputs": {"question": "?", "number": 1}, "version": "1.0.0"}
        fits |= {"node_id": "sealed", "name": "Copy", "kind": "workflow", "thing_id": self.workflow_id, "text": "Hello", "operations": []}
        fits |= {"client_key": "tab:1", "version_id": "draft", "tab": "tab", "is_paused": True, **dict.fromkeys(TABS[1:], 1)}
        for run_id in (self.good, self.bad):
            yield fits | {"run_id": run_id, "base_id": self.bad, "other_id": self.good, "node": "sealed", "seq": 2}
        for run_id in self.hidden:
            yield fits | {"run_id": run_id, "base_id": run_id, "other_id": self.good, "node": "start", "seq": 2}


def make_bought(wiring: Wiring) -> Bought:
    with wiring.unit() as uow:
        uow.actor = make_seller(uow)
        slug = make_sealed(uow).slug
        buyer = uow.actor = make_member(uow, Role.OWNER)
        make_endpoint(uow)
        workflow_id = install_listing(uow, slug=slug, version="1.0.0")
    good, _ = run_all(wiring, buyer, workflow_id, {"question": "Will it rain?", "number": 1})
    bad, hidden = run_all(wiring, buyer, workflow_id, {"question": "Will it rain?", "number": 101})
    return Bought(buyer, slug, workflow_id, str(good), str(bad), tuple(map(str, hidden)))


@pytest.fixture
def bought(wiring: Wiring) -> Bought:
    return make_bought(wiring)


def test_no_service_tells_what_is_inside(wiring: Wiring, bought: Bought) -> None:
    answered: set[str] = set()
    for pool in bought.pools():
        for name in surface.outer():
            said = said_by(wiring, bought.buyer, surface.services()[name], pool)
            assert CANARY not in said, name
            if said:
                answered.add(name)
    assert {"runs.get_run", "runs.get_step", "runs.read_events", "blueprints.export_workflow", "workflows.duplicate_workflow"} <= answered
    assert len(answered) > 100


class TakenBack(Exception):
    """Ends a unit of work without keeping what was done in it."""


def said_by(wiring: Wiring, actor: Actor, service: surface.Service, pool: dict[str, Any]) -> str:
    """What it answers, or refuses with."""
    said = ""
    wanted = {one: pool.get(one) for one in surface.needed_arguments(service)}
    with suppress(TakenBack), wiring.unit() as uow:
        uow.actor = actor
        try:
            said = repr(service(uow, **wanted))
        except AppError as refused:
            said = f"{refused.message} {refused.fields}" if CANARY in f"{refused.message} {refused.fields}" else ""
        except (TypeError, AttributeError, ValueError, KeyError, AssertionError, SQLAlchemyError, SAWarning):
            said = ""  # called with too little; other tests see to that
        raise TakenBack
    return said


def test_runs_of_what_is_sealed_are_not_there_for_anybody(wiring: Wiring, bought: Bought) -> None:
    assert len(bought.hidden) == 4
    for run_id in bought.hidden:
        for service in (runs.get_run, runs.get_run_row, runs.read_events, runs.read_moments, runs.cancel_run, runs.retry_run):
            with pytest.raises(NotFound):
                wiring.call(service, bought.buyer, run_id=run_id)


def test_no_route_tells_what_is_inside(wiring: Wiring, bought: Bought) -> None:
    client, tried = caller(wiring, bought.buyer), 0
    lists = [path for method, path in operations().values() if method == "GET" and "{" not in path]
    for run_id in (bought.good, bought.bad, *bought.hidden):
        ids = {"workflow_id": bought.workflow_id, "run_id": run_id, "agent_id": bought.workflow_id}
        found = [path for method, path in dict.fromkeys(paths(ids)) if method == "GET" and not path.endswith("/stream")]
        for path in (*found, *lists):
            assert CANARY not in client.get(path).text, path
            tried += 1
    assert tried > 100


def test_nothing_inside_is_kept_where_the_buyer_could_read_it(wiring: Wiring, bought: Bought) -> None:
    """It stands in the package, in sealed plans and in sealed runs with what hangs on them, and in no other row of the database."""
    with wiring.unit(write=False) as uow:
        places = set(rows_with(uow.session.connection(), CANARY, besides=set(bought.hidden)))
    assert places == {"listing_version.bundle"}


def rows_with(connection: Any, word: str, *, besides: set[str]) -> Iterator[str]:
    """Table and column of each value that holds the word; sealed plans, and these runs with what hangs on them, are left out."""
    for table in SQLModel.metadata.sorted_tables:
        for row in connection.execute(table.select()):
            cells = dict(row._mapping)
            is_sealed = cells.get("sealed_by") is not None or str(cells.get("run_id")) in besides
            yield from (f"{table.name}.{name}" for name, value in cells.items() if not is_sealed and word in str(value))


def test_its_seller_reads_all_of_it(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_seller(uow)
        assert CANARY in repr(get_listing(uow, slug=make_sealed(uow).slug))


# -- by forged events


@pytest.fixture(scope="module")
def there(site: tuple[str, Path], valkey_server: EmbeddedValkey) -> Iterator[tuple[Bought, str]]:
    """The same on the real server, and the cookie of the buyer."""
    settings = {"AF_DATA_DIR": str(site[1].parent), "REDIS_URL": f"unix://{valkey_server.socket_path}?db=5"}
    wiring = build_wiring(read_settings(settings))
    held = make_bought(wiring)
    with wiring.unit() as uow:
        token = accounts.open_session(uow, credentials=accounts.Credentials(user_id=held.buyer.user_id, password_hash="")).token
    yield held, f"af_session={token}"
    wiring.database.dispose()


@pytest.mark.parametrize("page", PAGES)
def test_no_forged_event_tells_what_is_inside(site: tuple[str, Path], there: tuple[Bought, str], page: str) -> None:
    held, cookie = there
    ones = {"/workflows/[id]": [held.workflow_id], "/runs/[id]": [held.bad, held.hidden[0]], "/marketplace/[slug]": [held.slug]}[page]
    for one in ones:
        said = json.dumps(send_events(site[0], forged(held, page, one), cookie=cookie))
        assert CANARY not in said


def forged(held: Bought, page: str, one: str) -> list[dict[str, Any]]:
    """Every handler of every page, as if on this page, with ids in place of its arguments."""
    key = page.partition("[")[2].rstrip("]")
    here = {"router_data": {"pathname": page, "asPath": page.replace(f"[{key}]", one), "query": {key: one}}}
    known = {"run_id": one, "workflow_id": held.workflow_id, "slug": held.slug, "node": "sealed", "node_id": "sealed"}
    handlers = RegistrationContext.get().event_handlers
    events: list[dict[str, Any]] = [{"name": HYDRATE} | here]
    for name in sorted(handlers):
        if (".pages___" in name or ".app___" in name) and not name.endswith(LEAVING):
            arguments = list(inspect.signature(handlers[name].handler.fn).parameters)[1:]
            events.append({"name": name, "payload": {argument: known.get(argument, one) for argument in arguments}} | here)
    return events
