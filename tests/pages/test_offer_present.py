"""What the page of a listing says of its measurements."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.views.market import Measured
from pages.offer.present import measured_figures, measured_words

MEASURED = Measured(
    runs=2, success_percent=50, p50_s=1.2, p95_s=64.0, cost_micros=0, tests=3, tests_passed=2, since=datetime(2027, 3, 1, tzinfo=UTC),
    until=datetime(2027, 3, 4, tzinfo=UTC),
)  # fmt: skip


def test_each_figure_says_what_it_means() -> None:
    told = [f"{figure.value} {figure.label}" for figure in measured_figures(replace(MEASURED, runs=40))]
    assert told[:4] == [
        "2 of 3 tests pass",
        "50 % of runs succeed",
        "1.2 s half of the runs take no longer",
        "1 min 4 s 19 of 20 runs take no longer",
    ]


@pytest.mark.parametrize(("runs", "percent", "told"), [(1, 100, "1 of 1"), (3, 66, "2 of 3"), (7, 14, "1 of 7"), (19, 0, "0 of 19")])
def test_few_runs_are_counted_and_no_percentage(runs: int, percent: int, told: str) -> None:
    figures = measured_figures(replace(MEASURED, runs=runs, success_percent=percent))
    assert figures[1].value == told
    assert not any("%" in figure.value or "19 of 20" in figure.label for figure in figures)


def test_over_what_it_was_measured_is_told_with_its_days() -> None:
    assert measured_words(MEASURED).startswith("Measured over the last 2 runs of installed copies as they were published, from ")
    assert "Nobody has run" in measured_words(Measured(tests=1))
