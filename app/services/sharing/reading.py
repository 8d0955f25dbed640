"""Whom something is shared with, and who could be named."""

from app.core.permissions import Permission, require
from app.core.sharing import SEES_ALL, Shared
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.definitions import named_agents
from app.services.sharing.rows import can_manage, grants_of, load_shared, members_by_id, to_person
from app.views.sharing import SharedPerson, SharingView
from engine.errors import SpecError
from engine.graph.calls import calls_of
from engine.nodes.registry import KINDS
from engine.spec.upgrade import load_workflow as load_spec
from models.agent import Agent
from models.grant import Sharing
from models.ids import parse_id
from models.workflow import Workflow
from models.workspace import Role

MOST_FOUND = 8
NARROW = (Sharing.PRIVATE, Sharing.VIEW)


def get_sharing(uow: UnitOfWork, *, kind: object, thing_id: object) -> SharingView:
    """Whose it is, what everybody may do with it, and who was named."""
    require(uow, Permission.VIEW)
    return view_of(uow, load_shared(uow, kind, thing_id))


def find_people(uow: UnitOfWork, *, kind: object, thing_id: object, search: object = "") -> tuple[SharedPerson, ...]:
    """Members who could still be named, by name or address; those whose role sees everything anyway are not among them."""
    require(uow, Permission.VIEW)
    thing = load_shared(uow, kind, thing_id)
    named, text = grants_of(uow, thing), search_words(search).casefold()
    found = [
        to_person(uow, thing, member, user)
        for user_id, (member, user) in members_by_id(uow).items()
        if user_id not in named and user_id != thing.owner_id and Role(member.role) not in SEES_ALL
        if text in user.name.casefold() or text in user.email.casefold()
    ]
    return tuple(found[:MOST_FOUND])


def view_of(uow: UnitOfWork, thing: Shared) -> SharingView:
    """The view of a loaded thing."""
    members = members_by_id(uow)
    owner = members.get(thing.owner_id) if thing.owner_id else None
    people = [to_person(uow, thing, *members[one], access=row.access) for one, row in grants_of(uow, thing).items() if one in members]
    return SharingView(
        kind="agent" if isinstance(thing, Agent) else "workflow",
        thing_id=str(thing.id),
        name=thing.name,
        everyone=thing.sharing,
        owner=to_person(uow, thing, *owner) if owner else SharedPerson(),
        people=tuple(sorted(people, key=lambda person: (person.name.casefold(), person.user_id))),
        can_manage=can_manage(uow, thing),
        narrower=_narrower(uow, thing) if isinstance(thing, Workflow) else (),
    )


def _narrower(uow: UnitOfWork, workflow: Workflow) -> tuple[str, ...]:
    """What the workflow uses and not everybody may run, as far as who asks sees it: whoever runs it needs those as well."""
    try:
        spec = load_spec(workflow.draft)
    except SpecError:
        return ()
    slugs = named_agents(spec)
    called = [one for one in (parse_id(reference.partition("@")[0]) for reference in calls_of(spec, KINDS)) if one is not None]
    agents = uow.session.exec(uow.scoped(Agent).where(Agent.slug.in_(slugs), Agent.sharing.in_(NARROW))).all()  # type: ignore[attr-defined]
    callees = uow.session.exec(uow.scoped(Workflow).where(Workflow.id.in_(called), Workflow.sharing.in_(NARROW))).all()  # type: ignore[attr-defined]
    return tuple(sorted({row.name for row in (*agents, *callees)}))
