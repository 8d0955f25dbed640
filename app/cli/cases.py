"""`agent-factory workflows tests` and `workflows pins`: what a workflow is tried with, over the API; `test` runs a blueprint here."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.remote import FAILED, group, leave, read_object, read_text

Context = typer.Context
Workflow = Annotated[str, typer.Argument(metavar="WORKFLOW", help="Name or id.")]
Test = Annotated[str, typer.Argument(metavar="TEST", help="Its id.")]
Node = Annotated[str, typer.Argument(metavar="NODE", help="The id of a step.")]
Settings = Annotated[str, typer.Option("--settings", "-s", help="The test as blueprints write it: JSON, @file or -.")]
COLUMNS = ("id", "name", "verdict", "is_outdated", "duration_ms", "run_id")
LOOK_EVERY_S = 1.0


def add_groups(workflows: typer.Typer, id_of: Callable[[Client, str], str]) -> None:
    """Put both below `workflows`, whose way to name one is given."""

    def add(name: str, help: str, *commands: Callable[..., Any]) -> None:
        named = {command.__name__.partition("_")[0].replace("make", "of-run"): command for command in commands}
        workflows.add_typer(group(help, **named), name=name)

    add("tests", "What a workflow is tried with.", *_tests(id_of), _run_tests(id_of))
    add("pins", "Outputs that test runs take in place of running a step.", *_pins(id_of))


def _tests(id_of: Callable[[Client, str], str]) -> tuple[Callable[..., Any], ...]:
    def list_tests(context: Context, workflow: Workflow) -> None:
        """Tests of a workflow with their last verdicts."""
        with context.obj.client() as client:
            context.obj.show(list(client.tests.list(id_of(client, workflow))), COLUMNS)

    def add_test(context: Context, workflow: Workflow, settings: Settings) -> None:
        """Add a test."""
        with context.obj.client() as client:
            context.obj.show(client.tests.create(id_of(client, workflow), read_object(settings, "--settings")))

    def replace_test(context: Context, workflow: Workflow, test: Test, settings: Settings) -> None:
        """Replace a test."""
        with context.obj.client() as client:
            context.obj.show(client.tests.replace(id_of(client, workflow), test, read_object(settings, "--settings")))

    def copy_test(context: Context, workflow: Workflow, test: Test) -> None:
        """The same test once more, to vary it."""
        with context.obj.client() as client:
            context.obj.show(client.tests.copy(id_of(client, workflow), test))

    def delete_test(context: Context, workflow: Workflow, test: Test) -> None:
        """Remove a test; its runs stay."""
        with context.obj.client() as client:
            context.obj.tell("Deleted.", client.tests.delete(id_of(client, workflow), test))

    def make_test(context: Context, run: Annotated[str, typer.Argument(metavar="RUN", help="Its id.")]) -> None:
        """Make a test of what a run was given and gave."""
        with context.obj.client() as client:
            context.obj.show(client.tests.of_run(run))

    return list_tests, add_test, replace_test, copy_test, delete_test, make_test


def _run_tests(id_of: Callable[[Client, str], str]) -> Callable[..., Any]:
    def run_tests(
        context: Context,
        workflow: Workflow,
        *,
        tests: Annotated[list[str] | None, typer.Option("--test", help="Only this one: its id; may be repeated.")] = None,
        wait: Annotated[bool, typer.Option("--wait", help="Until all are over; exit code 5 unless every test passes.")] = False,
    ) -> None:
        """Run its tests."""
        with context.obj.client() as client:
            workflow_id = id_of(client, workflow)
            started = client.tests.run(workflow_id, *(tests or ()))
            rows = _judged(client, workflow_id, {row["id"] for row in started}) if wait else started
        context.obj.show(rows, COLUMNS)
        if wait and any(row["verdict"] != "passed" for row in rows):
            leave(FAILED, "Not every test has passed.")

    return run_tests


def _judged(client: Client, workflow_id: str, wanted: set[str]) -> list[dict[str, Any]]:
    """Their rows once every one has a verdict."""
    while True:
        rows = [row for row in client.tests.list(workflow_id) if row["id"] in wanted]
        if all(row["verdict"] != "running" for row in rows):
            return rows
        time.sleep(LOOK_EVERY_S)


def _pins(id_of: Callable[[Client, str], str]) -> tuple[Callable[..., Any], ...]:
    def list_pins(context: Context, workflow: Workflow) -> None:
        """Pinned outputs of a workflow."""
        with context.obj.client() as client:
            context.obj.show(list(client.pins.list(id_of(client, workflow))), ("node", "port", "output", "problem"))

    def set_pin(
        context: Context,
        workflow: Workflow,
        node: Node,
        value: Annotated[str, typer.Option("--value", help="The output: JSON, any text, or - for standard input.")],
        port: Annotated[str, typer.Option("--port", help="The port it leaves by.")] = "",
    ) -> None:
        """Pin an output to a step."""
        with context.obj.client() as client:
            context.obj.show(client.pins.set(id_of(client, workflow), node, _value(value), port=port or None))

    def clear_pin(context: Context, workflow: Workflow, node: Node) -> None:
        """Let the step run again in test runs."""
        with context.obj.client() as client:
            context.obj.tell("Unpinned.", client.pins.clear(id_of(client, workflow), node))

    return list_pins, set_pin, clear_pin


def _value(text: str) -> Any:
    raw = read_text("-", "--value") if text == "-" else text
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw
