"""`agent-factory market`: what operators do about the marketplace from the console."""

from typing import Annotated

import typer

from app.checkout import gateway_of
from app.services.market.operating import approve, hide_review, put_back, refuse, reported_reviews, take_down
from app.services.market.queue import read_cases
from app.services.payments.reconciling import compare_order, orders_to_ask
from app.services.subscriptions.reconciling import compare_invoice, standings_to_ask
from app.wiring import get_wiring

market = typer.Typer(no_args_is_help=True, help="Look after the marketplace.")
Slug = Annotated[str, typer.Argument(help="The listing's address, as in /marketplace/<slug>.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(market, name="market")


@market.command("remove")
def remove(slug: Slug, *, reason: Annotated[str, typer.Option(help="Told to its seller.")]) -> None:
    """Take a listing down; who has bought or installed it keeps it."""
    typer.echo(f"Took down {get_wiring().call(take_down, None, slug=slug, reason=reason)}")


@market.command("restore")
def restore(slug: Slug) -> None:
    """Put a listing back that was taken down."""
    typer.echo(f"Put back {get_wiring().call(put_back, None, slug=slug)}")


@market.command("queue")
def queue() -> None:
    """Versions and appeals that wait for a decision."""
    for one in get_wiring().call(read_cases, None):
        typer.echo(f"{one.id}  {one.slug} {one.version}  {one.creator}  {'appeal: ' + one.appeal[:60] if one.appeal else one.kind}")


@market.command("approve")
def approve_one(case_id: str) -> None:
    """Let a version onto the shelf, or grant an appeal."""
    typer.echo(f"Approved {get_wiring().call(approve, None, case_id=case_id)}")


@market.command("refuse")
def refuse_one(case_id: str, *, reason: Annotated[str, typer.Option(help="Told to its seller.")]) -> None:
    """Keep a version off the shelf."""
    typer.echo(f"Refused {get_wiring().call(refuse, None, case_id=case_id, reason=reason)}")


@market.command("reports")
def reports() -> None:
    """Reviews that people have reported."""
    for one in get_wiring().call(reported_reviews, None):
        typer.echo(f"{one.id}  {one.listing}  {one.author}  {one.reports} reports  {one.text[:80]!r}")


@market.command("hide-review")
def hide(review_id: str) -> None:
    """Take a review out of sight and out of the rating."""
    get_wiring().call(hide_review, None, review_id=review_id)
    typer.echo("Hidden")


@market.command("reconcile")
def reconcile() -> None:
    """Compare every order and invoice with the payment gateway. Exit code 1 when something differs."""
    wiring = get_wiring()
    gateway, problems = gateway_of(wiring), 0
    orders = wiring.call(orders_to_ask, None, mode=gateway.mode)
    for asked in orders:
        found = wiring.call(compare_order, None, asked=asked, facts=gateway.facts(asked.checkout_id))
        if found:
            problems += 1
            typer.echo(f"{asked.purchase_id}: {found}")
    invoices, wrong = _reconcile_invoices()
    typer.echo(f"{len(orders)} orders and {invoices} invoices compared, {problems + wrong} differ")
    if problems + wrong:
        raise typer.Exit(1)


def _reconcile_invoices() -> tuple[int, int]:
    """How many there are, and how many differ."""
    wiring = get_wiring()
    gateway, seen, wrong = gateway_of(wiring), 0, 0
    for subject in wiring.call(standings_to_ask, None, mode=gateway.mode):
        facts = gateway.subscription_facts(subject)
        for one in facts.invoices if facts else ():
            asked = gateway.subscription_facts(one.payment_id) if one.payment_id else None
            fact = next((each for each in asked.invoices if each.id == one.id), one) if asked else one
            found, seen = wiring.call(compare_invoice, None, fact=fact), seen + 1
            if found:
                wrong += 1
                typer.echo(f"{one.number}: {found}")
    return seen, wrong
