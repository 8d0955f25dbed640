"""`agent-factory blueprint check|import|export`: workflows as files, for Git, review and other installations.

Exit codes: 0 done; 1 the blueprint has errors, or a refusal; 2 a wrong command line, file or setting.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import output_to, reason, say, wrong
from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.blueprints import BlueprintInvalid, export_workflow, import_blueprint, preview_blueprint
from app.services.operators import find_operator
from app.services.workflows import find_workflow
from app.views.blueprints import BlueprintPreview
from app.wiring import get_wiring
from engine.blueprint.callees import tree_of
from engine.blueprint.codec import decode, unusable_in
from engine.blueprint.yaml_text import MAX_BYTES
from engine.errors import Finding, SpecError
from engine.graph.checker import check
from engine.nodes.registry import KINDS
from engine.tools.registry import ALL as ALL_TOOLS
from models.ids import parse_id

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A blueprint in YAML; - reads it from standard input.")]
WorkspaceOption = Annotated[str, typer.Option("--workspace", "-w", help="Name or id of the workspace, if there are several.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Workflows as YAML files: check, import, export.")
    group.command("check", help="Say everything that is wrong with a blueprint. Needs no database and runs nothing.")(check_file)
    group.command("import", help="Create the blueprint's agents and workflows in a workspace.")(import_file)
    group.command("export", help="Write a workflow with its agents as a blueprint.")(export_file)
    root.add_typer(group, name="blueprint")


def check_file(
    file: FileArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")] = False,
) -> None:
    """Print one line per finding; exit 1 if there is an error."""
    findings = check_blueprint(read_source(file))
    for finding in findings:
        say(describe(file, finding))
    errors = [finding for finding in findings if strict or finding.severity == "error"]
    if errors:
        raise typer.Exit(1)
    say(f"{file}: fine" if not findings else f"{file}: no errors", err=True)


def import_file(
    file: FileArgument,
    workspace: WorkspaceOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what comes in and what it will be able to do, ask, then create it."""
    text = read_source(file)
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace)
    try:
        show_preview(wiring.call(preview_blueprint, actor, text=text))
        if not yes and sys.stdin.isatty() and file != "-":
            typer.confirm("Import this?", abort=True, err=True)
        report = wiring.call(import_blueprint, actor, text=text)
    except BlueprintInvalid as error:
        for finding in error.findings:
            say(describe(file, finding), err=True)
        raise typer.Exit(1) from error
    for agent in report.agents:
        done = {"create": "created", "reuse": "is here already", "rename": f"created as '{agent.target}'"}[agent.action]
        say(f"agent     {agent.slug}: {done}", err=True)
    for workflow in report.workflows:
        say(f"workflow  {workflow.name}  {workflow.id}")
    for note in report.notes:
        say(f"note      {note}", err=True)


def export_file(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id of a saved workflow.")],
    output: Annotated[str, typer.Option("--output", "-o", help="File to write; without it, standard output.")] = "",
    workspace: WorkspaceOption = "",
) -> None:
    """Write the blueprint."""
    wiring = get_wiring()
    actor = wiring.call(find_operator, None, workspace=workspace, workflow=workflow)
    with output_to(output) as write:
        file = wiring.call(export_workflow, actor, workflow_id=wiring.call(workflow_id_of, actor, name=workflow))
        write(file.text)
    if output:
        say(f"Wrote {output}", err=True)
    for place in file.removed:
        say(f"note      Something that looks like a key was left out: {place}", err=True)


def workflow_id_of(uow: UnitOfWork, *, name: str) -> str:
    """The id of a saved workflow named by id or by name; raises NotFound."""
    row_id = parse_id(name)
    if row_id is not None:
        return str(row_id)
    found = find_workflow(uow, name=name)
    if found is None:
        raise NotFound(f"The workflow '{name}'")
    return str(found.id)


def check_blueprint(text: bytes) -> list[Finding]:
    """Findings of the file itself, or, if it can be read, of every workflow in it. Models are not compared: they differ by installation."""
    try:
        bundle = decode(text)
    except SpecError as error:
        return error.findings
    tools = {tool.name for tool in ALL_TOOLS}
    tree = tree_of(bundle, KINDS)
    return unusable_in(bundle) + [
        finding
        for slug, spec in bundle.workflows.items()
        for finding in check(
            spec, kinds=KINDS, agents=bundle.agents, tools=tools, workflows=tree.called_by(spec, reference=slug, name=spec.name)
        )
    ]


def read_source(file: str) -> bytes:
    """The file's bytes, or a wrong-command-line error."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as source:
            return source.read(MAX_BYTES + 1)
    except OSError as error:
        wrong(f"cannot read {file}: {reason(error)}")


def describe(file: str, finding: Finding) -> str:
    """`file:line:column: severity: node.field: message remedy`, which editors can jump to."""
    place = f"{file}:{finding.line}:{finding.column}" if finding.line and not finding.node else file
    where = ".".join(part for part in (finding.node, finding.field) if part)
    inside = f" (line {finding.line}, column {finding.column})" if finding.line and finding.node else ""
    return f"{place}: {finding.severity}: {where + ': ' if where else ''}{finding.message}{inside} {finding.remedy}".rstrip()


def show_preview(preview: BlueprintPreview) -> None:
    """What the blueprint brings and may do, before anybody agrees."""
    say(f"{preview.name} {preview.version}", err=True)
    if preview.description:
        say(preview.description, err=True)
    for line in preview.permissions:
        say(f"  it will  {line.title}: {line.detail}", err=True)
    for workflow in preview.workflows:
        for problem in workflow.errors:
            say(f"  problem  {workflow.name}: {problem}", err=True)
