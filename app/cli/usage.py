"""`agent-factory usage` and `audit`: what a workspace used, and its audit trail, over the API. `chains` verifies those of the machine."""

from typing import Annotated, Any

import typer

from app.cli.remote import FAILED, group, leave
from app.cli.terminal import output_to

Context = typer.Context
Since = Annotated[str, typer.Option("--since", help="The first day, such as 2026-01-31.")]
Until = Annotated[str, typer.Option("--until", help="The last day.")]
FILTERS = ("people", "actions", "kinds")
COLUMNS = ("name", "calls", "input_tokens", "output_tokens", "cost_micros")


def register(root: typer.Typer) -> None:
    """Add the groups."""
    by = {"models": usage_of_models, "workflows": usage_of_workflows, "total": usage_total, "performance": performance}
    root.add_typer(group("What the workspace used in a period.", **by), name="usage")
    root.add_typer(
        group("The audit trail of the workspace, over the API. `chains` checks those in this machine's database.", **_trail()),
        name="audit",
    )


def _trail() -> dict[str, Any]:
    return {"list": list_trail, "verify": verify, "filters": show_filters, "export": export, "retention": retention}


def usage_of_models(context: Context, since: Since = "", until: Until = "") -> None:
    """Calls, tokens and cost by model."""
    _show(context, "models", since, until)


def usage_of_workflows(context: Context, since: Since = "", until: Until = "") -> None:
    """The same by workflow."""
    _show(context, "workflows", since, until)


def usage_total(context: Context, since: Since = "", until: Until = "") -> None:
    """Everything together, and runs by how they ended."""
    with context.obj.client() as client:
        used = client.usage(since=since, until=until)
    context.obj.show({"since": used["since"], "until": used["until"], **used["total"], "runs": used["runs"]})


def performance(context: Context, since: Since = "", until: Until = "") -> None:
    """How many runs of each workflow succeeded, how long they took and what they cost."""
    with context.obj.client() as client:
        found = client.performance(since=since, until=until)
    rows = [{"name": one["name"], **one["figures"]} for one in found["workflows"]]
    columns = ("name", "runs", "succeeded", "failed", "cancelled", "median_ms", "p95_ms", "cost_micros")
    context.obj.show(found if context.obj.as_json else rows, columns)


def _show(context: Context, part: str, since: str, until: str) -> None:
    with context.obj.client() as client:
        context.obj.show(client.usage(since=since, until=until)[part], COLUMNS)


def list_trail(
    context: Context,
    *,
    search: str = "",
    outcome: Annotated[str, typer.Option(help="done or denied")] = "",
    since: Since = "",
    until: Until = "",
    most: Annotated[int, typer.Option(help="How many entries at most.")] = 100,
) -> None:
    """Who did what, the newest first."""
    with context.obj.client() as client:
        found = client.audit.list(search=search, outcome=outcome, since=since, until=until)
        rows = [row for row, _ in zip(found, range(most), strict=False)]
    context.obj.show(rows, ("at", "actor_name", "action", "outcome", "kind", "name"))


def verify(context: Context) -> None:
    """Whether the chain of entries is unbroken."""
    with context.obj.client() as client:
        verdict = client.audit.verdict()
    problems = verdict["problems"]
    context.obj.tell("Unbroken." if not problems else "; ".join(map(str, problems)), verdict)
    if problems:
        leave(FAILED, "The trail was touched.")


def show_filters(context: Context) -> None:
    """The people, actions and kinds that occur."""
    with context.obj.client() as client:
        found = client.audit.filters()
    rows = [{"filter": name, "value": value, "words": words} for name in FILTERS for value, words in found[name]]
    context.obj.show(found if context.obj.as_json else rows, ("filter", "value", "words"))


def export(
    context: Context,
    *,
    file_format: Annotated[str, typer.Option("--format", help="csv or json")] = "csv",
    output: Annotated[str, typer.Option("--output", "-o", help="A file; standard output without.")] = "",
    search: str = "",
    outcome: Annotated[str, typer.Option(help="done or denied")] = "",
    since: Since = "",
    until: Until = "",
) -> None:
    """The trail as a file, oldest first. That it was taken along is in the trail, too."""
    with output_to(output) as write, context.obj.client() as client:
        write(client.audit.export(file_format, search=search, outcome=outcome, since=since, until=until)["text"])
    if output:
        context.obj.tell(f"Wrote {output}.", {"file": output})


def retention(context: Context, days: Annotated[int, typer.Option(help="Keep entries for 30 or 365 days.")] = 0) -> None:
    """For how many days entries are kept; with --days, change that."""
    with context.obj.client() as client:
        kept = client.audit.set_retention(days) if days else client.audit.retention()
    context.obj.tell(f"Entries are kept for {kept} days.", {"days": kept})
