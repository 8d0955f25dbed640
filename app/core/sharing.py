"""Who may see, run and change which agent or workflow, and what hangs on one: the one rule, in Python and in SQL.

The unit of work asks it at every scoped query and every load, so that services need not.
"""

import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from app.core.actor import Actor
from models.agent import Agent, AgentVersion
from models.base import WorkspaceRow
from models.conversation import ChatMessage, Conversation
from models.endpoint import WebhookMessage
from models.event_rule import EventRule
from models.grant import Access, ResourceGrant, Sharing
from models.run import Approval, Run
from models.schedule import Schedule
from models.webhook import Webhook, WebhookDelivery
from models.workflow import NodePin, Workflow, WorkflowEdit, WorkflowVersion
from models.workflow_test import WorkflowTest
from models.workspace import Role

Shared = Agent | Workflow
Condition = sa.ColumnElement[bool]
LADDER = tuple(Access)
SEES_ALL = frozenset({Role.OWNER, Role.ADMIN})


def decide(*, role: Role, is_owner: bool, sharing: str, granted: str | None) -> Access | None:
    """What somebody may do with a thing: nothing, or the highest of Access. A viewer's role never lets them do more than look."""
    if role in SEES_ALL:
        return Access.EDIT
    given = [Access.EDIT] if is_owner else [Access(level) for level in (sharing, granted) if level and level != Sharing.PRIVATE]
    best = max(given, key=LADDER.index, default=None)
    return Access.VIEW if best is not None and role is Role.VIEWER else best


def reaches(found: Access | None, needed: Access) -> bool:
    """Whether what somebody may do is enough."""
    return found is not None and LADDER.index(found) >= LADDER.index(needed)


def access_to(session: Session, actor: Actor, row: Shared) -> Access | None:
    """What the actor may do with a loaded agent or workflow of their workspace."""
    if actor.role in SEES_ALL or row.owner_id == actor.user_id or row.sharing == Sharing.EDIT:
        return decide(role=actor.role, is_owner=True, sharing=row.sharing, granted=None)
    is_mine = ResourceGrant.user_id == actor.user_id
    granted = session.exec(select(ResourceGrant.access).where(ResourceGrant.resource_id == row.id, is_mine)).first()
    return decide(role=actor.role, is_owner=False, sharing=row.sharing, granted=granted)


def copied(sharing: str) -> Sharing:
    """How a copy begins: what is for few stays for few, until its new owner opens it."""
    return Sharing.EDIT if sharing == Sharing.EDIT else Sharing.PRIVATE


def within_reach(
    actor: Actor, model: type[WorkspaceRow], needed: Access = Access.VIEW, *, alias: Any = None, figures: bool = False
) -> Condition:
    """The condition in SQL under which rows of `model` are the actor's to see (or to run, to change).

    Runs of sealed listings are nobody's to see, whatever the role; with `figures`, for sums that tell nothing else, they count.
    """
    if model is Run and not figures:
        columns = _table(Run).c if alias is None else alias.c
        return sa.and_(columns.sealed_by.is_(None), _shared(actor, model, needed, alias=alias))
    return _shared(actor, model, needed, alias=alias)


def _shared(actor: Actor, model: type[WorkspaceRow], needed: Access, *, alias: Any) -> Condition:
    if model not in _RULES or actor.role in SEES_ALL:
        return sa.true()
    if alias is not None:
        return _RULES[model](alias.c, _Hidden(actor.user_id, actor.workspace_id, needed))
    return _reach_of(model, actor.user_id, actor.workspace_id, needed)  # type: ignore[arg-type] - a class is hashable


@lru_cache(maxsize=512)
def _reach_of(model: type[WorkspaceRow], user_id: uuid.UUID, workspace_id: uuid.UUID, needed: Access) -> Condition:
    """Writing the condition down takes longer than SQL takes to look, and one person asks many times."""
    return _RULES[model](_table(model).c, _Hidden(user_id, workspace_id, needed))


def one_row(actor: Actor, model: type[WorkspaceRow], what: Any = None) -> Any:
    """The select of one row that the actor may see, written down once; takes the parameters workspace_id and row_id.

    `what`: a select from the model's table that lives as long as the program does, instead of the row itself.
    """
    sees_all = actor.role in SEES_ALL or model not in _RULES
    person = (None, None) if sees_all else (actor.user_id, actor.workspace_id)
    return _row_of(model, what, *person)  # type: ignore[arg-type] - a class is hashable


@lru_cache(maxsize=512)
def _row_of(model: type[WorkspaceRow], what: Any, user_id: uuid.UUID | None, workspace_id: uuid.UUID | None) -> Any:
    columns = _table(model).c
    is_it = sa.and_(columns.workspace_id == sa.bindparam("workspace_id"), columns.id == sa.bindparam("row_id"))
    is_told = columns.sealed_by.is_(None) if model is Run else sa.true()
    is_open = sa.true()
    if user_id is not None and workspace_id is not None:
        is_open = _reach_of(model, user_id, workspace_id, Access.VIEW)  # type: ignore[arg-type]
    return (select(model) if what is None else what).where(is_it, is_told, is_open)


def is_shared_with(thing: Any, user_id: Any, needed: Access) -> Condition:
    """The same for a member whom a column names and whose role gives no more: whether that far they reach a row of agent or workflow."""
    enough = LADDER[LADDER.index(needed) :]
    grants = _table(ResourceGrant).alias()
    is_granted = sa.and_(grants.c.resource_id == thing.id, grants.c.user_id == user_id, grants.c.access.in_(enough))
    granted = sa.exists(sa.select(grants.c.id).where(is_granted).correlate_except(grants))
    return sa.or_(thing.sharing.in_(enough), thing.owner_id == user_id, granted)


