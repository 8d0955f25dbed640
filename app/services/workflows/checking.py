"""Findings of a stored definition: hands the checker the agents and models the workspace has."""

from app.core.uow import UnitOfWork
from app.services.called import tree_of_workspace
from app.services.definitions import judge_workflow
from engine.errors import Finding, SpecError
from engine.json import JsonObject
from engine.spec.upgrade import load_workflow


def find_problems(uow: UnitOfWork, definition: JsonObject) -> list[Finding]:
    """Everything wrong with a draft of the unit's workspace."""
    try:
        spec = load_workflow(definition)
    except SpecError as error:
        return error.findings
    return judge_workflow(uow, spec, called=tree_of_workspace(uow).called_by(spec))
