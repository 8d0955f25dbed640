"""A pytest plugin that carries the counts of earlier runs into the last run's summary line, for suites run in parts."""

import json
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import pytest
from _pytest.terminal import TerminalReporter


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options, both used by .ci/test."""
    group = parser.getgroup("results")
    group.addoption("--save-results", type=Path, help="Write the counts of this run to a file.")
    group.addoption("--add-results", type=Path, action="append", default=[], help="Add the counts of an earlier run to the summary.")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> Generator[None]:
    """Save or add after the lists of failures, just before the summary line is written."""
    yield
    if target := config.getoption("--save-results"):
        counts = {outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome}
        Path(target).write_text(json.dumps(counts), encoding="utf-8")
    earlier: Counter[str] = Counter()
    for source in map(Path, config.getoption("--add-results")):
        counted = json.loads(source.read_text(encoding="utf-8")) if source.exists() else {"error": 1}  # it ended before it could count
        earlier.update(counted)
    for outcome, number in earlier.items():
        terminalreporter.stats.setdefault(outcome, []).extend([SimpleNamespace(count_towards_summary=True)] * number)
