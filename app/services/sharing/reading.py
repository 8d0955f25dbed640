"""Whom something is shared with, and who could be named."""

from app.core.permissions import Permission, require
from app.core.sharing import SEES_ALL, Shared
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.sharing.needed import find_gaps, find_narrow
from app.services.sharing.rows import can_manage, grants_of, load_shared, members_by_id, to_person
from app.views.sharing import SharedPerson, SharingView
from models.agent import Agent
from models.workflow import Workflow
from models.workspace import Role

MOST_FOUND = 8


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
    narrow = find_narrow(uow, thing) if isinstance(thing, Workflow) else []
    gaps = find_gaps(uow, thing, narrow) if isinstance(thing, Workflow) else []
    return SharingView(
        kind="agent" if isinstance(thing, Agent) else "workflow",
        thing_id=str(thing.id),
        name=thing.name,
        everyone=thing.sharing,
        owner=to_person(uow, thing, *owner) if owner else SharedPerson(),
        people=tuple(sorted(people, key=lambda person: (person.name.casefold(), person.user_id))),
        can_manage=can_manage(uow, thing),
        narrower=_names(narrow),
        lacking=_names([gap.thing for gap in gaps]),
        can_share_lacking=any(gap.can_close for gap in gaps),
    )


def _names(things: list[Shared]) -> tuple[str, ...]:
    return tuple(sorted({thing.name for thing in things}))
