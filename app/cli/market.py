"""`agent-factory market`: what operators do about the marketplace from the console."""

from typing import Annotated

import typer

from app.checkout import reconcile_orders
from app.cli.terminal import say, write_document
from app.services.market.fees import change_fee, read_fees, usual_fee
from app.services.market.filing import file_all
from app.services.market.operating import approve, hide_review, put_back, refuse, take_down
from app.services.market.queue import read_cases
from app.services.market.reported import read_reported
from app.services.payments.reporting import read_report, write_report
from app.subscribing import reconcile_invoices
from app.wiring import get_wiring

market = typer.Typer(no_args_is_help=True, help="Look after the marketplace.")
Slug = Annotated[str, typer.Argument(help="The listing's address, as in /marketplace/<slug>.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(market, name="market")


@market.command("remove")
def remove(slug: Slug, *, reason: Annotated[str, typer.Option(help="Told to its seller.")]) -> None:
    """Take a listing down; who has bought or installed it keeps it."""
    say(f"Took down {get_wiring().call(take_down, None, slug=slug, reason=reason)}")


@market.command("restore")
def restore(slug: Slug) -> None:
    """Put a listing back that was taken down."""
    say(f"Put back {get_wiring().call(put_back, None, slug=slug)}")


@market.command("queue")
def queue() -> None:
    """Versions and appeals that wait for a decision."""
    for one in get_wiring().call(read_cases, None):
        say(f"{one.id}  {one.slug} {one.version}  {one.creator}  {'appeal: ' + one.appeal[:60] if one.appeal else one.kind}")


@market.command("approve")
def approve_one(case_id: str) -> None:
    """Let a version onto the shelf, or grant an appeal."""
    say(f"Approved {get_wiring().call(approve, None, case_id=case_id)}")


@market.command("refuse")
def refuse_one(case_id: str, *, reason: Annotated[str, typer.Option(help="Told to its seller.")]) -> None:
    """Keep a version off the shelf."""
    say(f"Refused {get_wiring().call(refuse, None, case_id=case_id, reason=reason)}")


@market.command("reports")
def reports() -> None:
    """Reviews that people have reported."""
    for one in get_wiring().call(read_reported, None):
        why = ", ".join(f"{reason.label} {reason.count}" for reason in one.reasons)
        say(f"{one.id}  {one.slug}  {one.author}  {one.reports} reports ({why})  {one.text[:80]!r}")


@market.command("hide-review")
def hide(review_id: str, *, reason: Annotated[str, typer.Option(help="Told to its author.")]) -> None:
    """Take a review out of sight and out of the rating."""
    get_wiring().call(hide_review, None, review_id=review_id, reason=reason)
    say("Hidden")


@market.command("fee")
def fee(
    slug: Slug,
    percent: Annotated[str, typer.Argument(help="The platform's part, such as 15 or 12.5.")],
    *,
    since: Annotated[str, typer.Option("--from", help="The first day on which it counts, in UTC; at once without it.")] = "",
) -> None:
    """Set the platform's part of what a listing brings, from a day on; earlier orders keep theirs."""
    row = get_wiring().call(change_fee, None, slug=slug, percent=percent, starts_on=since)
    say(f"{row.listing}: {row.percent} % from {row.starts_at:%Y-%m-%d %H:%M} UTC")


@market.command("fees")
def fees() -> None:
    """What was set for listings; the others pay the usual part."""
    for row in get_wiring().call(read_fees, None):
        say(f"{row.slug}  {row.percent} %  from {row.starts_at:%Y-%m-%d}{'  (now)' if row.is_now else ''}")
    say(f"All others: {usual_fee()} %")


@market.command("report")
def report(
    *,
    since: Annotated[str, typer.Option("--from", help="The first day, in UTC; the first of this month without it.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day; today without it.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, in cents.")] = False,
) -> None:
    """What the platform took in, gave back, owes and holds; every figure comes from the ledger."""
    wiring = get_wiring()
    if as_csv:
        write_document(wiring.call(write_report, None, since=since, until=until).text)
        return
    for one in wiring.call(read_report, None, since=since, until=until):
        say(f"{one.since} to {one.until}, {one.currency.upper()}, {one.mode}")
        for line in one.lines:
            say(f"  {line.label:<28} {line.amount:>14}")


@market.command("reindex")
def reindex() -> None:
    """Build the search index anew from the listings; searches find all they should again, whatever was wrong with it."""
    say(f"Filed {get_wiring().call(file_all, None)} listings for the search")


@market.command("reconcile")
def reconcile(
    *, mend: Annotated[bool, typer.Option("--mend", help="Bring what differs to what the gateway says, as its news would have.")] = False
) -> None:
    """Compare every order and invoice with the payment gateway. Exit code 1 when something differs (still)."""
    wiring = get_wiring()
    orders, of_orders = reconcile_orders(wiring, mend=mend)
    invoices, of_invoices = reconcile_invoices(wiring, mend=mend)
    differs = [*of_orders, *of_invoices]
    for one in differs:
        say(one.text)
    left = sum(not one.is_mended for one in differs)
    say(f"{orders} orders and {invoices} invoices compared, {left} differ{f', {len(differs) - left} mended' if mend else ''}")
    if left:
        raise typer.Exit(1)
