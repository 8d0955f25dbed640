"""What each operation asks of its caller, read off the services it calls, for the description of the API.

The services decide (app/core/permissions.py); this only tells beforehand what their first line will ask for.
"""

import dis
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from app.core.permissions import GRANTS, Permission
from models.workspace import Role

ASKING = ("require", "require_or_visitor", "require_operator")
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
    for code in _codes(function.__code__):
        if need := _first(code):
            return need
    if not depth:
        return None
    inner = (_asked(called, depth - 1) for code in _codes(function.__code__) for called in _called(code, function.__globals__))
    return next((need for need in inner if need), None)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _first(code: CodeType) -> Need | None:
    steps = list(dis.get_instructions(code))
    if any(step.argval in PERSONS and step.opname == "LOAD_GLOBAL" for step in steps):
        return Need("person")
    for at, step in enumerate(steps):
        if step.opname != "LOAD_GLOBAL" or step.argval not in ASKING:
            continue
        if step.argval == "require_operator":
            return Need("operator")
        named = next((one.argval for one in steps[at + 1 : at + 12] if one.argval in Permission.__members__), "")
        if named:
            return Need("visitor" if step.argval == "require_or_visitor" else "member", Permission[named].value)
    return None


def _called(code: CodeType, names: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Functions of this project that the code names, in its order: `list_agents`, or `agents.list_agents`."""
    module: ModuleType | None = None
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            found = names.get(step.argval)
            module = found if isinstance(found, ModuleType) else None
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            found, module = getattr(module, step.argval, None), None
        else:
            continue
        if isinstance(found, FunctionType) and found.__module__.startswith("app."):
            yield found
