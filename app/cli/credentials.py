"""`agent-factory credentials`: the saved keys of a workspace, over the API; their secrets are never told."""

import sys
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.plain import Fields, listing
from app.cli.remote import FAILED, fitting, group, leave, read_object
from app.cli.terminal import has_terminal

Context = typer.Context
SecretStdin = Annotated[bool, typer.Option("--secret-stdin", help="Read the secret from standard input, not from the settings.")]
Credential = Annotated[str, typer.Argument(metavar="CREDENTIAL", help="Name or id.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_credentials,
        "show": show,
        "create": create,
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


def create(context: Context, settings: Fields, *, secret_stdin: SecretStdin = False) -> None:
    """Save a key; a secret that the settings do not hold is asked for, and stays out of the shell's history."""
    with context.obj.client() as client:
        fields = with_secret(read_object(settings, "--settings"), from_stdin=secret_stdin, asks=True)
        with fitting("--settings"):
            made = client.credentials.create(**fields)
        context.obj.show(made)


def with_secret(fields: dict[str, Any], *, from_stdin: bool, asks: bool) -> dict[str, Any]:
    """The settings with a secret that was piped in, or typed where nobody sees it."""
    if from_stdin:
        return {**fields, "secret": sys.stdin.readline().rstrip("\n")}
    if asks and "secret" not in fields and has_terminal():
        return {**fields, "secret": typer.prompt("Secret", hide_input=True, err=True)}
    return fields


def update(context: Context, credential: Credential, settings: Fields, *, secret_stdin: SecretStdin = False) -> None:
    """Change a key; without a secret the present one stays."""
    with context.obj.client() as client:
        fields = with_secret(read_object(settings, "--settings"), from_stdin=secret_stdin, asks=False)
        with fitting("--settings"):
            changed = client.credentials.update(id_of(client, credential), **fields)
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
