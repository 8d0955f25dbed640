"""`agent-factory coupons`: codes for the workspace's own listings, over the API."""

from typing import Annotated

import typer

from app.cli.remote import group

Context = typer.Context
Coupon = Annotated[str, typer.Argument(metavar="COUPON", help="Its id.")]
Uses = Annotated[int | None, typer.Option(min=1, help="How many orders may use it in all; without it any number.")]
Until = Annotated[str, typer.Option(help="The last day on which it counts, such as 2027-03-31.")]
COLUMNS = ("code", "discount", "listing", "state", "uses", "most_uses", "id")


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {"list": show_all, "create": create, "pause": pause, "resume": resume}
    root.add_typer(group("Coupons for the listings of the workspace.", **commands), name="coupons")


def show_all(context: Context) -> None:
    """Codes, the newest first."""
    with context.obj.client() as client:
        context.obj.show(list(client.coupons.list()), COLUMNS)


def create(
    context: Context,
    code: Annotated[str, typer.Argument(help="Three to forty letters, digits and hyphens.")],
    *,
    percent: Annotated[str, typer.Option(help="How many percent it takes off.")] = "",
    amount: Annotated[str, typer.Option(help="Or how many dollars, such as 5.00.")] = "",
    listing: Annotated[str, typer.Option(help="The address of the listing; without it all of yours.")] = "",
    months: Annotated[int, typer.Option(min=0, help="Of a monthly listing: how many months cost less; 0 is every one.")] = 1,
    uses: Uses = None,
    until: Until = "",
) -> None:
    """Make a code."""
    kind, value = ("amount", amount) if amount else ("percent", percent)
    with context.obj.client() as client:
        fields = {"months": months, "most_uses": uses, "expires_at": until}
        found = client.coupons.create(code, kind=kind, value=value, listing=listing, **fields)
    context.obj.tell(f"{found['code']} takes {found['discount']} off.", found)


def pause(context: Context, coupon: Coupon) -> None:
    """Let it count no more for now; orders that hold it keep it."""
    with context.obj.client() as client:
        found = client.coupons.update(coupon, is_active=False)
    context.obj.tell(f"{found['code']} is paused.", found)


def resume(context: Context, coupon: Coupon) -> None:
    """Let it count again."""
    with context.obj.client() as client:
        found = client.coupons.update(coupon, is_active=True)
    context.obj.tell(f"{found['code']} counts again.", found)
