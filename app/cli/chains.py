"""`agent-factory chains`: verifies the chains of the audit trail, prints their heads to keep elsewhere, exports entries."""

import json
import uuid
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, select

from app.cli.terminal import say, say_json, write_document
from app.core.errors import Invalid
from app.services.audit import export_entries, verify_chain
from app.services.operators import find_operator
from app.views.audit import AuditVerdict
from app.wiring import Wiring, get_wiring
from models.ids import parse_id
from models.workspace import Workspace

group = typer.Typer(
    no_args_is_help=True, help="Verify and export the audit trails in this machine's database. `audit` reads one over the API."
)
WorkspaceOption = Annotated[str, typer.Option("-w", "--workspace", help="Name or id; all workspaces without it.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(group, name="chains")


@group.command("verify")
def verify(
    workspace: WorkspaceOption = "",
    expect: Annotated[Path | None, typer.Option(help="A file of heads made earlier: also finds an end that was cut off.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per workspace.")] = False,
) -> None:
    """Check every chain; exit 1 when one was edited, shortened, reordered or cut."""
    wiring = get_wiring()
    expected = _read_heads(expect) if expect else {}
    chosen = _workspaces(wiring, workspace)
    verdicts = [_verify(wiring, workspace_id, expected.pop(str(workspace_id), "")) for workspace_id in chosen]
    for verdict in verdicts:
        say(_as_json(verdict) if as_json else _in_words(verdict))
    for lost in expected if not workspace else ():
        say(f"{lost}: the workspace of this head is gone.", err=True)
    if any(verdict.problems for verdict in verdicts):
        raise typer.Exit(1)


@group.command("heads")
def heads(workspace: WorkspaceOption = "") -> None:
    """Print where each chain ends. Keep this outside the machine, and give it to `verify --expect` later."""
    wiring = get_wiring()
    for workspace_id in _workspaces(wiring, workspace):
        verdict = _verify(wiring, workspace_id, "")
        say_json({"workspace": verdict.workspace_id, "head": verdict.head}, indent=None)


@group.command("export")
def export(
    workspace: WorkspaceOption = "",
    file_format: Annotated[str, typer.Option("--format", help="csv or json")] = "json",
    since: Annotated[str, typer.Option(help="First day, such as 2026-01-31.")] = "",
    until: Annotated[str, typer.Option(help="Last day.")] = "",
    search: Annotated[str, typer.Option(help="Words to look for.")] = "",
) -> None:
    """Write entries to standard output, oldest first."""
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace)
    filters = {"since": since, "until": until, "search": search}
    file = wiring.call(export_entries, actor, filters=filters, file_format=file_format)
    write_document(file.text)


def _workspaces(wiring: Wiring, wanted: str) -> list[uuid.UUID]:
    with wiring.unit(write=False) as uow:
        query = select(Workspace.id).order_by(col(Workspace.created_at))
        if wanted:
            row_id = parse_id(wanted)
            query = query.where(Workspace.id == row_id if row_id else Workspace.name == wanted)
        found = list(uow.session.exec(query).all())
        if wanted and not found:
            find_operator(uow, workspace=wanted)  # refuses it and lists those there are
    return found


def _verify(wiring: Wiring, workspace_id: uuid.UUID, expected: str) -> AuditVerdict:
    with wiring.unit(write=False) as uow:
        return verify_chain(uow, workspace_id=workspace_id, expected_head=expected)


def _read_heads(path: Path) -> dict[str, str]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {str(row["workspace"]): str(row["head"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{path} holds no heads.", fields={"--expect": "Give a file that `agent-factory chains heads` wrote."}) from error


def _in_words(verdict: AuditVerdict) -> str:
    name = f"{verdict.workspace_name} ({verdict.workspace_id})"
    if not verdict.problems:
        return f"{name}: {verdict.entries} entries, unbroken."
    lines = [f"  {problem.code}: {problem.message}" for problem in verdict.problems]
    return "\n".join([f"{name}: BROKEN, {len(lines)} finding{'s' if len(lines) > 1 else ''}.", *lines])


def _as_json(verdict: AuditVerdict) -> str:
    problems = [{"seq": one.seq, "code": one.code, "message": one.message} for one in verdict.problems]
    told = {"workspace": verdict.workspace_id, "entries": verdict.entries, "head": verdict.head, "problems": problems}
    return json.dumps(told)
