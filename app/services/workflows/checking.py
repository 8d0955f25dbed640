"""Findings of a stored definition: hands the checker the agents and models the workspace has."""

import re
from collections.abc import Iterator

from app.core.uow import UnitOfWork
from app.services.called import tree_of_workspace
from app.services.definitions import as_told, judge_workflow
from engine.errors import Finding, SpecError
from engine.json import JsonObject
from engine.nodes.http import Http
from engine.spec.upgrade import load_workflow
from engine.spec.workflow import WorkflowSpec

_BEFORE_TEMPLATES = re.compile(r"https?://[^/{}\s]+(?=/|$)", re.IGNORECASE)  # up to the path, where the host is written out whole
_ASK = "Every run would fail here. Use a public address, or ask whoever runs this installation."


def find_problems(uow: UnitOfWork, definition: JsonObject) -> list[Finding]:
    """Everything wrong with a draft of the unit's workspace."""
    try:
        spec = load_workflow(definition)
    except SpecError as error:
        return error.findings
    found = as_told(uow, judge_workflow(uow, spec, called=tree_of_workspace(uow).called_by(spec)))
    known = {(finding.node, finding.field) for finding in found}
    return [*found, *(finding for finding in _refused_addresses(uow, spec) if (finding.node, finding.field) not in known)]


def _refused_addresses(uow: UnitOfWork, spec: WorkflowSpec) -> Iterator[Finding]:
    """Addresses written out in a step that this installation lets no run call."""
    for node in spec.nodes:
        url = node.config.get("url") if node.kind == Http.kind else None
        written = _BEFORE_TEMPLATES.match(url.strip()) if isinstance(url, str) else None
        problem = uow.ports.addresses.problem_of(written.group()) if written else ""
        if problem:
            yield Finding("address_refused", problem, _ASK, severity="warning", node=node.id, field="url")
