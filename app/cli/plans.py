"""`agent-factory plans`: which workspace is on which plan."""

from typing import Annotated

import typer

from app.cli.terminal import say
from app.services.plans import list_plans, set_plan
from app.wiring import get_wiring

plans = typer.Typer(no_args_is_help=True, help="See and change the plans of workspaces.")


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(plans, name="plans")


@plans.command("list")
def show() -> None:
    """Every workspace with its plan and this month's tasks."""
    if not get_wiring().settings.default_plan:
        say("This installation has no plans: AF_PLANS is not set, and nothing is limited by one.")
    for row in get_wiring().call(list_plans, None):
        say(f"{row.workspace_id}  {row.plan or '-':<10}  {row.tasks:>7} tasks  {row.workspace}")


@plans.command("set")
def change(
    workspace: Annotated[str, typer.Argument(help="The workspace's id, or its name.")],
    plan: Annotated[str, typer.Argument(help="free, starter, pro, business or enterprise.")],
) -> None:
    """Put a workspace on a plan, at once. What it has beyond the plan stays; nothing new comes."""
    say(get_wiring().call(set_plan, None, workspace=workspace, plan=plan))
