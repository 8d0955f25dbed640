"""`agent-factory agents`: list, read, write and talk to agents over the API."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from agent_factory import Client
from agent_factory.transport import Event
from app.cli.plain import listing, showing
from app.cli.remote import group, leave, read_object
from app.cli.sharing import candidates_command, share_command
from app.cli.terminal import say_json, write_document

Context = typer.Context
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Slug, name or id.")]
Values = Annotated[str, typer.Option("--values", help="What the instructions use, as JSON.")]
Definition = Annotated[str, typer.Option("--definition", "-d", help="The definition: JSON, @file, or - for standard input.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_agents,
        "show": show,
        "create": create,
        "save": save,
        "delete": delete,
        "restore": restore,
        "duplicate": duplicate,
        "uses": uses,
        "versions": versions,
        "version": version,
        "restore-version": restore_version,
        "chat": chat,
        "test": try_out,
        "share": share_command("agents", id_of),
        "candidates": candidates_command("agents", id_of),
        "check": check,
        "try": try_unsaved,
        "models": listing("The models that agents here may have.", lambda client: client.agents.options()["models"], ("id", "label")),
        "tools": listing("The tools.", lambda client: client.agents.options()["tools"], ("name", "label")),
        "starters": listing("Ready-made agents.", lambda client: client.agents.starters(), ("key", "name", "summary")),
        "begin-with": showing("Create a ready-made one.", lambda client, key: client.agents.begin_with(key), name="STARTER"),
    }
    root.add_typer(group("Agents of the workspace that you are in; `workspaces use` goes to another.", **commands), name="agents")


def list_agents(context: Context, search: str = "") -> None:
    """Agents of the workspace."""
    with context.obj.client() as client:
        context.obj.show(list(client.agents.list(search=search)), ("id", "slug", "name", "model", "version", "updated_at"))


def show(context: Context, agent: Agent) -> None:
    """One agent with its definition."""
    with context.obj.client() as client:
        context.obj.show(client.agents.get(id_of(client, agent)))


def create(context: Context, definition: Definition) -> None:
    """Create an agent."""
    with context.obj.client() as client:
        made = client.agents.create(read_object(definition, "--definition"))
    context.obj.tell(f"Created {made['slug']} ({made['id']}).", made)


def save(
    context: Context, agent: Agent, definition: Definition, version: Annotated[int, typer.Option(help="The version it is made on.")] = 0
) -> None:
    """Save a definition as the next version; refused when somebody saved a newer one than --version."""
    with context.obj.client() as client:
        present = client.agents.get(id_of(client, agent))
        saved = client.agents.save(present["id"], read_object(definition, "--definition"), version=version or present["version"])
    context.obj.tell(f"{saved['slug']} is at version {saved['version']}.", saved)


def delete(context: Context, agent: Agent) -> None:
    """Delete an agent."""
    with context.obj.client() as client:
        gone = client.agents.delete(id_of(client, agent))
    uses = ", ".join(use["name"] for use in gone["used_by"])
    context.obj.tell(f"Deleted.{f' These workflows still name it: {uses}.' if uses else ''}", gone)


def restore(context: Context, agent: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take a deletion back."""
    with context.obj.client() as client:
        context.obj.tell("Restored.", client.agents.restore(agent))


def duplicate(context: Context, agent: Agent) -> None:
    """Copy the newest version under a new name."""
    with context.obj.client() as client:
        made = client.agents.duplicate(id_of(client, agent))
    context.obj.tell(f"Created {made['slug']} ({made['id']}).", made)


def uses(context: Context, agent: Agent) -> None:
    """The workflows that name it."""
    with context.obj.client() as client:
        context.obj.show(client.agents.uses(id_of(client, agent)), ("workflow_id", "name", "nodes"))


def version(context: Context, agent: Agent, number: int) -> None:
    """It as it was in a version."""
    with context.obj.client() as client:
        context.obj.show(client.agents.version(id_of(client, agent), number))


def restore_version(context: Context, agent: Agent, number: int) -> None:
    """Save an old version again as the newest."""
    with context.obj.client() as client:
        present = client.agents.get(id_of(client, agent))
        saved = client.agents.restore_version(present["id"], number, version=present["version"])
    context.obj.tell(f"{saved['slug']} is at version {saved['version']}.", saved)


def versions(context: Context, agent: Agent) -> None:
    """Its saved versions."""
    with context.obj.client() as client:
        context.obj.show(list(client.agents.versions(id_of(client, agent))), ("number", "created_at", "saved_by", "changes"))


def chat(context: Context, agent: Agent, text: str, values: Values = "") -> None:
    """Say something to an agent and print the answer as it is written."""
    with context.obj.client() as client:
        print_turn(context, client.agents.chat(id_of(client, agent), text, values=_values(values)))


def try_out(context: Context, agent: Agent, text: str, definition: Definition, values: Values = "") -> None:
    """Say something to it as a definition has it that is not saved."""
    with context.obj.client() as client:
        tried = read_object(definition, "--definition")
        print_turn(context, client.agents.try_out(id_of(client, agent), text, tried, values=_values(values)))


def check(context: Context, definition: Definition) -> None:
    """What is wrong with a definition; exit code 1 when it could not be saved."""
    with context.obj.client() as client:
        found = client.agents.check(read_object(definition, "--definition"))
    context.obj.show(found if context.obj.as_json else found["problems"], ("field", "message", "line", "column"))
    if not found["is_valid"]:
        raise typer.Exit(1)


def try_unsaved(context: Context, text: str, definition: Definition, values: Values = "") -> None:
    """Say something to an agent that was never saved."""
    with context.obj.client() as client:
        tried = read_object(definition, "--definition")
        print_turn(context, client.agents.try_unsaved(tried, text, values=_values(values)))


def _values(text: str) -> dict[str, Any] | None:
    return read_object(text, "--values") if text else None


def print_turn(context: Context, events: Iterable[Event]) -> None:
    """An answer as it is written; exit code 5 unless it is finished."""
    told = finished = False
    for event in events:
        if event.kind == "text" and not context.obj.as_json:
            write_document(event.data.get("delta", ""))
            told = True
        elif event.kind == "message":
            _finish(context, event.data, told)
            finished = True
    if not finished:
        leave(5, "The answer never came to its end.")


def _finish(context: Context, message: dict[str, Any], told: bool) -> None:
    if context.obj.as_json:
        say_json(message)
    else:
        write_document("" if told else message["content"], nl=True)
    if message["status"] != "done":
        leave(5, message["error_message"] or f"The answer was {message['status']}.")


def id_of(client: Client, agent: str) -> str:
    """The id of an agent that is named by slug, name or id."""
    if len(agent) == 36 and agent.count("-") == 4:
        return agent
    found = next((row["id"] for row in client.agents.list(search=agent, limit=100) if agent in (row["slug"], row["name"])), None)
    if found is not None:
        return found
    return leave(1, f"There is no agent '{agent}'. `agent-factory agents list` shows all.")
