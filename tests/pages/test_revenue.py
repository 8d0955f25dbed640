"""The chart of what was earned: what its highest bar stands for, and that weeks without money are told as such."""

import pytest

from app.views.market import RevenueWeek
from pages.sell.revenue_state import best_of

QUIET, LOST = RevenueWeek("2 Mar", "$0.00", 0), RevenueWeek("9 Mar", "-$16.00", 0)


@pytest.mark.parametrize("weeks", [(), (QUIET, QUIET), (QUIET, LOST)])
def test_weeks_in_which_nothing_was_earned_have_no_best_one(weeks: tuple[RevenueWeek, ...]) -> None:
    assert best_of(weeks) == ""


def test_the_best_week_is_named_with_its_amount() -> None:
    weeks = (QUIET, RevenueWeek("16 Mar", "$32.00", 100), RevenueWeek("23 Mar", "$16.00", 50), LOST)
    assert best_of(weeks) == "Best week, of 16 Mar: $32.00."
