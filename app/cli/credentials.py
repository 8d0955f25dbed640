"""`agent-factory credentials`: the saved keys of a workspace, over the API; their secrets are never told."""

from typing import Annotated

import typer

from agent_factory import Client
from app.cli.plain import Fields, listing, making
from app.cli.remote import FAILED, fitting, group, leave, read_object

Context = typer.Context
Credential = Annotated[str, typer.Argument(metavar="CREDENTIAL", help="Name or id.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_credentials,
        "show": show,
        "create": making("Save a key; its secret is never told again.", lambda client, **fields: client.credentials.create(**fields)),
        "update": update,
        "test": test,
        "delete": delete,
        "kinds": listing("The services that keys can be saved for.", lambda client: client.credentials.kinds(), ("id", "label", "help")),
    }
    root.add_typer(group("Saved keys of a workspace.", **commands), name="credentials")


def list_credentials(context: Context, search: str = "") -> None:
    """Credentials of the workspace."""
    with context.obj.client() as client:
        context.obj.show(list(client.credentials.list(search=search)), ("id", "name", "kind", "provider", "last_four", "expires_at"))


def show(context: Context, credential: Credential) -> None:
    """One credential, and who uses it."""
    with context.obj.client() as client:
        context.obj.show(client.credentials.get(id_of(client, credential)))


def update(context: Context, credential: Credential, settings: Fields) -> None:
    """Change a key; without a secret the present one stays."""
    with context.obj.client() as client:
        with fitting("--settings"):
            changed = client.credentials.update(id_of(client, credential), **read_object(settings, "--settings"))
        context.obj.show(changed)


def test(context: Context, credential: Credential) -> None:
    """Ask the other side whether it accepts the key."""
    with context.obj.client() as client:
        tested = client.credentials.test(id_of(client, credential))
    context.obj.tell(tested["test_message"] or "Tested.", tested)
    if tested["test_ok"] is False:
        leave(FAILED, "The key was not accepted.")


def delete(context: Context, credential: Credential) -> None:
    """Delete a credential."""
    with context.obj.client() as client:
        client.credentials.delete(id_of(client, credential))
    context.obj.tell("Deleted.")


def id_of(client: Client, credential: str) -> str:
    """The id of a credential that is named by name or id."""
    found = next((row["id"] for row in client.credentials.list(search="") if credential in (row["id"], row["name"])), None)
    return found or leave(1, f"There is no credential '{credential}'. `agent-factory credentials list` shows all.")
