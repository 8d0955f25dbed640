"""`agent-factory sign-in` and `plan`: a workspace's own sign-in provider, its plan and its invoices, over the API."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.plain import Fields, doing, listing, showing
from app.cli.remote import group, read_object

Context = typer.Context
Cents = Annotated[int, typer.Option("--seen-cents", help="The price that you saw; another one is refused.")]


def register(root: typer.Typer) -> None:
    """Add the groups."""
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
    rows = ("id", "number", "title", "total", "state", "issued_at")
    plan = {
        "show": show_plan,
        "preview": showing("What going over to a plan costs.", lambda client, plan: client.plan.preview(plan), name="PLAN"),
        "order": order,
        "change": change,
        "invoices": listing("Invoices of the workspace.", lambda client: client.plan.invoices(), rows),
        "invoice": showing("One invoice with its lines.", lambda client, invoice: client.plan.invoice(invoice), name="INVOICE"),
        "document": document,
    }
    root.add_typer(group("What the workspace may do and pays; `plans` sets them on the machine.", **plan), name="plan")


def show_sign_in(context: Context) -> None:
    """How it is set up."""
    with context.obj.client() as client:
        context.obj.show(client.sign_in.show() or {})


def save_sign_in(context: Context, settings: Fields) -> None:
    """Set it up or change it."""
    with context.obj.client() as client:
        context.obj.show(client.sign_in.save(**read_object(settings, "--settings")))


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


def show_plan(context: Context) -> None:
    """The plan, what of it is used, and what is paid for it."""
    with context.obj.client() as client:
        context.obj.show(client.plan.show())


def order(context: Context, plan: str, seen_cents: Cents) -> None:
    """Order a plan; prints where its first month is paid."""
    with context.obj.client() as client:
        made = client.plan.order(plan, seen_cents=seen_cents)
    context.obj.tell(made["next"], made)


def change(
    context: Context, plan: str, seen_cents: Cents, at: Annotated[str, typer.Option(help="The moment of the preview.")] = ""
) -> None:
    """Change the plan as it was previewed."""
    with context.obj.client() as client:
        context.obj.tell("Changed.", client.plan.change(plan, seen_cents=seen_cents, at=at))


def document(context: Context, invoice: str, output: Annotated[str, typer.Option("--output", "-o", help="A file.")] = "") -> None:
    """An invoice as a page to print or keep."""
    with context.obj.client() as client:
        page = client.plan.document(invoice)
    if output:
        Path(output).write_text(page, encoding="utf-8")
    else:
        typer.echo(page)
