"""The checks before publishing, and the sample runs that a version is published with: last runs of its tests."""

from typing import Any

from app.core.uow import UnitOfWork
from app.services.blueprints import export_workflow, read_bundle
from app.services.market.shelves import LICENCES, RESELLABLE
from app.services.runs.testing import read_ended
from app.services.workflow_tests.rows import tests_of, to_rows
from app.services.workflows import find_problems
from app.views.market import PublishCheck
from app.views.workflow_tests import TestRow
from engine.blueprint.bundle import Origin
from engine.nodes.workflow import is_listing
from models.ids import parse_id
from models.listing import Listing
from models.workflow import Workflow

MOST_SAMPLES = 6


def check_publish(uow: UnitOfWork, workflow: Workflow) -> tuple[PublishCheck, ...]:
    """All of them, also when the first fails, in the order in which they are shown."""
    rows = to_rows(uow, tests_of(uow, workflow))
    errors = [finding for finding in find_problems(uow, workflow.draft) if finding.severity == "error"]
    exported = None if errors else export_workflow(uow, workflow_id=workflow.id)
    return (
        PublishCheck("errors", "No errors in the workflow", not errors, "Mend the errors that the editor shows."),
        PublishCheck("tests", "It has tests", bool(rows), "Add a test: buyers see what it gives."),
        _verdicts(rows),
        _secrets(exported.removed if exported else ()),
        _licences(uow, read_bundle(exported.text).metadata.origins if exported else {}),
        _sealed_parts(workflow),
    )


def _verdicts(rows: tuple[TestRow, ...]) -> PublishCheck:
    bad = [row for row in rows if row.verdict != "passed" or row.is_outdated]
    moved_on = "was last run before it, the workflow or an agent was changed"
    words = {"failed": "fails", "running": "is still running", "never": "was never run"}
    told = f"“{bad[0].name}” {words.get(bad[0].verdict, moved_on)}. Run the tests and mend what fails." if bad else ""
    return PublishCheck("verdicts", "All tests pass", bool(rows) and not bad, told or "Run the tests.")


def _secrets(removed: tuple[str, ...]) -> PublishCheck:
    told = f"Something that looks like a key stands in {removed[0]}. Put it into a credential and name that instead." if removed else ""
    return PublishCheck("secrets", "No keys or passwords in it", not removed, told)


def _licences(uow: UnitOfWork, origins: dict[str, Origin]) -> PublishCheck:
    """What came from others under a licence that forbids selling is not published, however it was changed or renamed since."""
    bound = [origin for origin in origins.values() if origin.licence not in RESELLABLE]
    own = {listing.slug for listing in uow.session.exec(uow.scoped(Listing))} if bound else set[str]()
    foreign = next((origin for origin in bound if origin.listing not in own), None)
    told = ""
    if foreign is not None:
        terms = LICENCES.get(foreign.licence, "its creator has not allowed to resell it")
        told = (
            f"“{foreign.title}” {foreign.version} by {foreign.creator} came under the {foreign.licence} licence "
            f"({terms[0].lower()}{terms[1:]}). Build on your own work, or ask its creator."
        )
    return PublishCheck("licence", "You may sell everything in it", not told, told)


def _sealed_parts(workflow: Workflow) -> PublishCheck:
    """A step that runs a sealed listing works only where that is installed, and what it does is nobody's to pass on."""
    steps = [node for node in workflow.draft.get("nodes") or [] if is_listing(str((node.get("config") or {}).get("workflow") or ""))]
    named = steps[0].get("label") or steps[0]["id"] if steps else ""
    told = f"“{named}” runs a sealed listing, which cannot be part of another one. Take the step out." if steps else ""
    return PublishCheck("sealed", "Nothing sealed in it", not steps, told)


def samples_of_tests(uow: UnitOfWork, workflow: Workflow) -> list[dict[str, Any]]:
    """Inputs and outputs of the last runs of the tests."""
    rows = to_rows(uow, tests_of(uow, workflow))[:MOST_SAMPLES]
    runs = read_ended(uow, [run_id for row in rows if (run_id := parse_id(row.run_id))])
    samples: list[dict[str, Any]] = []
    for row in rows:
        run = runs.get(parse_id(row.run_id))  # type: ignore[arg-type]
        if run is None:
            continue
        took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
        output = run.output if isinstance(run.output, dict) else {"result": run.output}
        samples.append(
            {
                "name": row.name,
                "status": str(run.status),
                "inputs": row.content.get("inputs") or {},
                "output": output,
                "has_passed": row.verdict == "passed",
                "seconds": round(took, 2),
            }
        )
    return samples
