"""`agent-factory payouts`, and what `moderation` says of the platform's money: earnings over the API."""

from typing import Annotated, Any

import typer

from app.cli.plain import doing, listing
from app.cli.remote import group
from app.cli.terminal import say, write_document

Context = typer.Context
Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The listing's address, as in /marketplace/<slug>.")]
Since = Annotated[str, typer.Option("--since", help="The first day, such as 2027-03-01, in UTC; the first of this month without it.")]
Until = Annotated[str, typer.Option("--until", help="The last day; today without it.")]
PAYOUTS = ("id", "amount", "state", "reason", "requested_at")


def register(root: typer.Typer) -> None:
    """Add the group."""
    again = doing("Send what a bank refused once more.", lambda client, one: client.payouts.send_again(one), "Sent again.", name="PAYOUT")
    commands = {"list": show_all, "request": request, "connect": connect, "send-again": again}
    root.add_typer(group("What the workspace earned on the marketplace.", **commands), name="payouts")


def of_operators() -> dict[str, Any]:
    """Commands of the group `moderation`."""
    columns = ("slug", "percent", "starts_at", "is_now", "id")
    fees = listing("The platform's part of listings, where it is not the usual one.", lambda client: client.moderation.fees(), columns)
    return {"report": report, "fees": fees, "set-fee": set_fee}


def show_all(context: Context) -> None:
    """What is owed, what may be paid out now, and the newest payouts."""
    with context.obj.client() as client:
        found = client.payouts.show()
    if context.obj.as_json:
        context.obj.show(found)
        return
    account = "" if found["has_account"] else " Say where your money should go: `payouts connect`."
    say(f"Owed: {found['balance']}. May be paid out now: {found['available']}.{account}")
    context.obj.show(found["payouts"], PAYOUTS)
    if found["failures"]:
        say("Refused by the bank; mend the details there, then `payouts send-again`:")
        context.obj.show(found["failures"], ("id", "amount", "reason", "at"))


def request(context: Context) -> None:
    """Pay out all that is available."""
    with context.obj.client() as client:
        found = client.payouts.request()
    context.obj.tell(f"On its way. Owed now: {found['balance']}.", found)


def connect(context: Context) -> None:
    """The address at which a person says where earnings go."""
    with context.obj.client() as client:
        found = client.payouts.connect()
    context.obj.tell(found["next"], found)


def report(
    context: Context, *, since: Since = "", until: Until = "", as_csv: Annotated[bool, typer.Option("--csv", help="CSV, in cents.")] = False
) -> None:
    """What the platform took in, gave back, owes and holds."""
    with context.obj.client() as client:
        if as_csv:
            write_document(client.moderation.report_file(since=since, until=until))
            return
        found = list(client.moderation.report(since=since, until=until))
    if context.obj.as_json:
        context.obj.show(found)
    for one in () if context.obj.as_json else found:
        say(f"{one['since']} to {one['until']}, {one['currency'].upper()}, {one['mode']}")
        context.obj.show(one["lines"], ("label", "amount"))


def set_fee(
    context: Context,
    slug: Slug,
    percent: Annotated[str, typer.Argument(metavar="PERCENT", help="The platform's part, such as 15 or 12.5.")],
    *,
    since: Annotated[str, typer.Option("--from", help="The first day on which it counts, in UTC; at once without it.")] = "",
) -> None:
    """Set the platform's part of what a listing brings, from a day on; earlier orders keep theirs."""
    with context.obj.client() as client:
        made = client.moderation.set_fee(slug, percent, starts_on=since)
    context.obj.tell(f"{made['slug']}: {made['percent']} % from {made['starts_at']}.", made)
