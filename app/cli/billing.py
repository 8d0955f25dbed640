"""`agent-factory billing`: what the workspace pays for its plan, over the API."""

from typing import Annotated

import typer

from app.cli.remote import REFUSED, group, leave
from app.cli.terminal import write_document

Context = typer.Context
Price = Annotated[int, typer.Option(help="The price of a month that you have seen, in cents.")]
Due = Annotated[int, typer.Option(help="What the preview said is due now, in cents.")]
Plan = Annotated[str, typer.Argument(help="starter, pro or business; free ends the paid plan.")]
COLUMNS = ("number", "issued_at", "total", "state", "id")


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "show": show,
        "order": order,
        "preview": preview,
        "change": change,
        "invoices": invoices,
        "invoice": invoice,
        "document": document,
    }
    root.add_typer(group("The plan of the workspace and what is paid for it.", **commands), name="billing")


def show(context: Context) -> None:
    """The plan, what of it is used, and what is paid."""
    with context.obj.client() as client:
        found = client.billing.show()
    context.obj.show({**{name: value for name, value in found["plan"].items() if name != "cards"}, **found["billing"]})


def order(context: Context, plan: Plan, *, price: Price) -> None:
    """Order a plan, and say where its first month is paid."""
    with context.obj.client() as client:
        found = client.billing.order(plan, seen_cents=price)
    context.obj.tell(f"Pay the first month here: {found['next']}", found)


def preview(context: Context, plan: Plan) -> None:
    """What going over to a plan costs now and later; nothing changes."""
    with context.obj.client() as client:
        context.obj.show(client.billing.preview(plan))


def change(context: Context, plan: Plan, *, due: Due = 0) -> None:
    """Go over to a plan, if that costs now what was said; down and out wait for the end of the period."""
    with context.obj.client() as client:
        shown = client.billing.preview(plan)
        if shown["due_cents"] != due:
            leave(REFUSED, f"{shown['due']} would be charged now. Add --due {shown['due_cents']} if that is what you want.")
        client.billing.change(plan, at=shown["at"], seen_cents=due)
        found = client.billing.show()
    context.obj.tell(f"Done: {shown['kind']}. The plan is {found['plan']['name']}.", found)


def invoices(context: Context) -> None:
    """What was billed, the newest first."""
    with context.obj.client() as client:
        context.obj.show(list(client.billing.invoices()), COLUMNS)


def invoice(context: Context, number: Annotated[str, typer.Argument(metavar="INVOICE", help="Its id.")]) -> None:
    """One invoice with its lines."""
    with context.obj.client() as client:
        context.obj.show(client.billing.invoice(number))


def document(context: Context, number: Annotated[str, typer.Argument(metavar="INVOICE", help="Its id.")]) -> None:
    """An invoice as a page to print or keep, in HTML."""
    with context.obj.client() as client:
        write_document(client.billing.document(number))
