"""The variables that an agent's instructions use: for the editor's picker, and for tests, where no workflow fills them."""

from collections.abc import Iterable

from app.views.agents import NeededValue
from engine.expressions.analysis import Reference, Segment, analyze_template
from engine.expressions.moments import NAMES

ROOTS = ("inputs", "vars")
KNOWN = (*ROOTS, *NAMES)  # what every run has
GIVEN = frozenset({"inputs.message", "inputs.history"})  # every chat turn has them
_TYPES = {"list": "list", "object": "json", "entries": "json", "number": "number", "exact_number": "number"}


def variables_of(template: str) -> tuple[str, ...]:
    """Return the names a sound template reads from inputs and vars, each once, in order."""
    paths = (reference.path for reference in analyze_template(template).references)
    return tuple(dict.fromkeys(f"{path[0]}.{path[1]}" for path in paths if path[0] in ROOTS and len(path) > 1 and path[1]))


def loose_references(template: str) -> list[Reference]:
    """The references of a sound template to names that not every run has, and that the text does not test for."""
    return [one for one in analyze_template(template).references if one.root not in KNOWN and not one.guarded]


def loose_names(template: str) -> str:
    """What to tell about names that only a workflow with a step or container of that name gives; "" where there are none."""
    loose = loose_references(template)
    if not loose:
        return ""
    names = ", ".join(f"“{name}”" for name in list(dict.fromkeys(one.root for one in loose))[:3])
    remedy = f"Write inputs.{loose[0]} for what each run, and this chat, is given."
    return f"{names}: known only in a workflow that has a step called so. {remedy}"


def needed_values(template: str) -> tuple[NeededValue, ...]:
    """Return what somebody must fill in before a sound template can be tested, in order, without what each turn has anyway.

    A value inside another one is asked for on its own (`inputs.customer.name`), unless the whole is used as well.
    """
    uses: dict[tuple[str, ...], list[Reference]] = {}
    for reference in analyze_template(template).references:
        names = _names(reference.path)
        if names[0] in ROOTS and len(names) > 1 and ".".join(names[:2]) not in GIVEN:
            uses.setdefault(names, []).append(reference)
    wholes = [names for names in uses if not any(_holds(other, names) for other in uses if other != names)]
    return tuple(_needed(names, [(found, use) for found in uses if _holds(names, found) for use in uses[found]]) for names in wholes)


def _names(path: Iterable[Segment]) -> tuple[str, ...]:
    """The named part of a path: what comes after an index belongs to the list."""
    names: list[str] = []
    for segment in path:
        if not isinstance(segment, str):
            break
        names.append(segment)
    return tuple(names)


def _holds(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    return inner[: len(outer)] == outer


def _needed(names: tuple[str, ...], uses: list[tuple[tuple[str, ...], Reference]]) -> NeededValue:
    """Put all uses of one value together: the strictest says its type; what the text tests for may be missing."""
    types = [_type_of(names, found, use) for found, use in uses]
    kind = next((one for one in ("list", "json", "number") if one in types), "text")
    return NeededValue(".".join(names), kind, is_required=not any(use.tested for _, use in uses))


def _type_of(names: tuple[str, ...], found: tuple[str, ...], use: Reference) -> str:
    if found != names:
        return "json"
    return "list" if len(use.path) > len(found) else _TYPES.get(use.use, "text")
