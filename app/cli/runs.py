"""`agent-factory runs` and `approvals`: follow, cancel, repeat and fork runs, and decide what they wait for, over the API."""

from typing import Annotated

import typer

from app.cli.plain import showing
from app.cli.printing import shown
from app.cli.remote import FAILED, group, read_object
from app.cli.terminal import say, say_json

Context = typer.Context
WAITS = ("key", "node", "iteration", "since", "until")
JOURNAL = ("seq", "at", "type", "node", "iteration")
Run = Annotated[str, typer.Argument(metavar="RUN", help="Its id.")]
From = Annotated[str, typer.Option("--from", help="From which step on; without it from what failed.")]


def register(root: typer.Typer) -> None:
    """Add the groups."""
    commands = {
        "list": list_runs,
        "show": show,
        "steps": steps,
        "step": step,
        "events": showing("The journal so far.", lambda client, run: client.runs.events(run), name="RUN", columns=JOURNAL),
        "follow": follow,
        "cancel": cancel,
        "retry": retry,
        "fork": fork,
        "plan-fork": plan_fork,
        "compare": compare,
        "attempt": attempt,
        "waits": showing("The signals it waits for.", lambda client, run: client.runs.waits(run), name="RUN", columns=WAITS),
    }
    one = showing("One decision.", lambda client, approval: client.approvals.get(approval), name="APPROVAL")
    approvals = {"list": list_approvals, "show": one, "decide": decide}
    root.add_typer(group("Runs of the workspace that you are in; `workspaces use` goes to another.", **commands), name="runs")
    root.add_typer(group("Decisions that runs wait for.", **approvals), name="approvals")


def list_runs(
    context: Context,
    *,
    status: Annotated[list[str] | None, typer.Option("--status", help="Only these; may be repeated.")] = None,
    workflow: Annotated[str, typer.Option("--workflow", "-w", help="Only runs of this workflow: its id.")] = "",
    search: Annotated[str, typer.Option("--search", help="Words of the name or of what was given.")] = "",
    since: Annotated[str, typer.Option(help="First day, such as 2026-01-31.")] = "",
    until: Annotated[str, typer.Option(help="Last day.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many at most.")] = 30,
) -> None:
    """Runs, the newest first."""
    filters = {"workflow_id": workflow, "search": search, "since": since, "until": until}
    with context.obj.client() as client:
        found = client.runs.list(status=status or None, **{name: value for name, value in filters.items() if value})
        rows = [row for _, row in zip(range(limit), found, strict=False)]
    context.obj.show(rows, ("id", "title", "status", "created_at", "duration_ms", "cost_micros", "error_message"))


def show(context: Context, run: Run) -> None:
    """One run with its values."""
    with context.obj.client() as client:
        context.obj.show(client.runs.get(run))


def steps(context: Context, run: Run) -> None:
    """The steps it has come to."""
    with context.obj.client() as client:
        context.obj.show(client.runs.steps(run), ("node", "iteration", "status", "attempt", "duration_ms", "port", "reason"))


def step(context: Context, run: Run, node: str, iteration: str = "") -> None:
    """One step with its values."""
    with context.obj.client() as client:
        context.obj.show(client.runs.step(run, node, iteration))


def follow(context: Context, run: Run) -> None:
    """The journal as it grows; exit code 5 unless the run succeeds."""
    with context.obj.client() as client:
        status = ""
        for event in client.runs.follow(run):
            if event.kind == "end":
                status = event.data["status"]
            if context.obj.as_json:
                say_json(event.data, indent=None)
            elif event.kind == "end":
                say(f"The run {status}. {event.data['error_message']}".rstrip())
            else:
                place = " ".join(part for part in (event.data["node"], event.data["iteration"]) if part)
                say(f"{event.data['seq']:>5}  {event.kind:<18} {shown(place)}".rstrip())
    if status != "succeeded":
        raise typer.Exit(FAILED)


def cancel(context: Context, run: Run) -> None:
    """Ask it to stop."""
    with context.obj.client() as client:
        asked = client.runs.cancel(run)
    context.obj.tell(f"The run is {asked['status']}.", asked)


def retry(context: Context, run: Run) -> None:
    """Run it again; prints the new run's id."""
    with context.obj.client() as client:
        made = client.runs.retry(run)
    context.obj.tell(made["id"], made)


def fork(context: Context, run: Run, node: From = "") -> None:
    """Begin a new run in the middle of this one; prints its id."""
    with context.obj.client() as client:
        made = client.runs.fork(run, **_wish(node))
    context.obj.tell(made["id"], made)


def plan_fork(context: Context, run: Run, node: From = "") -> None:
    """What a fork would keep, do again and drop; nothing is started."""
    with context.obj.client() as client:
        context.obj.show(client.runs.plan_fork(run, **_wish(node)))


def compare(
    context: Context, run: Run, base: Annotated[str, typer.Option("--with", metavar="RUN", help="Without it the one before.")] = ""
) -> None:
    """What differs between two runs, step by step."""
    with context.obj.client() as client:
        found = client.runs.compare(run, base)
    columns = ("node", "difference", "status_a", "status_b", "ms_a", "ms_b", "cost_micros_a", "cost_micros_b")
    context.obj.show(found if context.obj.as_json else found["steps"], columns)


def attempt(context: Context, run: Run, node: str, seq: int, iteration: str = "") -> None:
    """One attempt of a step, with its model and tool calls; SEQ is any of its journal entries."""
    with context.obj.client() as client:
        context.obj.show(client.runs.attempt(run, node, seq, iteration))


def _wish(node: str) -> dict[str, str]:
    return {"how": "from", "node": node} if node else {"how": "failed"}


def list_approvals(context: Context, mine: Annotated[bool, typer.Option("--mine", help="Only those that you may decide.")] = False) -> None:
    """What waits for a person."""
    with context.obj.client() as client:
        rows = list(client.approvals.list(mine=mine or None))
    context.obj.show(rows, ("id", "run_title", "title", "status", "created_at", "expires_at"))


def decide(
    context: Context,
    approval: Annotated[str, typer.Argument(metavar="APPROVAL", help="Its id.")],
    button: Annotated[str, typer.Argument(help="The id of a button.")],
    *,
    values: Annotated[str, typer.Option("--values", help="The values of the form as JSON.")] = "",
    note: str = "",
) -> None:
    """Press a button."""
    with context.obj.client() as client:
        made = client.approvals.decide(approval, button, values=read_object(values, "--values") if values else None, note=note)
    context.obj.tell(f"Decided: {made['button']}.", made)
