"""The circuit breakers of models, shared between worker processes over Redis; each process keeps its own while Redis is away.

A model that fails several times in a row is left alone for a while; then one call tries it, and its outcome decides for all.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.exceptions import RedisError

from app.adapters.live_redis import connect_async

log = logging.getLogger(__name__)
FAILURES = 5  # in a row, each within WINDOW_S of the one before
WINDOW_S = 60.0
OPEN_S = 20.0  # the first time; doubles with every trial that fails
LONGEST_OPEN_S = 300.0
FORGET_S = 3600.0
PROBE_LOOK_S = 2.0  # how soon others look again while one call tries
RETRY_REDIS_S = 10.0
_TRIES = 8
_SWAP = """
local now = redis.call('GET', KEYS[1])
if (now or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one model; times are seconds of the clock. Nothing is kept of a model that answers."""

    failures: int = 0
    last_at: float = 0.0
    open_until: float = 0.0
    opened: int = 0  # how often in a row
    probe_until: float = 0.0  # one call is trying until then
    cause: str = ""  # breaker | rate_limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the model may be asked; if not, until when and why. `is_probe` marks the call whose outcome decides."""

    may: bool
    until: float = 0.0
    cause: str = ""
    is_probe: bool = False
    is_known: bool = False  # failures are on record, which an answer wipes out


def entering(circuit: Circuit | None, now: float, lasts_s: float) -> tuple[Verdict, Circuit | None]:
    """May a call that takes at most `lasts_s` be made? Also the circuit afterwards."""
    if circuit is None or (circuit.cause == "rate_limit" and circuit.open_until <= now):
        return Verdict(True), None
    if circuit.open_until > now:
        return Verdict(False, circuit.open_until, circuit.cause or "breaker"), circuit
    if not circuit.opened:
        return Verdict(True, is_known=True), circuit
    if circuit.probe_until > now:
        return Verdict(False, min(circuit.probe_until, now + PROBE_LOOK_S), "breaker"), circuit
    return Verdict(True, is_probe=True, is_known=True), replace(circuit, probe_until=now + lasts_s)


def failed(circuit: Circuit | None, now: float) -> Circuit:
    """A call failed by the model's fault."""
    known = circuit or Circuit()
    count = known.failures + 1 if now - known.last_at <= WINDOW_S else 1
    if known.opened or count >= FAILURES:
        open_s = min(LONGEST_OPEN_S, OPEN_S * 2.0**known.opened)
        return Circuit(count, now, now + open_s, known.opened + 1, 0.0, "breaker")
    return replace(known, failures=count, last_at=now, cause="breaker")


def paused(circuit: Circuit | None, now: float, seconds: float) -> Circuit:
    """The provider said how long to wait."""
    known = circuit or Circuit(cause="rate_limit")
    return replace(known, open_until=max(known.open_until, now + seconds), cause=known.cause or "rate_limit")


class Breakers:
    """One per worker process, used on its event loop. `clock` gives seconds since the epoch, which processes share."""

    def __init__(self, redis_url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = connect_async(redis_url)
        self._clock = clock
        self._local: dict[str, Circuit] = {}
        self._away_until = 0.0

    async def enter(self, key: str, *, lasts_s: float) -> Verdict:
        """Ask before a call."""
        answer = Verdict(True)

        def change(circuit: Circuit | None) -> Circuit | None:
            nonlocal answer
            answer, after = entering(circuit, self._clock(), lasts_s)
            return after

        await self._change(key, change)
        return answer

    async def succeeded(self, key: str) -> None:
        """The model answered: whatever is known against it is forgotten."""
        await self._change(key, lambda _circuit: None)

    async def failed(self, key: str) -> None:
        """It did not answer, by a fault of its own."""
        await self._change(key, lambda circuit: failed(circuit, self._clock()))

    async def paused(self, key: str, seconds: float) -> None:
        """It asked to be left alone."""
        await self._change(key, lambda circuit: paused(circuit, self._clock(), seconds))

    async def gave_up(self, key: str) -> None:
        """The trial call was stopped before it had an outcome: another one may try."""
        await self._change(key, lambda circuit: circuit and replace(circuit, probe_until=0.0))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _change(self, key: str, change: Callable[[Circuit | None], Circuit | None]) -> None:
        """Read, decide and write, anew when another process wrote between; a clean circuit that stays clean writes nothing."""
        if self._clock() >= self._away_until:
            try:
                for _ in range(_TRIES):
                    if await self._swap(f"af:breaker:{key}", change):
                        return
            except RedisError as error:
                self._away_until = self._clock() + RETRY_REDIS_S
                log.warning("Redis does not answer, circuit breakers count in this process only: %s", error)
        after = change(self._local.get(key))
        if after is None:
            self._local.pop(key, None)
        else:
            self._local[key] = after

    async def _swap(self, name: str, change: Callable[[Circuit | None], Circuit | None]) -> bool:
        raw = await self._client.get(name)
        before = (raw.decode() if isinstance(raw, bytes) else raw) or ""
        after = change(Circuit(**json.loads(before)) if before else None)
        text = json.dumps(asdict(after)) if after is not None else ""
        if text == before:
            return True
        swapped: Any = self._client.eval(_SWAP, 1, name, before, text, str(int(FORGET_S * 1000)))
        return bool(await swapped)
