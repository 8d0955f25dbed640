"""`agent-factory workflows`: list, read, write, check and run workflows over the API."""

from typing import Annotated

import typer

from agent_factory import Client
from app.cli.cases import add_groups
from app.cli.named_inputs import typed_inputs
from app.cli.remote import group, leave, read_object, read_text
from app.cli.sharing import candidates_command, share_command
from app.cli.steps import step_commands, wait_for
from app.cli.terminal import output_to

Context = typer.Context
Workflow = Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id.")]

Version = Annotated[str, typer.Option("--version", help="The id of a version.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_workflows,
        "show": show,
        "create": create,
        "replace": replace,
        "delete": delete,
        "validate": validate,
        "export": export,
        "import": import_blueprint,
        "rename": rename,
        "restore": restore,
        "duplicate": duplicate,
        "versions": versions,
        "name-version": name_version,
        "compare": compare,
        "restore-version": restore_version,
        "run": run,
        "share": share_command("workflows", id_of),
        "candidates": candidates_command("workflows", id_of),
        **step_commands(id_of),
    }
    workflows = group("Workflows of the workspace that you are in; `workspaces use` goes to another.", **commands)
    add_groups(workflows, id_of)
    root.add_typer(workflows, name="workflows")


def list_workflows(context: Context, search: str = "") -> None:
    """Workflows of the workspace."""
    with context.obj.client() as client:
        rows = list(client.workflows.list(search=search))
    context.obj.show(rows, ("id", "name", "node_count", "error_count", "last_run_status", "updated_at"))


def show(context: Context, workflow: Workflow) -> None:
    """One workflow with its definition."""
    with context.obj.client() as client:
        context.obj.show(client.workflows.get(id_of(client, workflow)))


def create(
    context: Context, name: str, definition: Annotated[str, typer.Option("--definition", "-d", help="JSON, @file or -.")] = ""
) -> None:
    """Create a workflow, with a Start step only or from a definition."""
    with context.obj.client() as client:
        made = client.workflows.create(name, read_object(definition, "--definition") if definition else None)
    context.obj.tell(f"Created {made['name']} ({made['id']}).", made)


def replace(
    context: Context,
    workflow: Workflow,
    definition: Annotated[str, typer.Option("--definition", "-d", help="JSON, @file or -.")],
    revision: Annotated[int, typer.Option(help="The revision it is made on.")] = 0,
) -> None:
    """Replace the definition; refused when somebody changed it after --revision."""
    with context.obj.client() as client:
        present = client.workflows.get(id_of(client, workflow))
        saved = client.workflows.replace(present["id"], read_object(definition, "--definition"), revision=revision or present["revision"])
    context.obj.tell(f"{saved['name']} is at revision {saved['revision']}.", saved)


def delete(context: Context, workflow: Workflow) -> None:
    """Delete a workflow; its runs stay."""
    with context.obj.client() as client:
        client.workflows.delete(id_of(client, workflow))
    context.obj.tell("Deleted.")


def validate(context: Context, workflow: Workflow) -> None:
    """Everything that is wrong with it; exit code 1 when it cannot run."""
    with context.obj.client() as client:
        checked = client.workflows.validate(id_of(client, workflow))
    context.obj.show(checked["findings"], ("severity", "node", "field", "message", "remedy"))
    if not checked["is_valid"]:
        raise typer.Exit(1)


def export(context: Context, workflow: Workflow, output: Annotated[str, typer.Option("--output", "-o", help="A file.")] = "") -> None:
    """Print it as a blueprint, or write it to a file."""
    with output_to(output) as write, context.obj.client() as client:
        write(client.workflows.export(id_of(client, workflow)))


def import_blueprint(context: Context, file: Annotated[str, typer.Argument(metavar="FILE", help="A blueprint, or -.")]) -> None:
    """Create what a blueprint holds."""
    text = read_text(file, "FILE")
    with context.obj.client() as client:
        report = client.workflows.import_blueprint(text)
    context.obj.tell("\n".join(f"Created {made['name']} ({made['id']})." for made in report["workflows"]), report)


def versions(context: Context, workflow: Workflow) -> None:
    """Its history."""
    with context.obj.client() as client:
        rows = list(client.workflows.versions(id_of(client, workflow)))
    context.obj.show(rows, ("number", "id", "created_at", "created_by", "name", "origin"))


def rename(context: Context, workflow: Workflow, name: str, description: str | None = None) -> None:
    """Change name and description."""
    with context.obj.client() as client:
        context.obj.tell("Renamed.", client.workflows.rename(id_of(client, workflow), name, description))


def restore(context: Context, workflow: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take a deletion back."""
    with context.obj.client() as client:
        context.obj.tell("Restored.", client.workflows.restore(workflow))


def duplicate(context: Context, workflow: Workflow) -> None:
    """Copy the definition under the next free name."""
    with context.obj.client() as client:
        made = client.workflows.duplicate(id_of(client, workflow))
    context.obj.tell(f"Created {made['name']} ({made['id']}).", made)


def name_version(context: Context, workflow: Workflow, name: str, *, version: Version = "draft", note: str = "") -> None:
    """Name a version, or without --version the workflow as it stands."""
    with context.obj.client() as client:
        named = client.workflows.name_version(id_of(client, workflow), name, version_id=version, note=note)
    context.obj.tell(f"Version {named['number']} is called {named['name']}.", named)


def compare(context: Context, workflow: Workflow, version: str, base: str = "draft") -> None:
    """What differs between two versions."""
    with context.obj.client() as client:
        context.obj.show(client.workflows.compare(id_of(client, workflow), version, base=base))


def restore_version(context: Context, workflow: Workflow, version: str) -> None:
    """Make it what a version was."""
    with context.obj.client() as client:
        present = client.workflows.get(id_of(client, workflow))
        context.obj.tell("Restored.", client.workflows.restore_version(present["id"], version, revision=present["revision"]))


def run(
    context: Context,
    workflow: Workflow,
    *,
    given: Annotated[str, typer.Option("--inputs", "-i", help="All of them as JSON, @file, or - for standard input.")] = "",
    single: Annotated[list[str] | None, typer.Option("--input", help="One of them: name=value, or name=@file; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is over and print its output.")] = False,
    key: Annotated[str, typer.Option("--idempotency-key", help="The same key with the same inputs starts one run.")] = "",
) -> None:
    """Start a run on the server; with --wait the exit code is 5 unless it succeeds. `agent-factory run` runs a file here."""
    with context.obj.client() as client:
        workflow_id, inputs = id_of(client, workflow), read_object(given, "--inputs")
        if single:
            inputs |= typed_inputs(single, client.workflows.get(workflow_id).get("definition"))
        started = client.workflows.start(workflow_id, inputs, idempotency_key=key or None)
        if not wait:
            context.obj.tell(started["id"], started)
            return
        wait_for(context, client, started)


def id_of(client: Client, workflow: str) -> str:
    """The id of a workflow that is named by name or id."""
    if len(workflow) == 36 and workflow.count("-") == 4:
        return workflow
    found = [row["id"] for row in client.workflows.list(search=workflow, limit=60) if row["name"] == workflow]
    if len(found) == 1:
        return found[0]
    problem = f"There {'are several workflows' if found else 'is no workflow'} '{workflow}'."
    return leave(1, f"{problem} `agent-factory workflows list` shows their ids.")
