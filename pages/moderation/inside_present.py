"""Turns what is inside a version, and what it changes, into what the case's page shows."""

from dataclasses import dataclass

from app.views.history import FieldWords, StepWords
from app.views.inside import Inside, Part, Setting, VersionChange, WorkflowInside

MOST_STEPS = 200  # of one workflow, until all are asked for
_SHORT = 90


@dataclass(frozen=True, slots=True)
class SettingItem:
    """One field; long values and those of several lines stand in a box of their own."""

    label: str
    text: str
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class PartItem:
    """A step, an agent or a test. `key` of a step on the canvas is its node's id."""

    key: str
    title: str
    kind: str
    settings: tuple[SettingItem, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupItem:
    """A workflow's steps and connections. `more` says how many steps are not in the list, "" for none."""

    title: str
    settings: tuple[SettingItem, ...] = ()
    steps: tuple[PartItem, ...] = ()
    connections: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class InsideItem:
    """The whole package."""

    workflows: tuple[GroupItem, ...] = ()
    agents: tuple[PartItem, ...] = ()
    tests: tuple[PartItem, ...] = ()
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferenceItem:
    """What differs in one workflow."""

    name: str
    own: tuple[FieldWords, ...] = ()
    steps: tuple[StepWords, ...] = ()
    connected: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """What the version changes; `earlier` is "" where there was none before it. Agents and tests stand together in `parts`."""

    earlier: str = ""
    workflows: tuple[DifferenceItem, ...] = ()
    parts: tuple[StepWords, ...] = ()
    added: str = ""
    removed: str = ""
    is_same: bool = False


def inside_item(inside: Inside, *, most: int = MOST_STEPS) -> InsideItem:
    """The package, with so many steps of each workflow at most."""
    return InsideItem(
        workflows=tuple(_group(one, most, prefix=f"{one.slug}." if place else "") for place, one in enumerate(inside.workflows)),
        agents=tuple(_part(one, "agent.") for one in inside.agents),
        tests=tuple(_part(one, "test.") for one in inside.tests),
        origins=inside.origins,
    )


def change_item(change: VersionChange | None) -> ChangeItem:
    """What changes, for the page."""
    if change is None:
        return ChangeItem()
    return ChangeItem(
        earlier=change.earlier,
        workflows=tuple(DifferenceItem(one.name, one.own, one.steps, one.edges_added, one.edges_removed) for one in change.workflows),
        parts=(*change.agents, *change.tests),
        added=", ".join(change.added),
        removed=", ".join(change.removed),
        is_same=change.is_same,
    )


def _group(one: WorkflowInside, most: int, *, prefix: str) -> GroupItem:
    left = len(one.steps) - most
    return GroupItem(
        title=one.name,
        settings=_settings(one.settings),
        steps=tuple(_part(step, prefix) for step in one.steps[:most]),
        connections="\n".join(one.connections),
        more=f"{left:,} more step{'' if left == 1 else 's'}" if left > 0 else "",
    )


def _part(part: Part, prefix: str) -> PartItem:
    return PartItem(f"{prefix}{part.id}", part.title, part.kind_title, _settings(part.settings))


def _settings(settings: tuple[Setting, ...]) -> tuple[SettingItem, ...]:
    return tuple(SettingItem(one.label, one.text, "\n" in one.text or len(one.text) > _SHORT) for one in settings)
