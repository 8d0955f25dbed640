"""Rate limits behind app.core.ports.RateLimiter: `limits` on Redis, and in this process while Redis is away."""

import hashlib
import logging
import math
import time
from collections.abc import Callable

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

from app.core.ports import RateCount

log = logging.getLogger(__name__)
REDIS_TIMEOUT_S = 1.0
RETRY_REDIS_AFTER_S = 10.0


class SlidingRateLimiter:
    """Keys are hashed, so Redis holds no addresses. Connects on first use."""

    def __init__(self, redis_url: str, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._redis_url = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
        self._shared: RateLimiter | None = None
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

    def count(self, key: str, *, allowed: int, window_s: int) -> RateCount:
        """Count one in the present window of the clock."""
        now = self._now()
        window = int(now // window_s)
        hashed = f"af:count:{hashlib.sha256(key.encode()).hexdigest()}:{window}"
        return RateCount(allowed, self._increment(hashed, window_s), max(1, math.ceil((window + 1) * window_s - now)))

    def _increment(self, key: str, window_s: int) -> int:
        if time.monotonic() >= self._away_until:
            try:
                return self._on_redis().storage.incr(key, window_s)
            except StorageError:
                self._away(what="requests")
        return self._local.storage.incr(key, window_s)

    def _away(self, *, what: str) -> None:
        self._away_until = time.monotonic() + RETRY_REDIS_AFTER_S
        log.warning("Redis does not answer: %s are counted in this process only", what, exc_info=True)

    def _on_redis(self) -> RateLimiter:
        if self._shared is None:
            timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
            self._shared = MovingWindowRateLimiter(RedisStorage(self._redis_url, key_prefix="af:limits", wrap_exceptions=True, **timeouts))
        return self._shared


def _count(limiter: RateLimiter, item: RateLimitItemPerSecond, key: str) -> float:
    if limiter.hit(item, key):
        return 0.0
    return max(1.0, limiter.get_window_stats(item, key).reset_time - time.time())
