"""Every service that writes is told of by the audit trail, or what it writes is left out for a written reason."""

import ast
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

import sqlalchemy as sa
import sqlmodel

from app.core import bulk
from app.core.audit import record
from app.core.audit_tables import AUDITED, EXEMPT, PAST_THE_TRAIL
from tests.attacks.surface import services

STATEMENTS = (sa.update, sa.delete, sa.insert, sqlmodel.update, sqlmodel.delete, bulk.insert_into)
TABLES: Mapping[Any, Any] = {row.__table__: row for row in (*AUDITED, *EXEMPT)}  # type: ignore[attr-defined]
Function = types.FunctionType


@cache
def names_in(function: Function) -> frozenset[str]:
    """Every global and attribute that the function's code names, inner functions included."""

    def codes(code: types.CodeType) -> Iterator[types.CodeType]:
        yield code
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield from codes(constant)

    return frozenset(name for code in codes(function.__code__) for name in code.co_names)


@cache
def things_in(function: Function) -> tuple[Any, ...]:
    """What those names stand for, as far as they are globals of its module or belong to a module that is one."""
    names, known = names_in(function), function.__globals__
    things = [known[name] for name in names if name in known]
    modules = [
        thing for thing in things if isinstance(thing, types.ModuleType) and thing.__name__.startswith(("app.", "sqlalchemy", "sqlmodel"))
    ]
    return (*things, *(getattr(module, name) for module in modules for name in names if hasattr(module, name)))


def called_by(function: Function) -> Iterator[Function]:
    """The services' and the core's own functions that it names."""
    for thing in things_in(function):
        members = vars(thing).values() if isinstance(thing, type) and thing.__module__.startswith("app.services") else (thing,)
        for member in members:
            if isinstance(member, Function) and member.__module__.startswith(("app.services", "app.core")):
                yield inspect.unwrap(member)  # type: ignore[misc] - what a function wraps is a function


def reached_from(service: Callable[..., Any]) -> set[Function]:
    """The service and everything it calls, in turn."""
    waiting: list[Any] = [inspect.unwrap(service)]
    found: set[Function] = set()
    while waiting:
        function = waiting.pop()
        if function not in found:
            found.add(function)
            waiting.extend(called_by(function))
    return found


def tables_of(function: Function) -> set[Any]:
    """The tables that it names, takes, or gets from what it calls."""
    hints: list[Any] = [*function.__annotations__.values()]
    hints += [callee.__annotations__.get("return") for callee in called_by(function)]
    for hint in list(hints):
        hints.extend(get_args(hint))
    named = [TABLES.get(thing, thing) if isinstance(thing, sa.Table) else thing for thing in (*things_in(function), *hints)]
    return {thing for thing in named if isinstance(thing, type) and (thing in AUDITED or thing in EXEMPT)}


def writes_rows(function: Function) -> bool:
    """By the session, where the recorder sees it."""
    return "session" in names_in(function) and bool(names_in(function) & {"add", "add_all", "delete", "merge"})


@cache
def written_by_statement(function: Function) -> frozenset[Any]:
    """The tables that statements of its own write, which the recorder does not see; what cannot be told is None."""
    if not any(thing is statement for thing in things_in(function) for statement in STATEMENTS):
        return frozenset()
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    assigned = {
        ast.unparse(target): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    found: set[Any] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _evaluate(node.func, function, assigned) in STATEMENTS:
            thing = _evaluate(node.args[-1], function, assigned)
            found.add(TABLES.get(thing, thing) if isinstance(thing, sa.Table) else thing)
    return frozenset(found)


def _evaluate(node: ast.expr, function: Function, assigned: Mapping[str, ast.expr]) -> Any:
    """What a name or a dotted name stands for, or None."""
    if isinstance(node, ast.Name):
        if node.id in assigned:
            return _evaluate(assigned[node.id], function, {})
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _evaluate(node.value, function, assigned)
        return None if owner is None else getattr(owner, node.attr, None)
    return None


def place(function: Function) -> str:
    """How the lists name it."""
    return f"{function.__module__.removeprefix('app.services.')}.{function.__qualname__}"


def problem_of(function: Function) -> str:
    """Why what it writes may go untold, or ""."""
    is_told = any(thing is record for thing in things_in(function))
    if is_told or place(function) in PAST_THE_TRAIL or not function.__module__.startswith("app.services"):
        return ""
    by_statement = written_by_statement(function)
    followed = sorted(table.__name__ for table in by_statement if table in AUDITED)
    if None in by_statement or (writes_rows(function) and not tables_of(function)):
        return "it does not say which table it writes"
    return f"its statements write {', '.join(followed)}, which the recorder does not see" if followed else ""


def test_every_service_that_writes_is_told_of_or_left_out_for_a_reason() -> None:
    problems = {
        place(function): f"{name}: {problem}"
        for name, service in services().items()
        for function in reached_from(service)
        if (problem := problem_of(function))
    }
    assert problems == {}


def test_what_goes_past_the_trail_exists_and_has_its_reason() -> None:
    reached = {place(function) for service in services().values() for function in reached_from(service)}
    assert set(PAST_THE_TRAIL) <= reached
    assert all(len(reason) > 15 for reason in PAST_THE_TRAIL.values())


def test_the_walk_reaches_what_services_call_and_sees_what_writes() -> None:
    assert {function.__name__ for function in reached_from(services()["members.remove_member"])} >= {"remove_member", "hand_over"}
    assert sum(any(map(writes_rows, reached_from(service))) for service in services().values()) > 60