def thing_of(session: Session, row: WorkspaceRow) -> Shared | None:
    """The agent or workflow that a loaded row is, or hangs on."""
    if isinstance(row, Agent | Workflow):
        return row
    step = _PARENTS.get(type(row))
    for model, column in step or ():
        parent_id = getattr(row, column)
        parent = session.get(model, parent_id) if parent_id is not None else None
        if parent is not None:
            return thing_of(session, parent)
    return None


class _Hidden:
    """Ids of what the actor does not reach, as subqueries."""

    def __init__(self, user_id: uuid.UUID, workspace_id: uuid.UUID, needed: Access) -> None:
        self._user_id, self._workspace_id = user_id, workspace_id
        enough = LADDER[LADDER.index(needed) :]
        grants = _table(ResourceGrant).c
        self.short = [level for level in Sharing if level not in enough]
        mine = sa.and_(grants.user_id == user_id, grants.access.in_(enough))
        self.granted = sa.select(grants.resource_id).where(mine)

    def is_open(self, thing: Any) -> Condition:
        """Whether a row of agent or workflow is within reach."""
        is_mine = sa.and_(thing.owner_id.is_not(None), thing.owner_id == self._user_id)  # never NULL, or `not` would be too
        return sa.or_(thing.sharing.not_in(self.short), is_mine, thing.id.in_(self.granted))

    def of(self, model: type[WorkspaceRow]) -> sa.Select[Any]:
        """The agents or workflows that are not."""
        thing = _table(model).alias().c
        is_closed = sa.and_(thing.workspace_id == self._workspace_id, thing.sharing.in_(self.short))
        return sa.select(thing.id).where(is_closed, sa.not_(self.is_open(thing)))

    def beyond(self, column: Any, model: type[WorkspaceRow]) -> Condition:
        """Whether a column names one that is not."""
        return sa.and_(column.is_not(None), column.in_(self.of(model)))


def _table(model: type[WorkspaceRow]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


def _itself(columns: Any, hidden: _Hidden) -> Condition:
    return hidden.is_open(columns)


def _of_workflow(columns: Any, hidden: _Hidden) -> Condition:
    return sa.not_(hidden.beyond(columns.workflow_id, Workflow))


def _of_rule(columns: Any, hidden: _Hidden) -> Condition:
    return sa.not_(sa.or_(hidden.beyond(columns.workflow_id, Workflow), hidden.beyond(columns.source_id, Workflow)))


def _of_agent(columns: Any, hidden: _Hidden) -> Condition:
    return sa.not_(hidden.beyond(columns.agent_id, Agent))


def _of_run(columns: Any, hidden: _Hidden) -> Condition:
    talks = _table(Conversation).alias().c
    closed = sa.select(talks.id).where(talks.agent_id.in_(hidden.of(Agent)))
    is_closed_talk = sa.and_(columns.conversation_id.is_not(None), columns.conversation_id.in_(closed))
    return sa.not_(sa.or_(hidden.beyond(columns.workflow_id, Workflow), is_closed_talk))


def _below(model: type[WorkspaceRow], column: str) -> Callable[[Any, _Hidden], Condition]:
    """Hangs on a row of `model`, which hangs on a workflow or an agent itself."""

    def rule(columns: Any, hidden: _Hidden) -> Condition:
        parent, named = _table(model).alias().c, getattr(columns, column)
        is_closed = sa.and_(parent.id == named, sa.not_(_RULES[model](parent, hidden)))
        return sa.or_(named.is_(None), sa.not_(sa.exists().where(is_closed)))

    return rule


def _of_message(columns: Any, hidden: _Hidden) -> Condition:
    return sa.and_(_of_workflow(columns, hidden), _below(Run, "run_id")(columns, hidden))


_RULES: Mapping[type[WorkspaceRow], Callable[[Any, _Hidden], Condition]] = {
    Agent: _itself,
    Workflow: _itself,
    **dict.fromkeys((WorkflowVersion, WorkflowEdit, NodePin, WorkflowTest, Schedule, Webhook), _of_workflow),
    EventRule: _of_rule,
    **dict.fromkeys((AgentVersion, Conversation), _of_agent),
    Run: _of_run,
    Approval: _below(Run, "run_id"),
    ChatMessage: _below(Conversation, "conversation_id"),
    WebhookDelivery: _below(Webhook, "webhook_id"),
    WebhookMessage: _of_message,
}
_PARENTS: Mapping[type[WorkspaceRow], tuple[tuple[type[WorkspaceRow], str], ...]] = {
    **dict.fromkeys((WorkflowVersion, WorkflowEdit, NodePin, WorkflowTest, Schedule, Webhook, EventRule), ((Workflow, "workflow_id"),)),
    **dict.fromkeys((AgentVersion, Conversation), ((Agent, "agent_id"),)),
    Run: ((Workflow, "workflow_id"), (Conversation, "conversation_id")),
    Approval: ((Run, "run_id"),),
    ChatMessage: ((Conversation, "conversation_id"),),
    WebhookDelivery: ((Webhook, "webhook_id"),),
    WebhookMessage: ((Workflow, "workflow_id"), (Run, "run_id")),
}
FOLLOWED = frozenset(_RULES)
"""The tables whose rows are, or hang on, an agent or a workflow."""
