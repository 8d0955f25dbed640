"""A page that could not be read says why, whatever it was: it neither looks empty nor as if it were reading for ever."""

import logging
from types import SimpleNamespace

import pytest

from app.core.errors import AppError, DatabaseAway, NotAllowed, NotFound, NotSignedIn
from pages.loading import Loading


def reading(error: Exception | None) -> SimpleNamespace:
    state = SimpleNamespace(problem="before", is_refused=True, is_missing=True, is_loading=True)
    with Loading._loading(state):  # type: ignore[arg-type]
        if error is not None:
            raise error
    return state


def test_what_was_read_clears_the_problem_of_before() -> None:
    assert vars(reading(None)) == {"problem": "", "is_refused": False, "is_missing": False, "is_loading": False}


@pytest.mark.parametrize(
    ("error", "is_refused", "is_missing"),
    [(DatabaseAway("Away."), False, False), (NotAllowed("Not you."), True, False), (NotFound(), False, True)],
)
def test_a_refusal_stands_in_its_own_words_and_says_whether_trying_again_may_help(
    error: AppError, is_refused: bool, is_missing: bool
) -> None:
    assert vars(reading(error)) == {"problem": error.message, "is_refused": is_refused, "is_missing": is_missing, "is_loading": False}


def test_what_nobody_foresaw_is_told_by_a_reference_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = reading(ZeroDivisionError("inside")).problem
    reference = told.rsplit(" ", 1)[1]
    assert "inside" not in told
    assert [record.exc_info is not None for record in caplog.records if reference in record.getMessage()] == [True]


def test_a_session_that_ended_is_the_business_of_the_frame() -> None:
    with pytest.raises(NotSignedIn):
        reading(NotSignedIn())
