"""What the page of a listing says of its measurements."""

from datetime import UTC, datetime

from app.views.market import Measured
from pages.offer.present import measured_figures, measured_words

MEASURED = Measured(
    runs=2, success_percent=50, p50_s=1.2, p95_s=64.0, cost_micros=0, tests=3, tests_passed=2, since=datetime(2027, 3, 1, tzinfo=UTC),
    until=datetime(2027, 3, 4, tzinfo=UTC),
)  # fmt: skip


def test_each_figure_says_what_it_means() -> None:
    told = [f"{figure.value} {figure.label}" for figure in measured_figures(MEASURED)]
    assert told[:4] == [
        "2 of 3 tests pass",
        "50 % of runs succeed",
        "1.2 s half of the runs take no longer",
        "1 min 4 s 19 of 20 runs take no longer",
    ]


def test_over_what_it_was_measured_is_told_with_its_days() -> None:
    assert measured_words(MEASURED).startswith("Measured over the last 2 runs of installed copies, from ")
    assert "Nobody has run" in measured_words(Measured(tests=1))
