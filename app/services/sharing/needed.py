"""What a workflow uses that not everybody who may run it may run: found for the dialog, and shared with the same people in one step."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.sharing import SEES_ALL, Shared, decide, reaches
from app.core.uow import UnitOfWork
from app.services.definitions import named_agents
from app.services.sharing.rows import can_manage, grants_of, members_by_id
from engine.errors import SpecError
from engine.graph.calls import calls_of
from engine.nodes.registry import KINDS
from engine.spec.upgrade import load_workflow as load_spec
from models.agent import Agent
from models.grant import Access, Sharing
from models.ids import parse_id
from models.workflow import Workflow
from models.workspace import Role

NARROW = (Sharing.PRIVATE, Sharing.VIEW)
MOST_CALLED = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is needed, and who lacks it: everybody in the workspace, or some by name."""

    thing: Shared
    is_for_everyone: bool
    people: tuple[uuid.UUID, ...]
    can_close: bool


def find_narrow(uow: UnitOfWork, workflow: Workflow) -> list[Shared]:
    """What it uses, also through workflows that it calls, and not everybody may run, as far as who asks sees it."""
    found: dict[uuid.UUID, Shared] = {}
    waiting, seen = [workflow], {workflow.id}
    while waiting and len(seen) <= MOST_CALLED:
        for thing in _used_by(uow, waiting.pop()):
            if thing.sharing in NARROW:
                found[thing.id] = thing
            if isinstance(thing, Workflow) and thing.id not in seen:
                seen.add(thing.id)
                waiting.append(thing)
    found.pop(workflow.id, None)
    return sorted(found.values(), key=lambda one: (one.name, str(one.id)))


def _used_by(uow: UnitOfWork, workflow: Workflow) -> Iterator[Shared]:
    try:
        spec = load_spec(workflow.draft)
    except SpecError:
        return
    called = [one for one in (parse_id(reference.partition("@")[0]) for reference in calls_of(spec, KINDS)) if one is not None]
    yield from uow.session.exec(uow.scoped(Agent).where(Agent.slug.in_(named_agents(spec)), Agent.deleted_at.is_(None))).all()  # type: ignore[attr-defined]
    yield from uow.session.exec(uow.scoped(Workflow).where(Workflow.id.in_(called), Workflow.deleted_at.is_(None))).all()  # type: ignore[attr-defined]


def find_gaps(uow: UnitOfWork, workflow: Workflow, narrow: list[Shared]) -> list[Gap]:
    """Of these, what somebody lacks who may run the workflow."""
    is_open = workflow.sharing not in NARROW
    runners = _runners(uow, workflow)
    gaps: list[Gap] = []
    for thing in narrow:
        lacking = tuple(one for one, role in runners.items() if not _runs(uow, thing, one, role))
        if is_open or lacking:
            gaps.append(Gap(thing, is_open, lacking, can_manage(uow, thing)))
    return gaps


def _runners(uow: UnitOfWork, workflow: Workflow) -> dict[uuid.UUID, Role]:
    """Who may run it by name or as its owner, and would not by the role in the workspace."""
    named = [one for one, row in grants_of(uow, workflow).items() if reaches(Access(row.access), Access.RUN)]
    wanted = {*named, *([workflow.owner_id] if workflow.owner_id else [])}
    roles = {one: Role(member.role) for one, (member, _) in members_by_id(uow).items() if one in wanted}
    return {one: role for one, role in roles.items() if role not in SEES_ALL and role is not Role.VIEWER}


def _runs(uow: UnitOfWork, thing: Shared, user_id: uuid.UUID, role: Role) -> bool:
    grant = grants_of(uow, thing).get(user_id)
    found = decide(role=role, is_owner=thing.owner_id == user_id, sharing=thing.sharing, granted=grant.access if grant else None)
    return reaches(found, Access.RUN)
