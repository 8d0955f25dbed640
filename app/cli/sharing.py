"""The `share` commands of agents and workflows: whom one is shared with, over the API."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.members import member_id

Context = typer.Context
Everyone = Annotated[str, typer.Option("--everyone", help="What everybody in the workspace may do: private, view, run or edit.")]
With = Annotated[str, typer.Option("--with", metavar="MEMBER", help="E-mail address or id of a member to name.")]
Allowed = Annotated[str, typer.Option("--access", help="How far --with goes: view, run, edit, or none to take it back.")]
Owner = Annotated[str, typer.Option("--owner", metavar="MEMBER", help="The member to give it to.")]
Needed = Annotated[bool, typer.Option("--needed", help="Share what a workflow uses, to run, with everybody who may run it and lacks that.")]


def share_command(part: str, id_of: Callable[[Client, str], str]) -> Callable[..., None]:
    """The command for one kind of thing: `part` is agents or workflows."""

    def share(
        context: Context,
        thing: Annotated[str, typer.Argument(metavar=part[:-1].upper(), help="Name or id.")],
        *,
        everyone: Everyone = "",
        named: With = "",
        access: Allowed = "view",
        owner: Owner = "",
        needed: Needed = False,
    ) -> None:
        """Whom it is shared with; with options, change that."""
        with context.obj.client() as client:
            shared, thing_id = getattr(client, part), id_of(client, thing)
            if everyone:
                shared.set_sharing(thing_id, everyone=everyone)
            if named and access == "none":
                shared.unshare(thing_id, member_id(client, named))
            elif named:
                shared.share(thing_id, member_id(client, named), access)
            if owner:
                shared.set_sharing(thing_id, owner_id=member_id(client, owner))
            if needed:
                shared.set_sharing(thing_id, needed=True)
            found = shared.sharing(thing_id)
        if context.obj.as_json:
            context.obj.show(found)
        else:
            context.obj.show(_lines(found), ("who", "access"))

    return share


def candidates_command(part: str, id_of: Callable[[Client, str], str]) -> Callable[..., None]:
    """The command that finds whom one kind of thing could still be shared with."""

    def candidates(
        context: Context, thing: Annotated[str, typer.Argument(metavar=part[:-1].upper(), help="Name or id.")], search: str = ""
    ) -> None:
        """Members whom it could still be shared with, by name or address."""
        with context.obj.client() as client:
            found = list(getattr(client, part).candidates(id_of(client, thing), search))
        context.obj.show(found, ("user_id", "name", "email", "role"))

    return candidates


def _lines(found: dict[str, Any]) -> list[dict[str, str]]:
    owner = found["owner"]
    lines = [{"who": owner["email"] or "nobody", "access": "owner"}, {"who": "everyone in the workspace", "access": found["everyone"]}]
    return [*lines, *({"who": person["email"], "access": person["access"]} for person in found["people"])]
