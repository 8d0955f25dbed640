"""`agent-factory members`: who belongs to a workspace, over the API."""

from typing import Annotated

import typer

from agent_factory import Client
from app.cli.plain import doing, listing
from app.cli.remote import group, leave

Context = typer.Context
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="E-mail address or id.")]
Role = Annotated[str, typer.Option("--role", help="owner, admin, member or viewer.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_members,
        "invite": invite,
        "invitations": invitations,
        "revoke": doing("Take one back.", lambda client, one: client.members.revoke_invitation(one), "Revoked.", name="INVITATION"),
        "resend": doing("Send one again.", lambda client, one: client.members.resend_invitation(one), "Sent again.", name="INVITATION"),
        "role": change_role,
        "roles": listing("What each role may do.", lambda client: client.members.roles(), ("permission", "label", "roles")),
        "remove": remove,
    }
    root.add_typer(group("Members of the workspace that you are in; `workspaces use` goes to another.", **commands), name="members")


def list_members(context: Context) -> None:
    """Who belongs to the workspace."""
    with context.obj.client() as client:
        context.obj.show(list(client.members.list()), ("user_id", "name", "email", "role", "joined"))


def invite(
    context: Context,
    email: Annotated[list[str] | None, typer.Argument(help="Addresses; without one a link is printed.")] = None,
    *,
    role: Role = "member",
) -> None:
    """Invite people by e-mail, or print a link for one person."""
    with context.obj.client() as client:
        made = client.members.invite(*(email or []), role=role)
    context.obj.tell(made["url"] or f"Invited {', '.join(row['email'] for row in made['invitations'])}.", made)


def invitations(context: Context, everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False) -> None:
    """Invitations that nobody has accepted yet."""
    with context.obj.client() as client:
        rows = list(client.members.invitations(only_open=not everything))
    context.obj.show(rows, ("id", "email", "role", "state", "expires"))


def change_role(context: Context, member: Member, role: Annotated[str, typer.Argument(help="owner, admin, member or viewer.")]) -> None:
    """Give a member another role."""
    with context.obj.client() as client:
        client.members.change_role(member_id(client, member), role)
    context.obj.tell("Changed.")


def remove(context: Context, member: Member, heir: Annotated[str, typer.Option("--heir", help="Who goes on in their name.")] = "") -> None:
    """Remove a member."""
    with context.obj.client() as client:
        client.members.remove(member_id(client, member), heir_id=member_id(client, heir) if heir else "")
    context.obj.tell("Removed.")


def member_id(client: Client, member: str) -> str:
    """The id of a member named by address or id."""
    found = next((row["user_id"] for row in client.members.list() if member in (row["user_id"], row["email"])), None)
    return found or leave(1, f"There is no member '{member}'. `agent-factory members list` shows all.")
