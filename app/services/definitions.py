"""What a definition is judged against: the workspace's agents, the models that can be used, the tools there are.

The editor's findings, imports and the gate before a run all come from here, so that they never disagree.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import col, select

from app.core.sharing import SEES_ALL
from app.core.uow import UnitOfWork
from engine.errors import Finding
from engine.graph.checker import check
from engine.json import JsonValue
from engine.nodes.base import widget_of
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_agent
from engine.spec.workflow import CalledWorkflow, NodeSpec, WorkflowSpec
from engine.tools.registry import ALL as ALL_TOOLS
from models.agent import Agent, AgentVersion
from models.credential import Credential
from models.grant import Access

MOST_NAMES = 500
MOST_KEPT = 100_000  # characters of a definition whose findings are kept
_MISSING = {
    "unknown_agent": "The agent{} is not shared with you, or does not exist.",
    "unknown_workflow": "The workflow to call is not shared with you, or does not exist.",
}
_ASK = "Ask whoever shared this workflow with you, or an owner or admin, to share that with you, too; who may edit it can choose another."
TOOLS = frozenset(tool.name for tool in ALL_TOOLS)


def judge_workflow(
    uow: UnitOfWork, spec: WorkflowSpec, *, called: Mapping[str, CalledWorkflow], agents: dict[str, AgentSpec] | None = None
) -> list[Finding]:
    """Every finding of the checker; without `agents`, all agents of the workspace are known. `called` are the workflows it calls."""
    known = load_agents(uow) if agents is None else agents
    models = frozenset(card.id for card in uow.catalogue.cards() if card.is_available)
    text = spec.model_dump_json()
    marks = [text, *_marks(known), *_marks(called), *sorted(models), "", *(names := load_credential_names(uow))]
    question = _Question(hashlib.sha256("\n".join(marks).encode(errors="surrogatepass")).digest(), spec, known, called, models, names)
    return list(_judge(question) if len(text) <= MOST_KEPT else _judge.__wrapped__(question))


def as_told(uow: UnitOfWork, found: list[Finding]) -> list[Finding]:
    """The findings in words for the actor: what is missing may only not be shared with them, and which of the two is not theirs to know."""
    if uow.actor is None or uow.actor.role in SEES_ALL:
        return found
    return [_told(one) for one in found]


def _told(one: Finding) -> Finding:
    if one.code not in _MISSING:
        return one
    name = f" {one.message.partition(' agent ')[2].rstrip('.')}" if one.code == "unknown_agent" else ""
    near = f"{one.remedy} " if one.remedy.startswith("Did you mean") else ""
    return replace(one, message=_MISSING[one.code].format(name), remedy=f"{near}{_ASK}")


def _marks(named: Mapping[str, BaseModel]) -> Iterator[str]:
    for name, one in named.items():
        yield name
        yield one.model_dump_json()
    yield ""


@dataclass(frozen=True, slots=True)
class _Question:
    """What `check` is asked; its digest says all of it."""

    digest: bytes
    spec: WorkflowSpec = field(compare=False)
    agents: Mapping[str, AgentSpec] = field(compare=False)
    called: Mapping[str, CalledWorkflow] = field(compare=False)
    models: Collection[str] = field(compare=False)
    credentials: Collection[str] = field(compare=False)


@lru_cache(maxsize=256)
def _judge(asked: _Question) -> tuple[Finding, ...]:
    """The same definition is started again and again, and checking it is a sixth of a start."""
    found = check(
        asked.spec,
        kinds=KINDS,
        agents=asked.agents,
        models=asked.models,
        tools=TOOLS,
        credentials=asked.credentials,
        workflows=asked.called,
    )
    return tuple(found)


AGENTS, CREDENTIALS = ("agent", "agents"), ("credential",)


@lru_cache(maxsize=256)
def _fields_naming(config: type[BaseModel], widgets: tuple[str, ...]) -> tuple[str, ...]:
    fields = config.model_fields.items()
    return tuple(name for name, info in fields if (widget := widget_of(info)) is not None and widget.name in widgets)


def named_agents(spec: WorkflowSpec) -> set[str]:
    """Slugs of the agents that nodes of the workflow name."""
    found: set[str] = set()
    for node in spec.nodes:
        kind = KINDS.get(node.kind)
        for name in _fields_naming(kind.config_type, AGENTS) if kind else ():
            named = node.config.get(name)
            found.update(slug for slug in (named if isinstance(named, list) else [named]) if isinstance(slug, str) and slug)
    return found


def rename_agents(spec: WorkflowSpec, renames: Mapping[str, str]) -> WorkflowSpec:
    """The workflow with agents named by other slugs."""
    return _with_names(spec, renames, AGENTS)


def rename_credentials(spec: WorkflowSpec, renames: Mapping[str, str]) -> WorkflowSpec:
    """The workflow with credentials named as this workspace calls them."""
    return _with_names(spec, renames, CREDENTIALS)


def _with_names(spec: WorkflowSpec, renames: Mapping[str, str], widgets: tuple[str, ...]) -> WorkflowSpec:
    nodes: list[NodeSpec] = []
    for node in spec.nodes:
        kind = KINDS.get(node.kind)
        changed = {
            name: renamed
            for name in (_fields_naming(kind.config_type, widgets) if kind else ())
            if (renamed := _renamed(node.config.get(name), renames)) != node.config.get(name)
        }
        nodes.append(node.model_copy(update={"config": {**node.config, **changed}}) if changed else node)
    return spec.model_copy(update={"nodes": tuple(nodes)})


def _renamed(named: JsonValue, renames: Mapping[str, str]) -> JsonValue:
    if isinstance(named, list):
        return [_renamed(one, renames) for one in named]
    return renames.get(named, named) if isinstance(named, str) else named


_IS_HERE = col(Credential.workspace_id) == sa.bindparam("workspace_id")
_CREDENTIALS = sa.select(col(Credential.name)).where(_IS_HERE, col(Credential.kind) != "model")


def load_credential_names(uow: UnitOfWork) -> list[str]:
    """What steps may name; keys of model providers are used by their models, not by name."""
    return sorted(uow.session.connection().execute(_CREDENTIALS, {"workspace_id": uow.workspace_id}).scalars())


def agent_names(uow: UnitOfWork) -> dict[str, str]:
    """What people call the agents that the actor may see, by slug."""
    living = select(Agent.slug, Agent.name).where(col(Agent.deleted_at).is_(None), Agent.workspace_id == uow.workspace_id)
    return dict(uow.session.exec(living.where(uow.within_reach(Agent, Access.VIEW)).limit(MOST_NAMES)).all())


def load_agents(uow: UnitOfWork, slugs: set[str] | None = None) -> dict[str, AgentSpec]:
    """The newest versions of the agents with these slugs (None: all of them) that the actor may run; others are absent."""
    if slugs is not None and not slugs:
        return {}
    newest = sa.and_(col(AgentVersion.agent_id) == col(Agent.id), col(AgentVersion.number) == col(Agent.version))
    living = select(Agent.slug, AgentVersion.spec).join(AgentVersion, newest).where(col(Agent.deleted_at).is_(None))
    own = living.where(Agent.workspace_id == uow.workspace_id, uow.within_reach(Agent, Access.RUN))
    rows = uow.session.exec(own if slugs is None else own.where(col(Agent.slug).in_(slugs)))
    return {slug: load_agent(spec) for slug, spec in sorted(rows, key=lambda row: row[0])}
