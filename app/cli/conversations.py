"""`agent-factory conversations`: what was said with agents, over the API; `agents chat` says something."""

from typing import Annotated, Any

import typer

from app.cli.agents import Agent, id_of, print_turn
from app.cli.plain import doing, showing
from app.cli.remote import group, read_object

Context = typer.Context
Conversation = Annotated[str, typer.Argument(metavar="CONVERSATION")]
Definition = Annotated[str, typer.Option("--definition", "-d", help="Answer by this, unsaved: JSON, @file, or - for standard input.")]
Message = Annotated[str, typer.Argument(metavar="MESSAGE")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_conversations,
        "show": showing("A conversation with its messages.", lambda client, one: client.conversations.get(one), name="CONVERSATION"),
        "message": show_message,
        "stop": stop,
        "rename": rename,
        "edit": edit,
        "regenerate": regenerate,
        "show-version": show_version,
        "delete": doing("Delete one.", lambda client, one: client.conversations.delete(one), "Deleted.", name="CONVERSATION"),
    }
    root.add_typer(group("Your conversations with agents.", **commands), name="conversations")


def list_conversations(context: Context, agent: Agent) -> None:
    """Your own with an agent, the one used last first."""
    with context.obj.client() as client:
        context.obj.show(list(client.conversations.list(agent_id=id_of(client, agent))), ("id", "title", "updated"))


def show_message(context: Context, conversation: Conversation, message: Message) -> None:
    """One message; its status is streaming until it is done."""
    with context.obj.client() as client:
        context.obj.show(client.conversations.message(conversation, message))


def stop(context: Context, conversation: Conversation, message: Message) -> None:
    """Stop an answer; its words so far stay."""
    with context.obj.client() as client:
        context.obj.tell("Stopping.", client.conversations.stop(conversation, message))


def rename(context: Context, conversation: Conversation, title: str) -> None:
    """Give it another title."""
    with context.obj.client() as client:
        context.obj.tell("Renamed.", client.conversations.rename(conversation, title))


def edit(context: Context, conversation: Conversation, message: Message, text: str, definition: Definition = "") -> None:
    """Write another version of a message of yours and print the new answer; what `agents try` began needs --definition."""
    with context.obj.client() as client:
        print_turn(context, client.conversations.edit(conversation, message, text, **_by(definition)))


def regenerate(context: Context, conversation: Conversation, message: Message, definition: Definition = "") -> None:
    """Have an answer written anew, the older one stays beside it; what `agents try` began needs --definition."""
    with context.obj.client() as client:
        print_turn(context, client.conversations.regenerate(conversation, message, **_by(definition)))


def _by(definition: str) -> dict[str, Any]:
    return {"definition": read_object(definition, "--definition")} if definition else {}


def show_version(context: Context, conversation: Conversation, message: Message) -> None:
    """Go over to another version of a message: older_id and newer_id of a message name them."""
    with context.obj.client() as client:
        context.obj.show(client.conversations.show_version(conversation, message))
