"""Replacing a whole definition, as programs do that keep theirs in a file: worked out as edits, so that open editors follow."""

from app.core.errors import Conflict, Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.history.restoring import operations_between
from app.services.workflows.edits import apply_own
from app.services.workflows.lifecycle import clean_name, get_workflow
from app.services.workflows.operations import SetMeta
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import keep_version
from app.views.workflows import WorkflowDetail
from engine.errors import SpecError
from engine.graph.placing import place
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import WorkflowSpec
from models.ids import new_id


class StaleDefinition(Conflict):
    """Somebody changed the workflow since it was read."""

    code = "stale"

    def __init__(self, revision: int) -> None:
        super().__init__(f"The workflow is at revision {revision} by now. Read it again and make your change on that.")
        self.revision = revision


def replace_definition(uow: UnitOfWork, *, workflow_id: object, base_revision: object, definition: object) -> WorkflowDetail:
    """Make the draft what the definition says, if it is still at `base_revision`; what it was is kept as a version.

    A definition without a name leaves the workflow's own, and steps without a place stay where they are.
    """
    require(uow, Permission.EDIT)
    spec = read_definition(definition)
    workflow = load_workflow(uow, workflow_id, for_update=True)
    if isinstance(base_revision, bool) or base_revision != workflow.revision:
        raise StaleDefinition(workflow.revision)
    now = load_spec(workflow.draft)
    operations = operations_between(now, place(spec, now))
    if spec.name and spec.name != workflow.name:
        operations.append(SetMeta(field="name", value=clean_name(spec.name)))
    if operations:
        keep_version(uow, workflow)
        apply_own(uow, workflow, operations, client_key=f"api:{new_id().hex}")
    return get_workflow(uow, workflow_id=workflow.id)


def read_definition(definition: object) -> WorkflowSpec:
    """A definition as a client sent it, or Invalid with what cannot be read."""
    if not isinstance(definition, dict):
        message = "A definition is an object with nodes and edges."
        raise Invalid(message, fields={"definition": message})
    try:
        return load_spec(definition)
    except SpecError as error:
        fields = {f"definition.{found.field}" if found.field else "definition": str(found) for found in reversed(error.findings[:50])}
        raise Invalid(str(error.findings[0]), fields=fields) from error
