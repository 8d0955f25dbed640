"""Schedules in blueprints: out with the workflow they start, in as paused ones in the name of who imports. Blueprints call these."""

from collections.abc import Sequence

from sqlmodel import col

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services.schedules.editing import create_schedule
from engine.blueprint.triggers import BundleSchedule
from models.schedule import Schedule
from models.workflow import Workflow


def read_schedules(uow: UnitOfWork, *, workflow: Workflow, slug: str) -> list[BundleSchedule]:
    """Those of a workflow, oldest first, as a blueprint holds them."""
    is_its = (col(Schedule.workflow_id) == workflow.id, col(Schedule.deleted_at).is_(None))
    rows = uow.session.exec(uow.scoped(Schedule).where(*is_its).order_by(col(Schedule.id)))
    return [
        BundleSchedule(
            name=row.name,
            workflow=slug,
            when=row.wording,
            time_zone=row.time_zone,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            inputs=row.inputs,
            missed=row.missed,
            most_missed=row.most_missed,
            overlap=row.overlap,
        )
        for row in rows
    ]


def bring_schedules(uow: UnitOfWork, *, workflow: Workflow, slug: str, schedules: Sequence[BundleSchedule]) -> int:
    """Create those of one workflow, paused; a wrong field is named by its place in the blueprint. Returns how many."""
    brought = 0
    for index, schedule in enumerate(schedules):
        if schedule.workflow != slug:
            continue
        given = schedule.model_dump(mode="json", exclude={"workflow", "when"})
        try:
            create_schedule(uow, schedule={**given, "workflow_id": str(workflow.id), "wording": schedule.when, "is_enabled": False})
        except Invalid as wrong:
            fields = {f"schedules.{index}.{'when' if name == 'wording' else name}": words for name, words in wrong.fields.items()}
            said = next(iter(wrong.fields.values()), wrong.message)
            raise Invalid(f"The schedule '{schedule.name}' cannot be imported: {said}", fields=fields) from wrong
        brought += 1
    return brought
