"""`agent-factory budgets`: what the workspace and its agents may use, and how its runs treat models, over the API."""

from typing import Annotated, Any

import typer

from app.cli.agents import id_of
from app.cli.plain import making, showing
from app.cli.printing import shown
from app.cli.remote import group

Context = typer.Context
Period = Annotated[str, typer.Argument(metavar="PERIOD", help="day or month.")]
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="Slug, name or id.")]
Cap = Annotated[str, typer.Argument(metavar="CAP", help="money (US dollars), tokens, time (hours of work) or steps.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="Such as 5.00; none lifts the cap.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    commands = {
        "list": list_budgets,
        "set": set_budget,
        "clear": showing("Lift every cap of a day or a month.", lambda client, one: client.budgets.clear(one), name="PERIOD"),
        "agent": agent_budget,
        "set-agent": set_agent_budget,
        "clear-agent": clear_agent_budget,
        "models": models,
        "set-models": making(
            "Replace which models stand in (fallback_models), and limits by provider (rates).",
            lambda client, **fields: client.budgets.set_model_policy(**fields),
        ),
    }
    root.add_typer(group("What the workspace and its agents may use.", **commands), name="budgets")


def list_budgets(context: Context) -> None:
    """Budgets of the workspace, then of its agents."""
    with context.obj.client() as client:
        rows = list(client.budgets.list())
    context.obj.show(rows if context.obj.as_json else [_line(row) for row in rows], ("of", "period", "used", "waiting"))


def set_budget(context: Context, period: Period, cap: Cap, value: Value) -> None:
    """Set, raise or lift a cap of the workspace; the others stay."""
    with context.obj.client() as client:
        context.obj.show(client.budgets.set(period, **_caps(cap, value)))


def agent_budget(context: Context, agent: Agent) -> None:
    """What an agent may use a day."""
    with context.obj.client() as client:
        context.obj.show(client.budgets.of_agent(id_of(client, agent)))


def set_agent_budget(context: Context, agent: Agent, cap: Cap, value: Value) -> None:
    """Set, raise or lift a cap of an agent, a day; the others stay."""
    with context.obj.client() as client:
        context.obj.show(client.budgets.set_of_agent(id_of(client, agent), **_caps(cap, value)))


def clear_agent_budget(context: Context, agent: Agent) -> None:
    """Lift every cap of an agent."""
    with context.obj.client() as client:
        context.obj.show(client.budgets.clear_of_agent(id_of(client, agent)))


def models(context: Context) -> None:
    """Which models stand in for those that do not answer, and how fast runs may ask each provider."""
    with context.obj.client() as client:
        context.obj.show(client.budgets.model_policy())


def _caps(cap: str, value: str) -> dict[str, str | None]:
    return {cap: None if value == "none" else value}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    used = ", ".join(cap["words"] for cap in row["caps"] if cap["words"])
    return {"of": row["subject"] or "the workspace", "period": row["period"], "used": shown(used) or "no cap", "waiting": row["waiting"]}
