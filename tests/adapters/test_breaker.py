"""Circuit breakers: shared by processes over Redis, one trial at a time, and of this process alone while Redis is away."""

from pathlib import Path

import pytest

from app.adapters.breaker import FAILURES, LONGEST_OPEN_S, OPEN_S, Breakers, Circuit, entering, failed, paused

KEY = "workspace:openai/gpt-4.1-mini"


class Time:
    """A clock to turn by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def broken(breakers: Breakers, times: int = FAILURES) -> None:
    """Let so many calls fail."""
    for _ in range(times):
        assert (await breakers.enter(KEY, lasts_s=60)).may
        await breakers.failed(KEY)


async def test_a_model_that_fails_again_and_again_is_left_alone_by_every_process(redis_url: str) -> None:
    clock = Time()
    first, second = Breakers(redis_url, clock=clock), Breakers(redis_url, clock=clock)
    await broken(first, FAILURES - 1)
    assert (await second.enter(KEY, lasts_s=60)).may
    await second.failed(KEY)
    verdict = await first.enter(KEY, lasts_s=60)
    assert (verdict.may, verdict.until, verdict.cause) == (False, clock.now + OPEN_S, "breaker")
    await first.aclose()
    await second.aclose()


async def test_one_call_tries_and_its_answer_opens_the_way_for_all(redis_url: str) -> None:
    clock = Time()
    first, second = Breakers(redis_url, clock=clock), Breakers(redis_url, clock=clock)
    await broken(first)
    clock.now += OPEN_S
    trial = await first.enter(KEY, lasts_s=60)
    assert (trial.may, trial.is_probe) == (True, True)
    assert not (await second.enter(KEY, lasts_s=60)).may
    await first.succeeded(KEY)
    verdict = await second.enter(KEY, lasts_s=60)
    assert (verdict.may, verdict.is_known) == (True, False)
    await first.aclose()
    await second.aclose()


async def test_a_trial_that_fails_doubles_the_pause_and_one_that_was_stopped_leaves_it_to_the_next(redis_url: str) -> None:
    clock = Time()
    breakers = Breakers(redis_url, clock=clock)
    await broken(breakers)
    clock.now += OPEN_S
    assert (await breakers.enter(KEY, lasts_s=60)).is_probe
    await breakers.failed(KEY)
    assert (await breakers.enter(KEY, lasts_s=60)).until == clock.now + 2 * OPEN_S
    clock.now += 2 * OPEN_S
    assert (await breakers.enter(KEY, lasts_s=60)).is_probe
    await breakers.gave_up(KEY)
    assert (await breakers.enter(KEY, lasts_s=60)).is_probe
    await breakers.aclose()


async def test_without_redis_a_process_keeps_its_own(tmp_path: Path) -> None:
    clock = Time()
    breakers = Breakers(f"unix://{tmp_path}/nothing.sock", clock=clock)
    await broken(breakers)
    assert not (await breakers.enter(KEY, lasts_s=60)).may
    clock.now += OPEN_S
    assert (await breakers.enter(KEY, lasts_s=60)).is_probe
    await breakers.succeeded(KEY)
    assert (await breakers.enter(KEY, lasts_s=60)).may
    await breakers.aclose()


def test_failures_far_apart_do_not_add_up() -> None:
    circuit: Circuit | None = None
    for attempt in range(3 * FAILURES):
        circuit = failed(circuit, 100.0 * attempt)
    assert entering(circuit, 100.0 * 3 * FAILURES, 60)[0].may


def test_the_pause_never_grows_beyond_its_limit() -> None:
    circuit: Circuit | None = None
    for _ in range(30):
        circuit = failed(circuit, 0.0)
    assert circuit is not None
    assert circuit.open_until == LONGEST_OPEN_S


@pytest.mark.parametrize("seconds", [3.0, 40.0])
def test_a_pause_that_the_provider_asked_for_ends_by_itself(seconds: float) -> None:
    circuit = paused(None, 100.0, seconds)
    verdict, _ = entering(circuit, 100.0, 60)
    assert (verdict.may, verdict.until, verdict.cause) == (False, 100.0 + seconds, "rate_limit")
    verdict, after = entering(circuit, 100.0 + seconds, 60)
    assert (verdict.may, verdict.is_probe, after) == (True, False, None)
