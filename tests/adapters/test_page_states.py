"""After an upgrade no page is shown from what another build's classes left behind."""

import redis

from app.adapters.page_states import forget_other_builds

STATE = "9d70f6de-365e-44e7-a864-a6a3b6e6b7f2_reflex___state____state.pages___run___state____run_state"


def test_states_of_another_build_are_dropped_and_nothing_else(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set(STATE, b"a pickle")
        client.set("rq:job:tick", b"a job")
        assert forget_other_builds(redis_url, build="one") == 1
        assert (client.exists(STATE), client.exists("rq:job:tick")) == (0, 1)


def test_states_of_the_same_build_outlive_a_restart(redis_url: str) -> None:
    forget_other_builds(redis_url, build="one")
    with redis.Redis.from_url(redis_url) as client:
        client.set(STATE, b"a pickle")
        assert forget_other_builds(redis_url, build="one") == 0
        assert client.exists(STATE) == 1
        assert forget_other_builds(redis_url, build="two") == 1


def test_a_redis_that_does_not_answer_does_not_keep_the_web_process_from_starting() -> None:
    assert forget_other_builds("redis://127.0.0.1:1/0", build="one") == 0
