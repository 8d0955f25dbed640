"""Tests of workflows, and outputs pinned to their steps."""

from collections.abc import Iterator
from typing import Any

from agent_factory.parts import Part
from agent_factory.transport import PREFIX, Json


class Tests(Part):
    """What workflows are tried with, and what is expected of them."""

    __test__ = False

    def list(self, workflow_id: str) -> Iterator[Json]:
        """Tests of a workflow with their last verdicts."""
        return self.below(workflow_id, "tests")

    def create(self, workflow_id: str, content: Json) -> Json:
        """Add a test, as blueprints write one."""
        return self.do(workflow_id, "tests", content)

    def replace(self, workflow_id: str, test_id: str, content: Json) -> Json:
        """Replace a test."""
        return self._transport.call("PUT", f"{self._path}/{workflow_id}/tests/{test_id}", body=content)

    def delete(self, workflow_id: str, test_id: str) -> Json:
        """Remove a test; its runs stay."""
        return self._transport.call("DELETE", f"{self._path}/{workflow_id}/tests/{test_id}")

    def copy(self, workflow_id: str, test_id: str) -> Json:
        """The same test once more."""
        return self.do(workflow_id, f"tests/{test_id}/copy")

    def of_run(self, run_id: str) -> Json:
        """Make a test of what a run was given and gave."""
        return self._transport.call("POST", f"{PREFIX}/runs/{run_id}/test")

    def run(self, workflow_id: str, *test_ids: str) -> "list[Json]":
        """Run the named tests, or all."""
        return self.do(workflow_id, "tests/run", {"test_ids": [*test_ids]})["items"]


class Pins(Part):
    """What test runs take for the output of a step, in place of running it."""

    def list(self, workflow_id: str) -> Iterator[Json]:
        """Pinned outputs of a workflow."""
        return self.below(workflow_id, "pins")

    def set(self, workflow_id: str, node: str, output: Any, *, port: str | None = None) -> Json:
        """Pin an output to a step."""
        return self._transport.call("PUT", f"{self._path}/{workflow_id}/pins/{node}", body={"output": output, "port": port})

    def clear(self, workflow_id: str, node: str) -> Json:
        """Let the step run again in test runs."""
        return self._transport.call("DELETE", f"{self._path}/{workflow_id}/pins/{node}")
