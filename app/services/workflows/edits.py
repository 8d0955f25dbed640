"""Saving from the editor: merge a batch of edits into the draft, log it, and tell the client what it does not know yet."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import col

from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.workflows.checking import find_problems
from app.services.workflows.draft import Draft
from app.services.workflows.merge import Merge, describe, is_done, merge, split, translate
from app.services.workflows.operations import (
    AddNode,
    AnyOperation,
    Move,
    RenameNode,
    SetConfig,
    SetPolicy,
    dump_operation,
    parse_operations,
    refuse,
)
from app.services.workflows.pins import move_pins
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import keep_version, newest_version
from app.views.workflows import EditConflict, EditResult
from engine.errors import Finding, SpecError
from engine.json import JsonObject
from engine.spec.guard import check_json
from models.user import User
from models.workflow import Workflow, WorkflowEdit

MAX_LAG = 3_000
TOO_OLD = "too_old"
SNAPSHOT_EVERY = timedelta(minutes=10)
FEWEST_STEPS = 3
CHECKED_NODES = 1_500
OWN = "another tab of yours"
_CLIENT_KEY = re.compile(r"[A-Za-z0-9_\-]{4,40}:[A-Za-z0-9_\-]{1,36}")


def apply_operations(uow: UnitOfWork, *, workflow_id: object, base_revision: object, client_key: object, operations: object) -> EditResult:
    """Save a batch made on top of `base_revision`. `client_key` is `<tab>:<number>`; a repeated key changes nothing twice.

    What others changed since the base is merged per node and field; where both changed the same thing the client's edit
    is left out and comes back as a conflict. Raises Invalid for a malformed batch, then nothing of it is written.
    """
    require(uow, Permission.EDIT)
    key = _check_key(client_key)
    parsed = parse_operations(operations)
    workflow = load_workflow(uow, workflow_id, for_update=True)
    base = _check_base(base_revision, workflow.revision)
    foreign = foreign_edits(uow, workflow, base=base, tab=key.split(":")[0])
    draft = Draft.read(workflow.draft)
    same_key = uow.scoped(WorkflowEdit).where(WorkflowEdit.workflow_id == workflow.id, WorkflowEdit.client_key == key)
    earlier = uow.session.exec(same_key).first()
    if earlier is not None:
        conflicts = _left_over(draft, parsed, earlier, _renames(foreign))
        return EditResult(workflow.revision, _operations_of(foreign), _signed(uow, conflicts, foreign), findings=_check(uow, workflow))
    merged = merge(draft, parsed, theirs=[key for edit in foreign for key in edit.touched], renames=_renames(foreign))
    crossing = draft.crossing()
    if merged.conflicts or crossing:
        _refuse_unless_stale(merged, crossing_message=crossing.message if crossing else "", is_stale=bool(foreign))
    if crossing:
        draft = Draft.read(workflow.draft)
        merged = Merge(conflicts=[describe(draft, index, part, crossing) for index, whole in enumerate(parsed) for part in split(whole)])
    if merged.accepted:
        _write(uow, workflow, draft, merged, key)
    conflicts = _signed(uow, merged.conflicts, foreign)
    return EditResult(workflow.revision, _operations_of(foreign), conflicts, merged.renamed, _check(uow, workflow))


def apply_own(uow: UnitOfWork, workflow: Workflow, operations: Sequence[AnyOperation], *, client_key: str) -> None:
    """Edits a service makes itself (rename, restore) on the newest revision, logged like everybody's."""
    draft = Draft.read(workflow.draft)
    merged = merge(draft, operations)
    if merged.conflicts:
        raise Invalid(merged.conflicts[0].message)
    if merged.accepted:
        _write(uow, workflow, draft, merged, client_key)
        _check(uow, workflow)


