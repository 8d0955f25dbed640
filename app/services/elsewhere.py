"""A link into another workspace of the same person: which one it is, so that the page can offer to go there."""

from dataclasses import replace

from sqlmodel import col, select

from app.core.permissions import Permission, require
from app.core.sharing import one_row
from app.core.uow import Actor, UnitOfWork
from app.services.accounts.entering import closed_door
from app.views.accounts import Elsewhere
from models.agent import Agent
from models.conversation import Conversation
from models.ids import parse_id
from models.run import Run
from models.workflow import Workflow
from models.workspace import Membership, Role, Workspace

KINDS = {"runs": Run, "workflows": Workflow, "agents": Agent, "conversations": Conversation}
NOWHERE = Elsewhere()


def find_elsewhere(uow: UnitOfWork, *, kind: object, thing_id: object) -> Elsewhere:
    """The other workspace of this person that has it and shows it to them; nothing for everybody else, as for what does not exist.

    `kind`: runs, workflows, agents or conversations. Whoever came in through one workspace's own provider, or by a key, is told of none.
    """
    require(uow, Permission.VIEW)
    actor, row_id = uow.actor, parse_id(thing_id)
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if actor is None or row_id is None or model is None or actor.is_confined or actor.key_id is not None:
        return NOWHERE
    others = select(Membership, Workspace).join(Workspace, col(Workspace.id) == col(Membership.workspace_id))
    mine = others.where(Membership.user_id == actor.user_id, Membership.workspace_id != actor.workspace_id)
    for member, space in uow.session.exec(mine.order_by(col(Workspace.name))).all():
        there = replace(actor, workspace_id=member.workspace_id, role=Role(member.role))
        if closed_door(uow, workspace_id=member.workspace_id, role=member.role) is None and _shows(uow, there, model, row_id):
            return Elsewhere(str(space.id), space.name)
    return NOWHERE


def _shows(uow: UnitOfWork, there: Actor, model: type[Run | Workflow | Agent | Conversation], row_id: object) -> bool:
    row = uow.session.exec(one_row(there, model), params={"workspace_id": there.workspace_id, "row_id": row_id}).first()
    if row is None or getattr(row, "deleted_at", None) is not None:
        return False
    return not isinstance(row, Conversation) or row.user_id == there.user_id
