"""`agent-factory plans`: which workspace is on which plan."""

from typing import Annotated

import typer

from app.cli.terminal import say
from app.services.plans import list_plans, set_plan
from app.services.plans.catalogue import default_plan
from app.services.plans.everybody import OFF, change_everybodys_plan
from app.wiring import get_wiring

plans = typer.Typer(no_args_is_help=True, help="See and change the plans of workspaces.")


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(plans, name="plans")


@plans.command("list")
def show() -> None:
    """Every workspace with its plan and this month's tasks."""
    wiring = get_wiring()
    if not wiring.call(default_plan, None):
        say("This installation has no plans, and nothing is limited by one. `agent-factory plans everybody free` turns them on.")
    for row in wiring.call(list_plans, None):
        say(f"{row.workspace_id}  {row.plan or '-':<10}  {row.tasks:>7} tasks  {row.workspace}")


@plans.command("set")
def change(
    workspace: Annotated[str, typer.Argument(help="The workspace's id, or its name.")],
    plan: Annotated[str, typer.Argument(help="free, starter, pro, business or enterprise.")],
) -> None:
    """Put a workspace on a plan, at once. What it has beyond the plan stays; nothing new comes."""
    say(get_wiring().call(set_plan, None, workspace=workspace, plan=plan))


@plans.command("everybody")
def everybody(plan: Annotated[str, typer.Argument(help="free, starter, pro, business, enterprise, or off for none.")]) -> None:
    """Turn plans on or off: the plan, at once, of every workspace that has no other. What one has beyond it stays."""
    name = get_wiring().call(change_everybodys_plan, None, plan=plan)
    say("Plans are off: nothing is limited by one." if name == OFF else f"Every workspace without another plan has {name} now.")
