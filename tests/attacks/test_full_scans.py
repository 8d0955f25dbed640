"""No service that lists or reads goes through the rows of other workspaces: SQLite is asked how it would answer each query."""

import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from app.core.errors import AppError
from app.core.uow import Actor
from app.wiring import Wiring
from models.ids import new_id
from models.workspace import Role, Workspace
from tests.attacks import surface
from tests.attacks.test_hostile_arguments import an_owner, sound_arguments
from tests.support.people import make_member

OF_TENANTS = frozenset(table.name for table in SQLModel.metadata.tables.values() if "workspace_id" in table.c)
Query = tuple[str, Any]


@pytest.fixture(scope="module")
def filled(attacked: Wiring) -> tuple[Actor, Actor, dict[str, Any]]:
    """An owner, a member of the same workspace, and what is there."""
    if attacked.database.dialect.name != "sqlite":
        pytest.skip("the words of a plan are SQLite's")
    with attacked.unit() as uow:
        uow.actor = owner = an_owner(uow)
        sound = sound_arguments(uow)
        member = make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, owner.workspace_id))
    return owner, replace(member, session_id=new_id()), sound


@contextmanager
def listening(wiring: Wiring) -> Generator[list[Query]]:
    """The queries that are sent meanwhile."""
    seen: list[Query] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(wiring.database, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(wiring.database, "before_cursor_execute", note)


def scanned(connection: sa.Connection, query: Query) -> set[str]:
    """The tables of tenants that a query reads from end to end."""
    statement, parameters = query
    plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    named = {alias: table for table, alias in re.findall(r'(?:FROM|JOIN|,)\s+"?(\w+)"? AS "?(\w+)"?', statement)}
    found = {match[1] for step in plan if (match := re.match(r"SCAN (\w+)", step))}
    return {named.get(name, name) for name in found} & OF_TENANTS


def queries_of(wiring: Wiring, actor: Actor, service: surface.Service, arguments: dict[str, Any]) -> list[Query]:
    """What a service asks the database for this actor."""
    with suppress(AppError), listening(wiring) as seen, wiring.unit() as uow:
        uow.actor = actor
        service(uow, **arguments)
        raise AppError("take it back")
    return seen


def askable() -> list[str]:
    """The services whose arguments are a client's; the others get rows and facts that were read before."""
    found = {name: surface.services()[name] for name in surface.outer()}
    return [name for name, service in found.items() if set(surface.needed_arguments(service)) <= set(surface.untrusted_arguments(service))]


def test_reading_from_end_to_end_is_found(attacked: Wiring, filled: object) -> None:
    queries = ("SELECT agent_1.id FROM agent AS agent_1 WHERE agent_1.role = ?", "SELECT id FROM agent WHERE workspace_id = ?")
    with attacked.database.connect() as connection:
        assert [scanned(connection, (query, ("x",))) for query in queries] == [{"agent"}, set()]


@pytest.mark.parametrize("name", askable())
def test_no_service_reads_a_table_of_all_tenants_from_end_to_end(
    attacked: Wiring, filled: tuple[Actor, Actor, dict[str, Any]], name: str
) -> None:
    service, (owner, member, sound) = surface.services()[name], filled
    needed = {one: sound.get(one, str(new_id())) for one in surface.needed_arguments(service)}
    searching = [{"search": "mia"}] if "search" in surface.untrusted_arguments(service) else []
    seen = [
        query for actor in (owner, member) for more in ({}, *searching) for query in queries_of(attacked, actor, service, needed | more)
    ]
    with attacked.database.connect() as connection:
        assert not [(tables, query[0]) for query in seen if (tables := scanned(connection, query))]
