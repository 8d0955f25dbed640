"""Refusals of agent rules as facts."""

from app.core.errors import Conflict
from app.views.agents import SaveConflict


class StaleAgentSave(Conflict):
    """Somebody saved a newer version since the form was opened; `conflict` tells both sides' changes."""

    def __init__(self, conflict: SaveConflict) -> None:
        clashing = [change for change in conflict.changes if change.is_clash]
        both = f" You both changed: {', '.join(change.label for change in clashing)}." if clashing else ""
        super().__init__(
            f"{conflict.saved_by} saved version {conflict.current_version} meanwhile.{both} Nothing of yours was overwritten or lost.",
            fields={change.field: "You both changed this. Choose which one to keep." for change in clashing},
            code="stale_agent_save",
        )
        self.conflict = conflict
