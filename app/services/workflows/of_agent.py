"""A workflow that asks one agent, made of the agent: what is sold, scheduled or called where a workflow is wanted."""

from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents.rows import load_agent
from app.services.workflows.lifecycle import NAME_MAX, create_workflow
from app.views.workflows import WorkflowDetail
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec


def create_for_agent(uow: UnitOfWork, *, agent_id: object) -> WorkflowDetail:
    """A workflow of the agent's name that asks for a message and gives back what the agent answers."""
    require(uow, Permission.EDIT)
    agent = load_agent(uow, agent_id)
    fields = [{"name": "message", "title": "Message", "type": "long_text", "description": f"What {agent.name} is asked to do."}]
    spec = WorkflowSpec(
        nodes=(
            NodeSpec(id="start", kind="start", label="Start", config={"fields": fields}),
            NodeSpec(id="answer", kind="agent", label=agent.name, config={"agent": agent.slug, "message": "{{ inputs.message }}"}),
        ),
        edges=(EdgeSpec(source="start", target="answer"),),
    )
    return create_workflow(uow, name=agent.name[:NAME_MAX], description=agent.role, spec=spec)
