"""`agent-factory agents`: list, read, write and talk to agents over the API."""

import json
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.remote import group, leave, read_object
from app.cli.sharing import share_command

Context = typer.Context
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Slug, name or id.")]
Definition = Annotated[str, typer.Option("--definition", "-d", help="The definition: JSON, @file, or - for standard input.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_agents,
        "show": show,
        "create": create,
        "save": save,
        "delete": delete,
        "versions": versions,
        "chat": chat,
        "share": share_command("agents", id_of),
    }
    root.add_typer(group("Agents of a workspace.", **commands), name="agents")


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


def versions(context: Context, agent: Agent) -> None:
    """Its saved versions."""
    with context.obj.client() as client:
        path = f"/api/v1/agents/{id_of(client, agent)}/versions"
        context.obj.show(client.transport.call("GET", path)["items"], ("number", "created_at", "saved_by", "changes"))


def chat(
    context: Context,
    agent: Agent,
    text: str,
    values: Annotated[str, typer.Option("--values", help="What the instructions use, as JSON.")] = "",
) -> None:
    """Say something to an agent and print the answer as it is written."""
    with context.obj.client() as client:
        told = False
        for event in client.agents.chat(id_of(client, agent), text, values=read_object(values, "--values") if values else None):
            if event.kind == "text" and not context.obj.as_json:
                typer.echo(event.data.get("delta", ""), nl=False)
                told = True
            elif event.kind == "message":
                _finish(context, event.data, told)


def _finish(context: Context, message: dict[str, Any], told: bool) -> None:
    if context.obj.as_json:
        typer.echo(json.dumps(message, ensure_ascii=False, indent=2))
    else:
        typer.echo("" if told else message["content"])
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
