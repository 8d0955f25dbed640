"""Changing whom something is shared with, and whose it is."""

from app.core.errors import Invalid
from app.core.permissions import GRANTS, Permission, require
from app.core.sharing import LADDER, SEES_ALL, Shared, decide
from app.core.uow import UnitOfWork
from app.services.sharing.needed import NARROW, find_gaps, find_narrow
from app.services.sharing.reading import view_of
from app.services.sharing.rows import find_named, grants_of, lock_managed
from app.services.sharing.telling import tell_named, tell_owner
from app.views.sharing import SharingView
from models.grant import Access, ResourceGrant, Sharing
from models.workflow import Workflow
from models.workspace import Role

MOST_PEOPLE = 200


def change_sharing(
    uow: UnitOfWork, *, kind: object, thing_id: object, everyone: object = None, owner_id: object = None, needed: object = False
) -> SharingView:
    """What everybody in the workspace may do with it (private, view, run, edit), and whose it is; what is None stays.

    Whoever had it keeps editing it, by name. `needed`: what a workflow uses is shared, to run, with everybody who may run it and lacks
    that, as far as the actor may.
    """
    require(uow, Permission.EDIT)
    thing = lock_managed(uow, kind, thing_id)
    if everyone is not None:
        thing.sharing = _one_of(everyone, tuple(Sharing), "everyone")
    if owner_id is not None:
        _give(uow, thing, owner_id)
    if needed is True and isinstance(thing, Workflow):
        uow.session.flush()
        _share_needed(uow, thing)
    return _saved(uow, thing)


def share_with(uow: UnitOfWork, *, kind: object, thing_id: object, user_id: object, access: object) -> SharingView:
    """Let one member view, run or edit it; naming somebody again changes how far."""
    require(uow, Permission.EDIT)
    thing = lock_managed(uow, kind, thing_id)
    wanted = _one_of(access, tuple(Access), "access")
    member, user = find_named(uow, user_id)
    if user.id == thing.owner_id or Role(member.role) in SEES_ALL:
        told = f"{user.name} has full access already, as its owner or by the role in this workspace. Name somebody else."
        raise Invalid("Please mend the marked field.", fields={"user_id": told})
    grants = grants_of(uow, thing)
    if user.id not in grants and len(grants) >= MOST_PEOPLE:
        told = f"At most {MOST_PEOPLE} people can be named. Share it with the workspace instead."
        raise Invalid("Please mend the marked field.", fields={"user_id": told})
    row = grants.get(user.id) or _new_grant(uow, thing, user.id)
    is_news = user.id not in grants or LADDER.index(Access(wanted)) > LADDER.index(Access(row.access))
    row.access = wanted
    uow.session.add(row)
    _explain(uow, thing, row)
    if is_news:
        tell_named(uow, thing, user.id, can=decide(role=Role(member.role), is_owner=False, sharing=Sharing.PRIVATE, granted=wanted))
    return _saved(uow, thing)


def unshare_with(uow: UnitOfWork, *, kind: object, thing_id: object, user_id: object) -> SharingView:
    """Take back what one member was given by name; who was not named stays so."""
    require(uow, Permission.EDIT)
    thing = lock_managed(uow, kind, thing_id)
    row = next((row for one, row in grants_of(uow, thing).items() if str(one) == str(user_id)), None)
    if row is not None:
        _explain(uow, thing, row)
        uow.session.delete(row)
    return _saved(uow, thing)


def _share_needed(uow: UnitOfWork, workflow: Workflow) -> None:
    for gap in find_gaps(uow, workflow, find_narrow(uow, workflow)):
        if not gap.can_close:
            continue
        thing = gap.thing
        uow.session.refresh(thing, with_for_update=True)
        if gap.is_for_everyone and thing.sharing in NARROW:
            thing.sharing = Sharing.RUN
            uow.session.add(thing)
            continue
        grants = grants_of(uow, thing)
        for user_id in gap.people:
            row = grants.get(user_id) or _new_grant(uow, thing, user_id)
            row.access = Access.RUN
            uow.session.add(row)
            _explain(uow, thing, row)
            tell_named(uow, thing, user_id, can=Access.RUN)
    uow.session.flush()


def _give(uow: UnitOfWork, thing: Shared, user_id: object) -> None:
    member, user = find_named(uow, user_id)
    if Permission.EDIT not in GRANTS[Role(member.role)]:
        told = f"{user.name} is a viewer here and could not look after it. Choose a member, admin or owner."
        raise Invalid("Please mend the marked field.", fields={"owner_id": told})
    grants, before = grants_of(uow, thing), thing.owner_id
    thing.owner_id = user.id
    if user.id in grants:
        _explain(uow, thing, grants[user.id])
        uow.session.delete(grants[user.id])
    if before != user.id:
        tell_owner(uow, thing, user.id)
    if before is not None and before != user.id:
        row = grants.get(before) or _new_grant(uow, thing, before)
        row.access = Access.EDIT
        uow.session.add(row)
        _explain(uow, thing, row)


def _explain(uow: UnitOfWork, thing: Shared, row: ResourceGrant) -> None:
    """The trail names the person; without this, not what was shared with them."""
    uow.trail.explain(row, f"{row.kind} “{thing.name}”")


def _new_grant(uow: UnitOfWork, thing: Shared, user_id: object) -> ResourceGrant:
    kind = type(thing).__name__.lower()
    return ResourceGrant(workspace_id=uow.workspace_id, kind=kind, resource_id=thing.id, user_id=user_id, access=Access.VIEW)  # type: ignore[arg-type]


def _one_of(value: object, known: tuple[str, ...], field: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise Invalid("Please mend the marked field.", fields={field: f"Choose one of: {', '.join(known)}."})
    return value


def _saved(uow: UnitOfWork, thing: Shared) -> SharingView:
    uow.session.add(thing)
    uow.session.flush()
    return view_of(uow, thing)
