"""Collects findings, and keeps a hostile or hopeless graph from costing more than a fixed amount of suggestions."""

from collections.abc import Iterable
from dataclasses import replace

from engine.errors import Finding
from engine.expressions.errors import closest, suggest

MAX_FINDINGS = 1000
MAX_SUGGESTIONS = 200


class Report:
    """Findings in the order they were made; `sorted` puts them in the order of the nodes."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.dropped = 0
        self.lost: set[str] = set()  # steps that connections name and that are not there: told once, not wherever they are missed
        self._suggestions = 0

    def add(self, finding: Finding) -> None:
        """Keep one finding."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.dropped += 1

    def error(self, code: str, message: str, remedy: str = "", *, node: str | None = None, field: str | None = None) -> None:
        """Something that keeps the workflow from running."""
        self.add(Finding(code, message, remedy, node=node, field=field))

    def warning(self, code: str, message: str, remedy: str = "", *, node: str | None = None, field: str | None = None) -> None:
        """Something that is probably not meant."""
        self.add(Finding(code, message, remedy, severity="warning", node=node, field=field))

    def near(self, name: str, names: Iterable[object]) -> str | None:
        """The name that was probably meant, as long as not too many were asked for."""
        self._suggestions += 1
        return closest(name, names) if self._suggestions <= MAX_SUGGESTIONS else None

    def suggest(self, name: str, names: Iterable[object], *, what: str = "names") -> str:
        """The closest name, as long as there are not too many of these."""
        self._suggestions += 1
        return suggest(name, names, what=what) if self._suggestions <= MAX_SUGGESTIONS else ""

    def sorted(self, order: dict[str, int]) -> list[Finding]:
        """About the workflow first, then node by node; a last line tells how many were left out.

        Of a step that a broken connection should lead to, that connection is told, not that nothing leads to the step.
        """
        if self.lost:
            self.findings = [finding for finding in self.findings if finding.code != "unreachable"]
        placed = sorted(self.findings, key=lambda finding: order.get(finding.node, len(order)) if finding.node else -1)
        if self.dropped:
            rest = Finding("too_many", f"There are {self.dropped:,} more findings.", "Mend these first.")
            placed.append(replace(rest, severity="warning"))
        return placed
