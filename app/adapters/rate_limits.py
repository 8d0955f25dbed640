"""Rate limits behind app.core.ports.RateLimiter: `limits` on Redis, and in this process while Redis is away."""

import hashlib
import logging
import time

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

log = logging.getLogger(__name__)
REDIS_TIMEOUT_S = 1.0
RETRY_REDIS_AFTER_S = 10.0


class SlidingRateLimiter:
    """Keys are hashed, so Redis holds no addresses. Connects on first use."""

    def __init__(self, redis_url: str) -> None:
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
                self._away_until = time.monotonic() + RETRY_REDIS_AFTER_S
                log.warning("Redis does not answer: sign-in attempts are counted in this process only", exc_info=True)
        return _count(self._local, item, hashed)

    def _on_redis(self) -> RateLimiter:
        if self._shared is None:
            timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
            self._shared = MovingWindowRateLimiter(RedisStorage(self._redis_url, key_prefix="af:limits", wrap_exceptions=True, **timeouts))
        return self._shared


def _count(limiter: RateLimiter, item: RateLimitItemPerSecond, key: str) -> float:
    if limiter.hit(item, key):
        return 0.0
    return max(1.0, limiter.get_window_stats(item, key).reset_time - time.time())
