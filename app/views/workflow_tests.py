"""What the tests page and the command line may see of a workflow's tests."""

from dataclasses import dataclass, field
from datetime import datetime

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one expectation came out. Lines of `difference` begin with - (wanted), + (found) or a space."""

    __test__ = False

    what: str
    has_passed: bool
    wanted: str = ""
    found: str = ""
    difference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test with its last verdict: never | running | passed | failed. `content` is the test as blueprints write it."""

    __test__ = False

    id: str
    name: str
    content: JsonObject
    verdict: str
    results: tuple[TestResult, ...] = ()
    run_id: str = ""
    ran_at: datetime | None = None
    duration_ms: float | None = None
    is_outdated: bool = False  # the test, its workflow or one of its agents was changed after its last run


@dataclass(frozen=True, slots=True)
class WorkflowTests:
    """All tests of a workflow, and the form of its inputs as JSON fields."""

    workflow_id: str
    workflow_name: str
    rows: tuple[TestRow, ...]
    fields: tuple[JsonObject, ...] = field(default=())
    approvals: tuple[JsonObject, ...] = field(default=())  # {id, label, buttons: [{id, label}]}
    can_edit: bool = True
    can_run: bool = True
