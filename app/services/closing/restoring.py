"""Bringing a deleted workspace back, as long as nothing of it was purged."""

from sqlmodel import col, select

from app.core.errors import LimitReached, NotAllowed, NotFound
from app.core.permissions import require_person
from app.core.uow import UnitOfWork
from app.services.closing.telling import tell_restored
from app.services.members.homes import lock_people
from app.services.schedules.holding import resume_schedules
from app.services.sign_ins.holding import hold_domains
from app.services.workspaces import OWNED_MAX
from app.views.accounts import WorkspaceCard, initials_of
from models.ids import parse_id
from models.user import User, UserSession
from models.workspace import ClosedMembership, Membership, Role, Workspace


def restore_workspace(uow: UnitOfWork, *, workspace_id: object) -> WorkspaceCard:
    """Let everybody in again who was a member, resume its schedules, and go on there. For its owners."""
    actor = require_person(uow)
    wanted = parse_id(workspace_id)
    mine = select(ClosedMembership.role).where(ClosedMembership.workspace_id == wanted, ClosedMembership.user_id == actor.user_id)
    role = uow.session.exec(mine).first()
    held = select(Workspace).where(Workspace.id == wanted).with_for_update(key_share=True).execution_options(populate_existing=True)
    space = uow.session.exec(held).first() if role else None
    if space is None or space.closed_at is None or space.purge_began_at is not None or not _is_in_time(uow, space):
        raise NotFound("This deleted workspace")
    if role != Role.OWNER:
        raise NotAllowed("Only an owner of the workspace restores it.")
    lock_people(uow, [actor.user_id])  # two at once would pass the limit together
    _refuse_too_many(uow)
    space.closed_at, space.closed_by, space.purge_at = None, None, None
    uow.session.add(space)
    former = uow.session.exec(select(ClosedMembership).where(ClosedMembership.workspace_id == space.id)).all()
    for one in former:
        person = uow.session.get(User, one.user_id)
        if person is not None and person.deleted_at is None:
            uow.session.add(Membership(workspace_id=space.id, user_id=one.user_id, role=one.role, created_at=one.joined_at))
        uow.session.delete(one)
    resume_schedules(uow, space.id)
    hold_domains(uow, space.id)
    session = uow.session.get(UserSession, actor.session_id) if actor.session_id else None
    if session is not None:
        session.workspace_id = space.id
        uow.session.add(session)
    uow.session.flush()
    tell_restored(uow, space, [one.user_id for one in former], by=actor.user_id)
    return WorkspaceCard(id=str(space.id), name=space.name, initials=initials_of(space.name), role=Role.OWNER, is_current=True)


def _is_in_time(uow: UnitOfWork, space: Workspace) -> bool:
    return space.purge_at is not None and space.purge_at > uow.ports.clock.now()


def _refuse_too_many(uow: UnitOfWork) -> None:
    """Deleting and restoring is no way around the limit."""
    assert uow.actor is not None
    owned = select(Membership.id).where(Membership.user_id == uow.actor.user_id, col(Membership.role) == Role.OWNER)
    if len(uow.session.exec(owned).all()) >= OWNED_MAX:
        raise LimitReached(f"You own {OWNED_MAX} workspaces already. Delete or hand over one first.")
