"""Who uses a credential: the workflows whose steps name it, and the agents and steps that call models of its provider."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.uow import UnitOfWork
from app.views.credentials import CredentialUser
from engine.json import JsonObject, as_list, as_object
from engine.nodes.forms import form_of
from engine.nodes.registry import KINDS
from models.agent import Agent, AgentVersion
from models.credential import Credential
from models.workflow import Workflow


def users_of(uow: UnitOfWork, row: Credential) -> tuple[CredentialUser, ...]:
    """Everything that would miss it, workflows first, by name."""
    return (*_workflows(uow, row), *_agents(uow, row))


def _workflows(uow: UnitOfWork, row: Credential) -> Iterator[CredentialUser]:
    """By their drafts: that is what a run takes, whatever starts it."""
    needle = f"%{row.provider}/%" if row.provider else f"%{row.name}%"
    holds = sa.cast(col(Workflow.draft), sa.Text).like(needle)
    query = uow.scoped(Workflow).where(col(Workflow.deleted_at).is_(None)).order_by(Workflow.name)
    for workflow in uow.session.exec(query.where(holds)):
        for place in dict.fromkeys(_places(workflow.draft, row)):
            yield CredentialUser("workflow", workflow.id, workflow.name, place)


def _places(definition: JsonObject, row: Credential) -> Iterator[str]:
    for item in as_list(definition.get("nodes")) or []:
        node = as_object(item) or {}
        kind = KINDS.get(str(node.get("kind", "")))
        config = as_object(node.get("config")) or {}
        for field in form_of(kind) if kind else ():
            if _names(row, field.widget, config.get(field.name)):
                yield str(node.get("label") or node.get("id") or "")


def _names(row: Credential, widget: str, value: object) -> bool:
    if row.provider is None:
        return widget == "credential" and value == row.name
    listed = as_list(value) if widget == "models" else [value] if widget == "model" else None
    return any(isinstance(one, str) and one.startswith(f"{row.provider}/") for one in listed or ())


def _agents(uow: UnitOfWork, row: Credential) -> Iterator[CredentialUser]:
    if row.provider is None:
        return
    newest = sa.and_(col(AgentVersion.agent_id) == col(Agent.id), col(AgentVersion.number) == col(Agent.version))
    query = sa.select(col(Agent.id), col(Agent.name), col(AgentVersion.spec)).join(AgentVersion, newest)
    is_living = sa.and_(col(Agent.workspace_id) == uow.workspace_id, col(Agent.deleted_at).is_(None), uow.within_reach(Agent))
    living = query.where(is_living).order_by(Agent.name)
    for found in uow.session.connection().execute(living):
        place = _model_place(found.spec, row)
        if place:
            yield CredentialUser("agent", found.id, found.name, place)


def _model_place(spec: Mapping[str, Any], row: Credential) -> str:
    if _names(row, "model", spec.get("model")):
        return "Model"
    return "Fallback model" if _names(row, "models", spec.get("fallback_models")) else ""
