"""Plain words become the cron expressions people mean, and are said back in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.schedules.cron import CronInvalid
from app.services.schedules.describing import describe_cron
from app.services.schedules.wording import EXAMPLES, read_wording


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("every weekday at 9:00", "0 9 * * 1-5"),
        ("Every 15 minutes", "*/15 * * * *"),
        ("first Monday of the month at 8", "0 8 * * 1#1"),
        ("every minute", "* * * * *"),
        ("hourly", "0 * * * *"),
        ("every other hour", "0 */2 * * *"),
        ("every half hour", "*/30 * * * *"),
        ("every hour at :15", "15 * * * *"),
        ("hourly at half past", "30 * * * *"),
        ("every 15 minutes between 9:00 and 17:00 on weekdays", "*/15 9-16 * * 1-5; 0 17 * * 1-5"),
        ("on weekdays every 30 minutes from 9am to 5pm", "*/30 9-16 * * 1-5; 0 17 * * 1-5"),
        ("every 2 hours from 8 to 18", "0 8-18/2 * * *"),
        ("daily at 9:30 am and 5pm", "0 17 * * *; 30 9 * * *"),
        ("noon and midnight", "0 0,12 * * *"),
        ("12 am daily", "0 0 * * *"),
        ("9 am and 5 pm every weekday", "0 9,17 * * 1-5"),
        ("mon, wed, fri at 8:15", "15 8 * * 1,3,5"),
        ("friday to monday at 9", "0 9 * * 5,6,0,1"),
        ("weekends at 10", "0 10 * * 6,0"),
        ("every monday morning at 9", "0 9 * * 1"),
        ("last friday of every month at 17:00", "0 17 * * l5"),
        ("first and third monday of the month at 9", "0 9 * * 1#1,1#3"),
        ("first weekday of the month at 9", "0 9 1w * *"),
        ("on the 1st and 15th at 9", "0 9 1,15 * *"),
        ("the last day of the month at 18:00", "0 18 l * *"),
        ("every month on the 5th at 9.30", "30 9 5 * *"),
        ("29 february at 10 pm", "0 22 29 2 *"),
        ("on march 1 at 9", "0 9 1 3 *"),
        ("quarterly on the 1st at 9", "0 9 1 1,4,7,10 *"),
        ("every week on Monday at 9", "0 9 * * 1"),
        ("every day in june and july at 9", "0 9 * 6,7 *"),
        ("every weekday at 9:00; every saturday at 11", "0 9 * * 1-5; 0 11 * * 6"),
        ("0 9 * * 1-5", "0 9 * * 1-5"),
        ("@daily", "0 0 * * *"),
        ("*/10 * * * *; 0 9 * * MON", "*/10 * * * *; 0 9 * * mon"),
    ],
)
def test_words_become_cron(words: str, cron: str) -> None:
    assert read_wording(words) == cron


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("every weekday", "every weekday at 9:00"),
        ("every month at 9", "on the 1st of every month"),
        ("every week at 9", "every Monday at 9:00"),
        ("every other day at 9", "on the 1st and 15th"),
        ("fortnightly on monday at 9", "every Monday at 9:00"),
        ("every 45 minutes", "30"),
        ("every 7 hours", "12"),
        ("every 30 seconds", "every minute"),
        ("at 25:00 every day", "17:30"),
        ("13 pm every day", "5:30 pm"),
        ("on the 32nd at 9", "last day"),
        ("every day at 9 between 9 and 17", "every 15 minutes from 9 to 17"),
        ("every hour from 22 to 2", "from 9 to 17"),
        ("hello world", EXAMPLES[0]),
        ("every day except sunday at 9", EXAMPLES[0]),
        ("", EXAMPLES[0]),
        ("* * * *", "five"),
    ],
)
def test_what_cannot_be_said_is_refused_with_words_that_can(words: str, remedy: str) -> None:
    with pytest.raises(CronInvalid) as refused:
        read_wording(words)
    assert remedy in refused.value.message


@pytest.mark.parametrize("words", EXAMPLES)
def test_the_examples_of_refusals_work(words: str) -> None:
    assert read_wording(words)


PIECES = (
    *("every", "each", "at", "on", "the", "of", "and", "to", "from", "between", "monday", "weekday", "month", "day", "hour", "15"),
    *("minutes", "9:00", "5pm", "last", "first", "1st", ",", "-", ";", "year", "noon", ":", "'", "march"),
)


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=14,
    ).map(" ".join)
    | st.text(max_size=300)
)
def test_any_words_are_understood_or_refused(words: str) -> None:
    try:
        cron = read_wording(words)
    except CronInvalid:
        return
    assert read_wording(cron) == cron
    assert describe_cron(cron)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("every weekday at 9", "At 09:00, Monday through Friday"),
        ("every day at 9 and 17:30", "At 09:00, every day; at 17:30, every day"),
        ("first and third monday at 9", "At 09:00, on the first Monday of the month; at 09:00, on the third Monday of the month"),
        ("last friday at 9", "At 09:00, on the last Friday of the month"),
        ("first weekday of the month at 9", "At 09:00, on the first weekday of the month"),
        ("on the 1st at 9", "At 09:00, on the 1st of the month"),
        ("every 15 minutes", "Every 15 minutes"),
        ("0 9 ? * 1", "At 09:00, on Monday"),
    ],
)
def test_cron_is_said_back_in_words(words: str, said: str) -> None:
    assert describe_cron(read_wording(words)) == said
