"""The operators of the installation: people named in AF_OPERATORS, and whoever has a shell on the machine.

Who may run commands there can read the database anyway, so the command line asks for no session.
"""

import shlex
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.permissions import require_person
from app.core.uow import Actor, UnitOfWork
from models.ids import parse_id
from models.user import User
from models.workflow import Workflow
from models.workspace import Membership, Role, Workspace

SHOWN = 10


def is_operator(uow: UnitOfWork) -> bool:
    """Whether the actor is one of the people named, with an address that is proven theirs; the demo account is, where there is one."""
    actor = uow.actor
    user = uow.session.get(User, actor.user_id) if actor is not None and actor.scopes is None and not actor.is_confined else None
    if user is None:
        return False
    if user.is_demo:
        return uow.ports.demo_account_allowed
    is_proven = user.email_verified_at is not None or uow.ports.mailer.kind == "none"
    return is_proven and user.email_key in uow.ports.operators


def require_operator(uow: UnitOfWork) -> None:
    """Raise NotAllowed for everybody else."""
    require_person(uow)
    if not is_operator(uow):
        raise NotAllowed("Only operators of this installation may do this. AF_OPERATORS names them.")


def find_operator(uow: UnitOfWork, *, workspace: str = "", workflow: str = "") -> Actor:
    """The owner of a workspace, named by id or name; without one, of the only workspace there is, or the only one with that workflow."""
    row_id: uuid.UUID | None = parse_id(workspace) if workspace else None
    query = select(Workspace).where(col(Workspace.closed_at).is_(None)).order_by(col(Workspace.created_at)).limit(SHOWN + 1)
    if row_id is not None:
        query = query.where(Workspace.id == row_id)
    elif workspace:
        query = query.where(Workspace.name == workspace)
    found = list(uow.session.exec(query).all())
    if not found:
        raise _no_such_workspace(uow, workspace)
    if len(found) > 1 and workflow:
        found = _with_workflow(uow, query, workflow) or found
    if len(found) > 1:
        raise Invalid("There are several workspaces.", fields={"--workspace": f"Choose one: {_choices(found)}."})
    owners = select(Membership).where(Membership.workspace_id == found[0].id, Membership.role == Role.OWNER)
    owner = uow.session.exec(owners.order_by(col(Membership.created_at))).first()
    if owner is None:
        raise NotFound("The owner of this workspace")
    return Actor(user_id=owner.user_id, workspace_id=found[0].id, role=Role.OWNER, via="console")


def _no_such_workspace(uow: UnitOfWork, wanted: str) -> Invalid:
    """The refusal of a name that no workspace has; it lists the first that there are."""
    open_ones = select(Workspace).where(col(Workspace.closed_at).is_(None)).order_by(col(Workspace.created_at))
    there = list(uow.session.exec(open_ones.limit(SHOWN + 1)).all())
    if not there:
        return Invalid("There is no workspace yet. Start the product and sign up first.")
    return Invalid(f"There is no workspace '{wanted}'.", fields={"--workspace": f"Choose one: {_choices(there)}."})


def _with_workflow(uow: UnitOfWork, query: Any, workflow: str) -> list[Workspace]:
    """Those of the workspaces that hold a workflow of this name or id."""
    row_id = parse_id(workflow)
    is_it = Workflow.id == row_id if row_id is not None else Workflow.name == workflow
    holders = select(Workflow.workspace_id).where(is_it, col(Workflow.deleted_at).is_(None))
    return list(uow.session.exec(query.where(col(Workspace.id).in_(holders))).all())


def _quoted(name: str) -> str:
    """The name as a shell takes it, in the quotes that leave it readable."""
    return f'"{name}"' if "'" in name and not set(name) & set('"$`\\!') else shlex.quote(name)


def _choices(found: Sequence[Workspace]) -> str:
    """What to write behind the command: the name, or the id where names are not told apart."""
    names = Counter(row.name for row in found)
    shown = [_quoted(row.name) if names[row.name] == 1 else f"{row.id} ({row.name})" for row in found[:SHOWN]]
    return ", ".join(f"-w {one}" for one in shown) + (", …" if len(found) > SHOWN else "")
