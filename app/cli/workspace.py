"""`agent-factory sign-in`: a workspace's own sign-in provider, over the API."""

from typing import Annotated

import typer

from app.cli.plain import Fields, doing, showing
from app.cli.remote import fitting, group, read_object

Context = typer.Context


def register(root: typer.Typer) -> None:
    """Add the group."""
    sign_in = {
        "show": show_sign_in,
        "save": save_sign_in,
        "remove": remove_sign_in,
        "test": test_provider,
        "require": require,
        "add-domain": showing("Note a domain.", lambda client, domain: client.sign_in.add_domain(domain), name="DOMAIN"),
        "confirm-domain": showing("Look for its record.", lambda client, domain: client.sign_in.confirm_domain(domain), name="DOMAIN"),
        "remove-domain": doing("Give one up.", lambda client, domain: client.sign_in.remove_domain(domain), "Removed.", name="DOMAIN"),
    }
    root.add_typer(group("The sign-in provider of the workspace's people.", **sign_in), name="sign-in")


def show_sign_in(context: Context) -> None:
    """How it is set up."""
    with context.obj.client() as client:
        context.obj.show(client.sign_in.show() or {})


def save_sign_in(context: Context, settings: Fields) -> None:
    """Set it up or change it."""
    with context.obj.client() as client:
        with fitting("--settings"):
            saved = client.sign_in.save(**read_object(settings, "--settings"))
        context.obj.show(saved)


def remove_sign_in(context: Context) -> None:
    """Take it off; sessions that it opened end."""
    with context.obj.client() as client:
        context.obj.tell("Removed.", client.sign_in.remove())


def test_provider(context: Context) -> None:
    """Ask the provider for what signing in needs."""
    with context.obj.client() as client:
        context.obj.show(client.sign_in.test())


def require(context: Context, off: Annotated[bool, typer.Option("--off", help="Let people in by their own ways, too.")] = False) -> None:
    """Let members in by it alone."""
    with context.obj.client() as client:
        context.obj.tell("Saved.", client.sign_in.require(not off))
