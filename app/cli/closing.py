"""The end of workspaces and accounts over the API: `workspaces delete|deleted|restore|deletion` and `account delete|deletion`."""

import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from agent_factory import Client
from agent_factory.transport import Json
from app.cli.remote import REFUSED, WRONG, forget, leave
from app.cli.terminal import say

Context = typer.Context
Workspace = Annotated[str, typer.Argument(metavar="WORKSPACE", help="Name or id.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Code = Annotated[str, typer.Option("--code", help="Of the authenticator app, or a recovery code, where one is asked for.")]


def closing_commands() -> dict[str, Callable[..., Any]]:
    """The commands by name, for the group of workspaces."""
    return {"delete": delete_workspace, "deletion": show_deletion, "deleted": list_deleted, "restore": restore_workspace}


def account_commands() -> dict[str, Callable[..., Any]]:
    """Those for the group of one's account."""
    return {"delete": delete_account, "deletion": show_account_deletion}


def show_account_deletion(context: Context) -> None:
    """What deleting your account would take with it, and what stands in the way; changes nothing."""
    with context.obj.client() as client:
        found = client.myself.deletion()
    context.obj.tell("\n".join(told_of_account(found)), found)


def delete_account(
    context: Context,
    *,
    confirm: Annotated[str, typer.Option("--confirm", metavar="EMAIL", help="Your address, for scripts; asked for without it.")] = "",
    password_stdin: PasswordStdin = False,
    code: Code = "",
) -> None:
    """Delete your account for good, with the workspaces that are yours alone."""
    with context.obj.client() as client:
        found = client.myself.deletion()
        for line in told_of_account(found):
            say(line, err=True)
        if found.get("obstacles"):
            leave(REFUSED, "It cannot be deleted yet.")
        email = confirm or asked(f"Type the address of your account to delete it ({found['email']})")
        gone = client.myself.delete(email=email, **read_proof(found, password_stdin=password_stdin, code=code))
    forget()
    context.obj.tell("Deleted. Your address is free again.", gone)


def told_of_account(found: Json) -> list[str]:
    """What goes with it and what stands in the way, in lines."""
    lines = [f"The workspace {name} will be deleted." for name in found.get("deletes", [])]
    lines += [f"You leave the workspace {name}." for name in found.get("leaves", [])]
    return lines + [f"In the way: {one['text']} {one['remedy']}" for one in found.get("obstacles", [])]


def show_deletion(context: Context, workspace: Workspace) -> None:
    """What deleting it would take with it, and what stands in the way; changes nothing."""
    with context.obj.client() as client:
        found = client.workspaces.deletion(workspace_id(client, workspace))
    context.obj.tell("\n".join(told(found)), found)


def delete_workspace(
    context: Context,
    workspace: Workspace,
    *,
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help="Its name, for scripts; asked for without it.")] = "",
    password_stdin: PasswordStdin = False,
    code: Code = "",
) -> None:
    """Delete a workspace that you own; it can be restored for 14 days."""
    with context.obj.client() as client:
        wanted = workspace_id(client, workspace)
        found = client.workspaces.deletion(wanted)
        for line in told(found):
            say(line, err=True)
        if found.get("obstacles"):
            leave(REFUSED, "It cannot be deleted yet.")
        name = confirm or asked(f"Type the name of the workspace to delete it ({found['name']})")
        proof = read_proof(found, password_stdin=password_stdin, code=code)
        closed = client.workspaces.delete(wanted, name=name, **proof)
    context.obj.tell(f"Deleted. Until {closed['until']} it can be restored: agent-factory workspaces restore {wanted}", closed)


def list_deleted(context: Context) -> None:
    """Workspaces that were deleted and can still be restored by their owners."""
    with context.obj.client() as client:
        rows = list(client.workspaces.deleted())
    context.obj.show(rows, ("id", "name", "role", "deleted_at", "deleted_by", "purge_at"))


def restore_workspace(context: Context, workspace: Workspace) -> None:
    """Bring a deleted workspace back, and go on there."""
    with context.obj.client() as client:
        restored = client.workspaces.restore(only_id(client.workspaces.deleted(), workspace, "deleted workspace", "deleted"))
    context.obj.tell(f"Restored. Now in {restored['name']}; its listings stay off the shelf until you list them again.", restored)


def told(found: Json) -> list[str]:
    """What goes and what stands in the way, in lines."""
    things = [one["words"] for one in found.get("things", [])]
    lines = [f"{found['name']}: {', '.join(things)} will be deleted."] if things else []
    lines += [f"{title} ends with the month that is paid." for title in found.get("ends", [])]
    return lines + [f"In the way: {one['text']} {one['remedy']}" for one in found.get("obstacles", [])]


def asked(question: str) -> str:
    """What a person types; whoever calls from a script without the option is told so."""
    try:
        return str(typer.prompt(question, err=True))
    except typer.Abort:
        leave(WRONG, "Nobody is there to type the confirmation. Give it with --confirm.")


def read_proof(found: Json, *, password_stdin: bool, code: str) -> dict[str, str]:
    """What is asked for of the password and the code."""
    password = ""
    if found.get("needs_password"):
        password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True, err=True)
    if found.get("needs_code") and not code:
        code = typer.prompt("Code of your authenticator app", err=True)
    return {"password": password, "code": code}


def workspace_id(client: Client, workspace: str) -> str:
    """The id of one of your workspaces, named by name or id."""
    return only_id(client.workspaces.list(), workspace, "workspace", "list")


def only_id(rows: Iterable[Json], wanted: str, kind: str, shown_by: str) -> str:
    """The id of the one row that is meant, by name or id."""
    found = [one["id"] for one in rows if wanted in (one["id"], one["name"])]
    if len(found) > 1:
        leave(REFUSED, f"{len(found)} {kind}s are called '{wanted}'. Give the id of one:", *found)
    return found[0] if found else leave(REFUSED, f"You have no {kind} '{wanted}'. `agent-factory workspaces {shown_by}` shows yours.")
