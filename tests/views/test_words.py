"""How numbers and moments read."""

from datetime import UTC, datetime, timedelta

import pytest

from app.views import words

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "just now"),
        (60, "1 min ago"),
        (3540, "59 min ago"),
        (3580, "1 h ago"),
        (7200, "2 h ago"),
        (90_000, "yesterday"),
        (4 * 86_400, "4 days ago"),
        (60 * 86_400, "31 Dec 2025"),
        (-120, "in 2 min"),
    ],
)
def test_moments_read_like_speech(seconds: int, text: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), now=NOW) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, ""),
        (0, "<1 ms"),
        (1, "1 ms"),
        (999, "999 ms"),
        (1400, "1.4 s"),
        (125_000, "2 min 5 s"),
        (120_000, "2 min"),
        (11_400_000, "3 h 10 min"),
    ],
)
def test_durations_use_the_unit_that_fits(ms: float | None, text: str) -> None:
    assert words.duration(ms) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "$0"), (1, "$0.000001"), (1500, "$0.0015"), (12_345, "$0.012"), (1_234_567, "$1.23"), (4_000_000_000, "$4,000.00")],
)
def test_small_sums_keep_their_digits(micros: int, text: str) -> None:
    assert words.money(micros) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (950, "950"), (1200, "1.2k"), (34_000, "34k"), (999_600, "1.0M"), (1_300_000, "1.3M")]
)
def test_counts_are_short(number: int, text: str) -> None:
    assert words.count(number) == text
