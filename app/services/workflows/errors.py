"""What the workflow services refuse, and the inner signal of an edit that cannot be carried out."""

from app.core.errors import Conflict


class Refused(Exception):
    """One operation cannot be done on the draft as it is; becomes Invalid for a fresh client and a conflict for a stale one."""

    def __init__(self, message: str, *, node: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.field = field


class WorkflowMovedOn(Conflict):
    """A version or preview no longer fits the draft."""

    code = "workflow_moved_on"
