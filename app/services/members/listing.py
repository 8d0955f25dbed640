"""Who is in the workspace with which role, and what each role may do."""

from sqlmodel import col, select

from app.core.permissions import GRANTS, Permission, require
from app.core.text import search_words
from app.core.uow import UnitOfWork
from app.services.members.holdings import count_holdings, count_owned
from app.services.members.roster import roles_to_give
from app.views.accounts import initials_of
from app.views.members import MemberList, MemberRow, RoleLine
from models.user import User
from models.workspace import Membership, Role

MOST_SHOWN = 500
WORDS: dict[Permission, tuple[str, str]] = {
    Permission.VIEW: ("See", "Open agents, workflows, runs, triggers and members, where they are shared."),
    Permission.RUN: ("Run", "Start, cancel and repeat runs, and chat with agents."),
    Permission.EDIT: ("Build", "Create, change, publish and delete agents, workflows and triggers."),
    Permission.DECIDE: ("Decide approvals", "Answer what runs wait for."),
    Permission.MANAGE_MEMBERS: ("Manage members", "Invite, change roles and remove, up to one's own role."),
    Permission.MANAGE_CREDENTIALS: ("Manage credentials", "Save, replace and delete the keys that workflows use by name."),
    Permission.READ_AUDIT: ("Read the audit trail", "See, export and verify who did what."),
    Permission.MANAGE_BUDGETS: ("Set budgets", "Cap what the workspace may use, choose fallback models, limit rates."),
    Permission.MANAGE_WORKSPACE: ("Own the workspace", "Rename it, and make others owners."),
}


def list_members(uow: UnitOfWork, *, search: object = "") -> MemberList:
    """The members whose name or address holds `search`, by name."""
    require(uow, Permission.VIEW)
    assert uow.actor is not None
    query = select(Membership, User).join(User, col(User.id) == col(Membership.user_id)).where(Membership.workspace_id == uow.workspace_id)
    found = uow.session.exec(query.order_by(col(User.name), col(User.id))).all()
    text = search_words(search).casefold()
    held, owned = count_holdings(uow), count_owned(uow)
    fitting = [(member, user) for member, user in found if text in user.name.casefold() or text in user.email.casefold()]
    rows = tuple(_to_row(uow, member, user, held.get(user.id, 0), owned.get(user.id, 0)) for member, user in fitting[:MOST_SHOWN])
    can_manage = Permission.MANAGE_MEMBERS in GRANTS[uow.actor.role]
    return MemberList(rows, len(found), can_manage, sum(member.role == Role.OWNER for member, _ in found))


def _to_row(uow: UnitOfWork, member: Membership, user: User, held: int, owned: int) -> MemberRow:
    assert uow.actor is not None
    is_me = user.id == uow.actor.user_id
    roles = roles_to_give(uow.actor.role, Role(member.role))
    return MemberRow(
        user_id=str(user.id),
        name=user.name,
        email=user.email,
        initials=initials_of(user.name),
        role=member.role,
        joined=member.created_at,
        is_me=is_me,
        acts_for=held,
        owns=owned,
        can_remove=bool(roles) and not is_me,
        roles=tuple(roles),
    )


def describe_roles(uow: UnitOfWork) -> tuple[RoleLine, ...]:
    """The permission table, read from what `require` itself asks."""
    require(uow, Permission.VIEW)
    return tuple(
        RoleLine(permission.value, *WORDS[permission], roles=tuple(role.value for role in Role if permission in GRANTS[role]))
        for permission in Permission
    )