def changes_since(uow: UnitOfWork, *, workflow_id: object, revision: object, tab: str) -> EditResult:
    """What others saved after `revision`; an open editor asks when it gets the focus or hears of a change."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    base = _check_base(revision, workflow.revision)
    foreign = foreign_edits(uow, workflow, base=base, tab=tab)
    findings = _find(uow, workflow) if foreign else None
    return EditResult(workflow.revision, _operations_of(foreign), findings=findings, by=_authors(uow, foreign))


def check_workflow(uow: UnitOfWork, *, workflow_id: object) -> list[Finding]:
    """Run the checker over the saved draft, however large; the editor asks for it when the hands rest."""
    require(uow, Permission.VIEW)
    return find_problems(uow, load_workflow(uow, workflow_id).draft)


def foreign_edits(uow: UnitOfWork, workflow: Workflow, *, base: int, tab: str) -> list[WorkflowEdit]:
    """Everybody else's edits after the base, oldest first."""
    rows = uow.session.exec(
        uow.scoped(WorkflowEdit)
        .where(WorkflowEdit.workflow_id == workflow.id, WorkflowEdit.revision > base)
        .order_by(col(WorkflowEdit.revision))
        .limit(MAX_LAG + 1)
    ).all()
    if len(rows) > MAX_LAG:
        problem = "This page is too far behind the saved workflow. Reload it; your unsaved changes are kept in this browser."
        raise Conflict(problem, code=TOO_OLD)
    return [row for row in rows if not row.client_key.startswith(f"{tab}:")]


def _write(uow: UnitOfWork, workflow: Workflow, draft: Draft, merged: Merge, client_key: str) -> None:
    assert uow.actor is not None
    newest = newest_version(uow, workflow)
    now = uow.ports.clock.now()
    content = draft.content()
    is_due = newest is None or (newest.revision < workflow.revision and now - newest.created_at >= SNAPSHOT_EVERY)
    if is_due or _loses_most(workflow.draft, content, merged):
        keep_version(uow, workflow)
    _require_readable(content, merged)
    workflow.draft = content
    workflow.name, workflow.description = draft.meta["name"], draft.meta["description"]
    workflow.revision += 1
    workflow.updated_at = now
    uow.session.add(workflow)
    move_pins(uow, workflow.id, [(one.id, one.new_id) for _, one in merged.accepted if isinstance(one, RenameNode)])
    uow.session.add(
        WorkflowEdit(
            workspace_id=workflow.workspace_id,
            workflow_id=workflow.id,
            revision=workflow.revision,
            client_key=client_key,
            operations=[{"i": index, **dump_operation(operation)} for index, operation in merged.accepted],
            touched=sorted(merged.touched),
            created_by=uow.actor.user_id,
            created_at=now,
        )
    )
    uow.session.flush()


def _loses_most(before: JsonObject, after: JsonObject, merged: Merge) -> bool:
    """Whether more than half of three or more steps go at once: what was there is kept, however young the last version is."""
    renamed = {one.id for _, one in merged.accepted if isinstance(one, RenameNode)}
    steps = {node["id"] for node in before.get("nodes", ()) if node["kind"] != "note"}
    lost = steps - renamed - {node["id"] for node in after.get("nodes", ())}
    return len(steps) >= FEWEST_STEPS and 2 * len(lost) > len(steps)


def _require_readable(content: JsonObject, merged: Merge) -> None:
    """Many small edits must not add up to a definition that no loader takes any more: too deep, or too large."""
    if not any(isinstance(operation, AddNode | SetConfig | SetPolicy) for _, operation in merged.accepted):
        return
    try:
        check_json(content)
    except SpecError as error:
        finding = error.findings[0]
        raise LimitReached(f"{finding.message} {finding.remedy}".strip(), fields={"operations": finding.message}) from error


def _find(uow: UnitOfWork, workflow: Workflow) -> tuple[Finding, ...] | None:
    """Findings beside edits; a huge workflow is checked only when asked."""
    return None if len(workflow.draft.get("nodes", ())) > CHECKED_NODES else tuple(find_problems(uow, workflow.draft))


def _check(uow: UnitOfWork, workflow: Workflow) -> tuple[Finding, ...] | None:
    """Findings after a save, their number written down."""
    findings = _find(uow, workflow)
    if findings is None:
        return None
    errors = sum(finding.severity == "error" for finding in findings)
    if errors != workflow.error_count:
        workflow.error_count = errors
        uow.session.add(workflow)
    return findings


