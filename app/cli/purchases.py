"""`agent-factory purchases`: what the workspace buys on the marketplace, over the API."""

from typing import Annotated
from urllib.parse import urljoin

import typer

from agent_factory.errors import Conflict
from agent_factory.transport import Json
from app.cli.remote import REFUSED, group, leave
from app.cli.terminal import write_document

Context = typer.Context
Order = Annotated[str, typer.Argument(metavar="ORDER", help="Its id.")]
Receipt = Annotated[str, typer.Argument(metavar="RECEIPT", help="Its id.")]
DOCUMENTS = ("number", "kind", "issued_at", "total", "id")
COLUMNS = ("title", "ordered_at", "amount", "state", "id")


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {"list": show_all, "show": show, "quote": quote, "buy": buy, "cancel": cancel, "keep": keep, "refund": refund}
    commands |= {"receipts": receipts, "receipt": receipt, "document": document}
    root.add_typer(group("What the workspace buys on the marketplace.", **commands), name="purchases")


def show_all(context: Context) -> None:
    """Orders, the newest first."""
    with context.obj.client() as client:
        context.obj.show(list(client.purchases.list()), COLUMNS)


def show(context: Context, order: Order) -> None:
    """One order; a monthly one with its invoices."""
    with context.obj.client() as client:
        context.obj.show(client.purchases.get(order))


def quote(
    context: Context,
    slug: Annotated[str, typer.Argument(help="The listing's address, as in /marketplace/<slug>.")],
    *,
    coupon: Annotated[str, typer.Option(help="A code of its seller.")] = "",
) -> None:
    """What a listing costs with a coupon; nothing is ordered."""
    with context.obj.client() as client:
        context.obj.show(client.purchases.quote(slug, coupon=coupon))


def buy(
    context: Context,
    slug: Annotated[str, typer.Argument(help="The listing's address, as in /marketplace/<slug>.")],
    *,
    price: Annotated[int, typer.Option(help="The price that you have seen, in cents.")],
    monthly: Annotated[bool, typer.Option(help="It is a price for a month.")] = False,
    coupon: Annotated[str, typer.Option(help="A code; --price is then what `quote` says is to pay.")] = "",
) -> None:
    """Order a listing, and say where it is paid."""
    with context.obj.client() as client:
        try:
            found = client.purchases.buy(slug, seen_cents=price, seen_billing="month" if monthly else "once", coupon=coupon)
        except Conflict as refused:
            if refused.code == "other_billing":
                leave(REFUSED, f"{refused.detail} {'Leave --monthly out.' if monthly else 'Add --monthly to order it.'}")
            raise
    context.obj.tell(f"Pay here: {urljoin(context.obj.url, found['next'])}", found)


def _changed(context: Context, order: str, change: str) -> Json:
    """Make the change, and read how the order stands after it."""
    with context.obj.client() as client:
        client.purchases.do(order, change)
        return client.purchases.get(order)


def cancel(context: Context, order: Order) -> None:
    """Let a monthly order end with the month that is paid."""
    found = _changed(context, order, "cancel")
    context.obj.tell(f"It ends on {found['period_end'][:10]}; nothing more is charged.", found)


def keep(context: Context, order: Order) -> None:
    """Take a cancellation back while the month lasts."""
    found = _changed(context, order, "keep")
    context.obj.tell(f"It goes on; the next payment is due on {found['period_end'][:10]}.", found)


def refund(context: Context, order: Order) -> None:
    """Take an order back within the window; of a monthly one its newest month, which ends it."""
    found = _changed(context, order, "refund")
    context.obj.tell(f"Taken back: {found['refunded']}.", found)


def receipts(context: Context) -> None:
    """Receipts and credit notes of single orders, the newest first."""
    with context.obj.client() as client:
        context.obj.show(list(client.receipts.list()), DOCUMENTS)


def receipt(context: Context, number: Receipt) -> None:
    """One with its lines."""
    with context.obj.client() as client:
        context.obj.show(client.receipts.get(number))


def document(context: Context, number: Receipt) -> None:
    """One as a page to print or keep, in HTML."""
    with context.obj.client() as client:
        write_document(client.receipts.document(number))
