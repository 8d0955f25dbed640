"""What surrounds every page (who, where, what waits), what the command palette finds, and the getting-started list."""

from sqlalchemy import func
from sqlmodel import col, select

from app.core.errors import NotSignedIn
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.accounts.tokens import TOUCH_AFTER
from app.services.workspaces import list_workspaces
from app.views.accounts import Me, ShellView, initials_of
from app.views.home import ChecklistItem, PaletteEntry
from models.agent import Agent
from models.conversation import Conversation
from models.run import Approval, Run
from models.user import User, UserSession
from models.workflow import Workflow

PALETTE_LIMIT = 200


def shell_view(uow: UnitOfWork) -> ShellView:
    """Read the frame of a page."""
    require(uow, Permission.VIEW)
    assert uow.actor is not None
    user = uow.session.get(User, uow.actor.user_id)
    if user is None:
        raise NotSignedIn()
    spaces = list_workspaces(uow)
    pending = uow.session.exec(
        select(func.count()).select_from(Approval).where(Approval.workspace_id == uow.workspace_id, Approval.status == "pending")
    ).one()
    return ShellView(
        me=Me(name=user.name, email=user.email, initials=initials_of(user.name), is_demo=user.is_demo),
        workspace=next(space for space in spaces if space.is_current),
        workspaces=tuple(spaces),
        pending_approvals=pending,
        is_stale=_is_stale(uow),
    )


def _is_stale(uow: UnitOfWork) -> bool:
    row = uow.session.get(UserSession, uow.actor.session_id) if uow.actor and uow.actor.session_id else None
    return row is not None and (row.last_seen_at is None or uow.ports.clock.now() - row.last_seen_at > TOUCH_AFTER)


def palette_entries(uow: UnitOfWork) -> list[PaletteEntry]:
    """The workspace's newest agents and workflows, for the command palette."""
    require(uow, Permission.VIEW)
    workflows = uow.session.exec(
        uow.scoped(Workflow).where(col(Workflow.deleted_at).is_(None)).order_by(col(Workflow.updated_at).desc()).limit(PALETTE_LIMIT)
    )
    agents = uow.session.exec(
        uow.scoped(Agent).where(col(Agent.deleted_at).is_(None)).order_by(col(Agent.updated_at).desc()).limit(PALETTE_LIMIT)
    )
    return [
        *(PaletteEntry(kind="workflow", label=row.name, hint="Workflow", href=f"/workflows/{row.id}") for row in workflows),
        *(PaletteEntry(kind="agent", label=row.name, hint=row.role or "Agent", href=f"/agents/{row.id}") for row in agents),
    ]


def getting_started(uow: UnitOfWork) -> list[ChecklistItem]:
    """The first steps, ticked by what happened in this workspace."""
    require(uow, Permission.VIEW)
    workflow = uow.session.exec(
        uow.scoped(Workflow).where(col(Workflow.deleted_at).is_(None)).order_by(col(Workflow.updated_at).desc()).limit(1)
    ).first()
    agent = uow.session.exec(
        uow.scoped(Agent).where(col(Agent.deleted_at).is_(None)).order_by(col(Agent.updated_at).desc()).limit(1)
    ).first()
    editor = f"/workflows/{workflow.id}" if workflow else "/templates"
    chat = f"/agents/{agent.id}" if agent else "/agents/new"
    has_run = uow.session.exec(uow.scoped(Run).where(Run.kind == "workflow").limit(1)).first() is not None
    has_chatted = uow.session.exec(uow.scoped(Conversation).limit(1)).first() is not None
    has_decided = uow.session.exec(uow.scoped(Approval).where(Approval.status == "decided").limit(1)).first() is not None
    return [
        ChecklistItem("workflow", "Start from a template", "It opens in the editor, ready to run.", "/templates", workflow is not None),
        ChecklistItem("run", "Run a workflow", "Fill in its form and watch every step live.", editor, has_run),
        ChecklistItem("agent", "Shape an agent", "Give it a role, instructions, a model and tools.", "/agents/new", agent is not None),
        ChecklistItem("chat", "Talk to an agent", "Test it in the panel beside its form.", chat, has_chatted),
        ChecklistItem("approval", "Decide an approval", "Let a run wait for you and choose how it goes on.", "/approvals", has_decided),
    ]