def _refuse_unless_stale(merged: Merge, *, crossing_message: str, is_stale: bool) -> None:
    """A client that knows the newest revision must not send what cannot be done: that is an error, not a conflict."""
    if is_stale:
        return
    if crossing_message:
        raise refuse("operations", crossing_message)
    first = merged.conflicts[0]
    raise refuse(f"operations.{first.index}", first.message)


def _left_over(draft: Draft, parsed: list[AnyOperation], earlier: WorkflowEdit, renames: dict[str, str]) -> tuple[EditConflict, ...]:
    """A repeated save: what of the batch was not accepted the first time is asked again, for the first answer may be lost."""
    done = {item["i"] for item in earlier.operations if item["op"] != "move"}
    moved = {(item["i"], move["id"]) for item in earlier.operations if item["op"] == "move" for move in item["moves"]}
    left: list[EditConflict] = []
    for index, original in enumerate(parsed):
        for part in split(translate(original, renames)):
            is_known = index in done or (isinstance(part, Move) and (index, part.moves[0].id) in moved)
            if not is_known and not is_done(draft, part):
                left.append(describe(draft, index, part))
    return tuple(left)


def _signed(uow: UnitOfWork, conflicts: Sequence[EditConflict], foreign: list[WorkflowEdit]) -> tuple[EditConflict, ...]:
    """Each conflict with the name of who made the other change last, as far as it is known."""
    assert uow.actor is not None
    signed: list[EditConflict] = []
    for conflict in conflicts:
        mark = f"n/{conflict.node}/"
        about = [edit for edit in foreign if conflict.node and any(f"{key}/".startswith(mark) for key in edit.touched)] or foreign
        author = about[-1].created_by if about else None
        user = uow.session.get(User, author) if author else None
        by = "You, in another tab" if author == uow.actor.user_id else user.name if user else ""
        subject = f"{by}," if author == uow.actor.user_id else by
        signed.append(replace(conflict, by=by, message=conflict.message.replace("Somebody", subject, 1) if by else conflict.message))
    return tuple(signed)


def _authors(uow: UnitOfWork, edits: Sequence[WorkflowEdit]) -> str:
    """Whose edits these are, in words: "Mira and another tab of yours"; "" when nobody is known any more."""
    assert uow.actor is not None
    authors = list(dict.fromkeys(edit.created_by for edit in edits if edit.created_by))
    people = [uow.session.get(User, one) for one in authors if one != uow.actor.user_id]
    names = [person.name for person in people if person]
    return " and ".join([*names, *([OWN] if uow.actor.user_id in authors else [])])


def _operations_of(edits: list[WorkflowEdit]) -> tuple[JsonObject, ...]:
    """Each says which revision it belongs to, so that a client applies it once however often it hears of it."""
    return tuple(
        {**{key: value for key, value in item.items() if key != "i"}, "revision": edit.revision}
        for edit in edits
        for item in edit.operations
    )


def _renames(edits: list[WorkflowEdit]) -> dict[str, str]:
    """Old id -> present id, also over several renames."""
    renames: dict[str, str] = {}
    for item in _operations_of(edits):
        if item["op"] == RenameNode.model_fields["op"].default:
            for old, new in list(renames.items()):
                if new == item["id"]:
                    renames[old] = item["new_id"]
            renames[item["id"]] = item["new_id"]
    return renames


def _check_key(client_key: object) -> str:
    if not isinstance(client_key, str) or not _CLIENT_KEY.fullmatch(client_key):
        raise refuse("client_key", "It must look like 'tab:number' with letters, digits, - and _. Reload the page.")
    return client_key


def _check_base(revision: object, current: int) -> int:
    if not isinstance(revision, int) or isinstance(revision, bool) or not 1 <= revision <= current:
        raise refuse("base_revision", f"It must be a whole number from 1 to {current}. Reload the page.")
    return revision


__all__ = ["TOO_OLD", "apply_operations", "apply_own", "changes_since", "check_workflow", "foreign_edits"]
