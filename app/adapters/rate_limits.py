"""Rate limits behind app.core.ports.RateLimiter: `limits` on Redis, and in this process while Redis is away."""

import hashlib
import logging
import math
import time
from collections.abc import Callable, Mapping

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from app.core.ports import RateCount

log = logging.getLogger(__name__)
REDIS_TIMEOUT_S = 1.0
RETRY_REDIS_AFTER_S = 10.0
# What comes with every request is counted in one round trip; what a count refuses must not use the counts behind it up.
_LADDER = """
local used = {}
for place, key in ipairs(KEYS) do
  used[place] = redis.call('INCR', key)
  if used[place] == 1 then redis.call('EXPIRE', key, ARGV[1]) end
  if used[place] > tonumber(ARGV[place + 1]) then break end
end
return used
"""


class SlidingRateLimiter:
    """Keys are hashed, so Redis holds no addresses. Connects on first use."""

    def __init__(self, redis_url: str, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._redis_url = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
        self._shared: RateLimiter | None = None
        self._ladder: Callable[..., list[int]] | None = None
        self._local: RateLimiter = MovingWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def hit(self, key: str, *, allowed: int, window_s: int) -> float:
        """Count one attempt; return 0.0 when it is allowed, else the seconds until the next one may be."""
        item = RateLimitItemPerSecond(allowed, window_s, namespace="af")
        hashed = hashlib.sha256(key.encode()).hexdigest()
        if time.monotonic() >= self._away_until:
            try:
                return _count(self._on_redis(), item, hashed)
            except StorageError:
                self._away(what="sign-in attempts")
        return _count(self._local, item, hashed)

    def count(self, allowed: Mapping[str, int], *, window_s: int) -> list[RateCount]:
        """Count one for each key in the present window of the clock, up to and with the first that is over."""
        now = self._now()
        window = int(now // window_s)
        hashed = [f"af:count:{hashlib.sha256(key.encode()).hexdigest()}:{window}" for key in allowed]
        left_s = max(1, math.ceil((window + 1) * window_s - now))
        used = self._increment(hashed, list(allowed.values()), window_s)
        return [RateCount(most, count, left_s) for most, count in zip(allowed.values(), used, strict=False)]

    def _increment(self, keys: list[str], allowed: list[int], window_s: int) -> list[int]:
        if time.monotonic() >= self._away_until:
            try:
                self._on_redis()
                assert self._ladder is not None
                return self._ladder(keys=keys, args=[window_s, *allowed])
            except (StorageError, RedisError):
                self._away(what="requests")
        used: list[int] = []
        for key, most in zip(keys, allowed, strict=True):
            used.append(self._local.storage.incr(key, window_s))
            if used[-1] > most:
                break
        return used

    def _away(self, *, what: str) -> None:
        self._away_until = time.monotonic() + RETRY_REDIS_AFTER_S
        log.warning("Redis does not answer: %s are counted in this process only", what, exc_info=True)

    def _on_redis(self) -> RateLimiter:
        if self._shared is None:
            timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
            storage = RedisStorage(self._redis_url, key_prefix="af:limits", wrap_exceptions=True, **timeouts)
            self._ladder = storage.storage.register_script(_LADDER)
            self._shared = MovingWindowRateLimiter(storage)
        return self._shared


def _count(limiter: RateLimiter, item: RateLimitItemPerSecond, key: str) -> float:
    if limiter.hit(item, key):
        return 0.0
    return max(1.0, limiter.get_window_stats(item, key).reset_time - time.time())
