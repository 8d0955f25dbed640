"""The gate before a run: the checker's errors, each under the node and field it belongs to."""

from collections.abc import Collection, Mapping

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.definitions import as_told, judge_workflow
from engine.errors import Finding
from engine.graph.called import LACKS
from engine.graph.checker import errors_of
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow, WorkflowSpec


def require_runnable(
    uow: UnitOfWork,
    spec: WorkflowSpec,
    agents: dict[str, AgentSpec],
    *,
    called: Mapping[str, CalledWorkflow],
    what: str = "This workflow",
    only: Collection[str] | None = None,
) -> None:
    """Raise Invalid with every error of the checker, or those of some steps and of the whole.

    What a sealed listing lacks here is refused where it is pinned, which also sees those below a sub-workflow.
    """
    errors = errors_of(as_told(uow, judge_workflow(uow, spec, agents=agents, called=called)))
    errors = [error for error in errors if error.code != LACKS]
    if only is not None:
        errors = [error for error in errors if error.node is None or error.node in only]
    if errors:
        count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
        raise Invalid(f"{what} has {count}. Mend what stands below, then run it.", fields=fields_of(errors), code="workflow_invalid")


def fields_of(findings: list[Finding]) -> dict[str, str]:
    """Findings as messages by place; several at one place are joined."""
    fields: dict[str, str] = {}
    for finding in findings:
        place = ".".join(part for part in (finding.node, finding.field) if part) or "workflow"
        text = f"{finding.message} {finding.remedy}".strip()
        fields[place] = f"{fields[place]} {text}" if place in fields else text
    return fields
