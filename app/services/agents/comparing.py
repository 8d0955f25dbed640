"""Three-way comparison for stale saves: what the other changed, what you changed, and where the two clash."""

from collections.abc import Mapping

from app.core.uow import UnitOfWork
from app.services.agents.errors import StaleAgentSave
from app.services.agents.fields import changed_fields, flat_fields, label_of, shown, unflatten
from app.services.agents.rows import ago, author, load_version, user_names
from app.views.agents import FieldChange, SaveConflict
from engine.json import JsonObject
from models.agent import Agent


def stale_save(uow: UnitOfWork, agent: Agent, *, base_version: int, yours: JsonObject) -> StaleAgentSave:
    """Build the refusal of a save that began from an older version, with both sides' changed fields."""
    base = load_version(uow, agent, base_version).spec
    newest = load_version(uow, agent, agent.version)
    changes = compare(base=base, theirs=newest.spec, yours=yours)
    names = user_names(uow, {newest.created_by} if newest.created_by else set())
    merged = flat_fields(newest.spec)
    merged.update({change.field: change.yours for change in changes if change.yours != change.base})
    return StaleAgentSave(
        SaveConflict(
            current_version=agent.version,
            saved_by=author(names, newest.created_by),
            saved=ago(uow, newest.created_at),
            changes=tuple(changes),
            merged=unflatten(merged),
        )
    )


def merge_fields(conflict: SaveConflict, picks: Mapping[str, str]) -> JsonObject:
    """Return both sides' changes as one definition; `picks` says "theirs" for clashing fields whose own change is given up."""
    fields = flat_fields(conflict.merged)
    fields.update({change.field: change.theirs for change in conflict.changes if change.is_clash and picks.get(change.field) == "theirs"})
    return unflatten(fields)


def compare(*, base: JsonObject, theirs: JsonObject, yours: JsonObject) -> list[FieldChange]:
    """Return every field that either side changed."""
    old, their, your = flat_fields(base), flat_fields(theirs), flat_fields(yours)
    touched = dict.fromkeys([*changed_fields(base, theirs), *changed_fields(base, yours)])
    return [
        FieldChange(
            field=name,
            label=label_of(name),
            base=old.get(name),
            theirs=their.get(name),
            yours=your.get(name),
            is_clash=old.get(name) != their.get(name) != your.get(name) != old.get(name),
            keeps="theirs" if your.get(name) == old.get(name) else "yours",
            theirs_text=shown(their.get(name)),
            yours_text=shown(your.get(name)),
        )
        for name in touched
    ]
