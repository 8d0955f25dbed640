"""Loads workflow rows for every use case of the package: scoped, not deleted, locked where they are about to change."""

import uuid

from sqlmodel import col

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from models.grant import Access
from models.ids import parse_id
from models.workflow import Workflow

WHAT = "This workflow"


def load_workflow(uow: UnitOfWork, workflow_id: object, *, for_update: bool = False, needed: Access | None = None) -> Workflow:
    """The workflow, shared with the actor far enough, or NotFound. With `for_update`, concurrent savers wait for each other."""
    row_id: uuid.UUID | None = parse_id(workflow_id)
    if not for_update:
        return uow.load(Workflow, row_id, what=WHAT, needed=needed)
    row = (
        uow.session.exec(uow.scoped(Workflow).where(col(Workflow.id) == row_id).with_for_update(key_share=True)).first() if row_id else None
    )
    if row is None or row.deleted_at is not None:
        raise NotFound(WHAT)
    uow.demand(row, what=WHAT, needed=needed)
    return row
