"""Attempts are counted across processes on Redis, and still counted while Redis is away."""

import logging
from pathlib import Path

import pytest
import redis

from app.adapters.rate_limits import SlidingRateLimiter


def test_attempts_beyond_the_limit_are_told_how_long_to_wait(redis_url: str) -> None:
    limiter = SlidingRateLimiter(redis_url)
    waits = [limiter.hit("key", allowed=3, window_s=60) for _ in range(4)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert 1 <= waits[3] <= 60


def test_two_processes_share_one_count(redis_url: str) -> None:
    first, second = SlidingRateLimiter(redis_url), SlidingRateLimiter(redis_url)
    assert first.hit("key", allowed=1, window_s=60) == 0.0
    assert second.hit("key", allowed=1, window_s=60) > 0.0


def test_keys_and_limits_are_counted_apart(redis_url: str) -> None:
    limiter = SlidingRateLimiter(redis_url)
    assert limiter.hit("one", allowed=1, window_s=60) == 0.0
    assert limiter.hit("other", allowed=1, window_s=60) == 0.0
    assert limiter.hit("one", allowed=5, window_s=30) == 0.0


def test_redis_holds_no_address(redis_url: str) -> None:
    SlidingRateLimiter(redis_url).hit("sign-in:ada@example.com", allowed=1, window_s=60)
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        assert not [key for key in client.scan_iter() if "ada" in key]


@pytest.mark.parametrize("address", ["unix://{folder}/nothing.sock", "redis://127.0.0.1:9/0"])
def test_attempts_are_still_limited_while_redis_is_away(tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture) -> None:
    limiter = SlidingRateLimiter(address.format(folder=tmp_path))
    with caplog.at_level(logging.WARNING):
        waits = [limiter.hit("key", allowed=2, window_s=60) for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0.0
    assert len(caplog.records) == 1  # one warning, not one per attempt


@pytest.mark.parametrize("is_away", [False, True])
def test_what_one_count_refuses_uses_up_no_count_behind_it(redis_url: str, tmp_path: Path, is_away: bool) -> None:
    limiter = SlidingRateLimiter(f"unix://{tmp_path}/nothing.sock" if is_away else redis_url, now=lambda: 1_800_000_000.0)
    both = {"account": 2, "workspace": 9}
    counted = [[count.used for count in limiter.count(both, window_s=60)] for _ in range(4)]
    assert counted == [[1, 1], [2, 2], [3], [4]]
    assert limiter.count({"workspace": 9}, window_s=60)[0].used == 3
