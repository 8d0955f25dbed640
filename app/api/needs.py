"""What each operation asks of its caller, read off the services it calls, for the description of the API.

The services decide (app/core/permissions.py); this only tells beforehand what their first line will ask for.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from app.core.permissions import GRANTS, Permission
from models.workspace import Role

ASKING = {"require": "member", "require_or_visitor": "visitor", "require_operator": "operator"}
PERSONS = ("require_person", "current_user")
DEPTH = 3  # a route calls a service, perhaps through a step of its own module; the service may begin with one, too
ROLES: dict[Permission, tuple[Role, ...]] = {
    permission: tuple(role for role, granted in GRANTS.items() if permission in granted) for permission in Permission
}


@dataclass(frozen=True, slots=True)
class Need:
    """`scope` is "" for none. `who` is one of these.

    anyone; page: forms of this site; visitor: anyone where the marketplace is public; member; person: no key; operator.
    """

    who: str
    scope: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may do it; none where roles do not matter."""
        return tuple(role.value for role in ROLES[Permission(self.scope)]) if self.scope else ()


def need_of(endpoint: Callable[..., Any], *, has_door: bool) -> Need:
    """What the first service that asks for anything asks for; `has_door` says that the route itself asks for a key, token or session."""
    return _asked(endpoint, DEPTH) or Need("member" if has_door else "anyone")


def _asked(function: Callable[..., Any], depth: int) -> Need | None:
    if not isinstance(function, FunctionType):
        return None
    need = _first(function)
    if need or not depth:
        return need
    return next((need for called in _named(function) if (need := _asked(called, depth - 1))), None)


def _first(function: FunctionType) -> Need | None:
    nodes = _nodes(function)
    if any(isinstance(node, ast.Name) and node.id in PERSONS for node in nodes):
        return Need("person")
    for node in nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ASKING:
            continue
        who = ASKING[node.func.id]
        scope = next((one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr in Permission.__members__), "")
        if scope or who == "operator":
            return Need(who, Permission[scope].value if scope else "")
    return None


def _named(function: FunctionType) -> Iterator[Callable[..., Any]]:
    """Functions of this project that it names, in its order: `list_agents`, or `agents.list_agents`."""
    for node in _nodes(function):
        found = None
        if isinstance(node, ast.Name):
            found = function.__globals__.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = function.__globals__.get(node.value.id)
            found = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
        if isinstance(found, FunctionType) and found.__module__.startswith("app."):
            yield found


@cache
def _nodes(function: FunctionType) -> tuple[ast.expr, ...]:
    """What its body says, in the order of the source."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    body = definition.body if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef) else [definition]
    found = (node for statement in body for node in ast.walk(statement) if isinstance(node, ast.expr))
    return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))
