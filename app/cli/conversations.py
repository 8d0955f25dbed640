"""`agent-factory conversations`: what was said with agents, over the API; `agents chat` says something."""

from typing import Annotated

import typer

from app.cli.agents import Agent, id_of
from app.cli.plain import doing, showing
from app.cli.remote import group

Context = typer.Context
Conversation = Annotated[str, typer.Argument(metavar="CONVERSATION")]
Message = Annotated[str, typer.Argument(metavar="MESSAGE")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_conversations,
        "show": showing("A conversation with its messages.", lambda client, one: client.conversations.get(one), name="CONVERSATION"),
        "message": show_message,
        "stop": stop,
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
