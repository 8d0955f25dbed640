"""Who the command line acts as. Whoever may run commands on the machine can read its database anyway, so no session is asked for."""

import uuid

from sqlmodel import col, select

from app.core.errors import Invalid, NotFound
from app.core.uow import Actor, UnitOfWork
from models.ids import parse_id
from models.workspace import Membership, Role, Workspace

SHOWN = 10


def find_operator(uow: UnitOfWork, *, workspace: str = "") -> Actor:
    """The owner of a workspace, named by id or name; without one, of the only workspace there is."""
    row_id: uuid.UUID | None = parse_id(workspace) if workspace else None
    query = select(Workspace).order_by(col(Workspace.created_at)).limit(SHOWN + 1)
    if row_id is not None:
        query = query.where(Workspace.id == row_id)
    elif workspace:
        query = query.where(Workspace.name == workspace)
    found = uow.session.exec(query).all()
    if not found:
        remedy = f"There is no workspace '{workspace}'." if workspace else "There is no workspace yet. Start the product and sign up first."
        raise Invalid(remedy, fields={"--workspace": "Name one that exists."})
    if len(found) > 1:
        names = ", ".join(f"'{row.name}' ({row.id})" for row in found[:SHOWN])
        raise Invalid("There are several workspaces.", fields={"--workspace": f"Name one by its id: {names}."})
    owners = select(Membership).where(Membership.workspace_id == found[0].id, Membership.role == Role.OWNER)
    owner = uow.session.exec(owners.order_by(col(Membership.created_at))).first()
    if owner is None:
        raise NotFound("The owner of this workspace")
    return Actor(user_id=owner.user_id, workspace_id=found[0].id, role=Role.OWNER)
