"""`agent-factory workflows edit, changes, step, form, test-run, run-step, run-until, run-from`: what the canvas does, over the API."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.remote import leave, read_given, read_object
from app.cli.terminal import say, say_json, write_result

Context = typer.Context
Naming = Callable[[Client, str], str]
Workflow = Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id.")]
Node = Annotated[str, typer.Argument(metavar="NODE", help="The id of a step.")]
Inputs = Annotated[str, typer.Option("--inputs", "-i", help="JSON, @file or -.")]
Dry = Annotated[bool, typer.Option("--dry", help="Change nothing outside and ask nobody.")]
Models = Annotated[str, typer.Option("--models", help="as_set, or demo: the demo model answers.")]
Base = Annotated[str, typer.Option("--base", metavar="RUN", help="The run to build on; the last one without.")]
Iteration = Annotated[str, typer.Option("--iteration", help="Which entry of the loops around it, such as 0 or 1/2.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is over and print its output; exit code 5 unless it succeeds.")]


def step_commands(id_of: Naming) -> dict[str, Callable[..., Any]]:
    """The commands, for who names workflows by `id_of`."""
    return {**_editing(id_of), **_trying(id_of), **_partly(id_of)}


def _editing(id_of: Naming) -> dict[str, Callable[..., Any]]:
    def edit(
        context: Context,
        workflow: Workflow,
        operations: Annotated[str, typer.Option("--operations", "-o", help="A JSON list of edits, @file or -; docs/api.md shows them.")],
        revision: Annotated[int, typer.Option(help="The revision they are made on; the newest without.")] = 0,
    ) -> None:
        """Make single edits; exit code 1 when some were left out, because somebody changed the same thing after --revision."""
        with context.obj.client() as client:
            workflow_id = id_of(client, workflow)
            batch = read_given(operations, "--operations", list)
            saved = client.workflows.edit(workflow_id, batch, revision=revision or client.workflows.get(workflow_id)["revision"])
        context.obj.tell(f"At revision {saved['revision']}.", saved)
        if saved["conflicts"]:
            leave(1, *(one["message"] for one in saved["conflicts"]))

    def changes(context: Context, workflow: Workflow, revision: int) -> None:
        """The edits after a revision."""
        with context.obj.client() as client:
            found = client.workflows.edits_since(id_of(client, workflow), revision)
        rows = [{"revision": one["revision"], "op": one["op"], "what": _what(one)} for one in found["operations"]]
        context.obj.show(found if context.obj.as_json else rows, ("revision", "op", "what"))

    def step(context: Context, workflow: Workflow, node: Node) -> None:
        """One step with its fields, and what each takes."""
        with context.obj.client() as client:
            found = client.workflows.node(id_of(client, workflow), node)
        context.obj.show(found if context.obj.as_json else found["rows"], ("name", "label", "widget", "text", "error"))

    def form(context: Context, workflow: Workflow) -> None:
        """The fields that a run asks for."""
        with context.obj.client() as client:
            context.obj.show(list(client.workflows.form(id_of(client, workflow))), ("name", "label", "type", "required", "value"))

    return {"edit": edit, "changes": changes, "step": step, "form": form}


def _trying(id_of: Naming) -> dict[str, Callable[..., Any]]:
    def test_run(
        context: Context, workflow: Workflow, *, given: Inputs = "", dry: Dry = False, models: Models = "as_set", wait: Wait = False
    ) -> None:
        """Run the draft with its pinned outputs."""
        with context.obj.client() as client:
            inputs = read_object(given, "--inputs")
            _tell(context, client, client.workflows.test_run(id_of(client, workflow), inputs, is_dry=dry, models=models), wait)

    def run_step(
        context: Context,
        workflow: Workflow,
        node: Node,
        *,
        results: Annotated[str, typer.Option("--results", help="Results of the steps before it, by their ids, as JSON.")] = "",
        base: Base = "",
        iteration: Iteration = "",
        dry: Dry = False,
        models: Models = "as_set",
        wait: Wait = False,
    ) -> None:
        """Run one step alone, on given results, pinned outputs, or what a run gave."""
        wish: dict[str, Any] = {"base_run_id": base or None, "iteration": iteration, "is_dry": dry, "models": models}
        with context.obj.client() as client:
            wish["results"] = read_object(results, "--results") if results else None
            _tell(context, client, client.workflows.run_step(id_of(client, workflow), node, **wish), wait)

    return {"test-run": test_run, "run-step": run_step}


def _partly(id_of: Naming) -> dict[str, Callable[..., Any]]:
    def run_until(
        context: Context,
        workflow: Workflow,
        node: Node,
        *,
        given: Inputs = "",
        dry: Dry = False,
        models: Models = "as_set",
        wait: Wait = False,
    ) -> None:
        """Run the draft as far as a step; without --inputs with those of the last run."""
        with context.obj.client() as client:
            inputs = read_object(given, "--inputs") if given else None
            started = client.workflows.run_until(id_of(client, workflow), node, inputs=inputs, is_dry=dry, models=models)
            _tell(context, client, started, wait)

    def run_from(
        context: Context, workflow: Workflow, node: Node, *, base: Base = "", iteration: Iteration = "", wait: Wait = False
    ) -> None:
        """Run the draft from a step on; what stands before it is kept of a run."""
        with context.obj.client() as client:
            started = client.workflows.run_from(id_of(client, workflow), node, base_run_id=base or None, iteration=iteration)
            _tell(context, client, started, wait)

    return {"run-until": run_until, "run-from": run_from}


def _tell(context: Context, client: Client, started: dict[str, Any], wait: bool) -> None:
    if not wait:
        context.obj.tell(started["id"], started)
        return
    wait_for(context, client, started)


def wait_for(context: Context, client: Client, started: dict[str, Any]) -> None:
    """Wait until a run is over and print its output; raises RunFailed unless it succeeds."""
    say(f"Run {started['id']}", err=True)
    ended = client.runs.wait(started["id"])
    say_json(ended) if context.obj.as_json else write_result(ended["output"])


def _what(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in operation.items() if name not in ("revision", "op")}
