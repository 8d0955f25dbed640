"""How fast runs may ask a provider: requests and tokens a minute and calls at once, counted over Redis for all workers together.

While what a provider allows everybody is scarce, workspaces that ask share it evenly: who has had its share waits for the others, and a
tenth is left for whoever comes next, unless there is nobody else.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from app.adapters.live_redis import connect_async

log = logging.getLogger(__name__)
WINDOW_S = 60
SLICE_S = 5  # the minute is counted in slices of this length
WANTS_S = 10  # a workspace that was refused counts as waiting for so long
RETRY_REDIS_S = 10.0
_ENTER = """
local now, slice, call = tonumber(ARGV[1]), math.floor(tonumber(ARGV[1]) / 5), ARGV[2]
local tokens, expires, workspace = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local most = {}
for i = 6, 11 do most[i - 5] = tonumber(ARGV[i]) end
local function used(key)
  local requests, read, free_at = 0, 0, 0
  for back = 11, 0, -1 do
    local found = redis.call('HMGET', key .. ':' .. (slice - back), 'r', 't')
    local r, t = tonumber(found[1] or '0'), tonumber(found[2] or '0')
    if r > 0 and free_at == 0 then free_at = (slice - back + 12) * 5 end
    requests, read = requests + r, read + t
  end
  return requests, read, free_at
end
local function busy(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  return redis.call('ZCARD', key)
end
local own, all = KEYS[1], KEYS[2]
local function refuse(kind, free_at, limit, add)
  redis.call('ZADD', all .. ':wants', now + 10, workspace)
  redis.call('EXPIRE', all .. ':wants', 60)
  local ahead = redis.call('INCR', own .. ':queue') - 1
  redis.call('EXPIRE', own .. ':queue', 60)
  return {kind, tostring(math.max(free_at, now + 0.2) + math.min(600, 60 * ahead * add / limit))}
end
local requests, read, free_at = used(own)
local calls = busy(own .. ':calls')
if most[3] > 0 and calls >= most[3] then return refuse('calls', now + 0.5, most[3] * 60, 1) end
if most[1] > 0 and requests + 1 > most[1] then return refuse('requests', free_at, most[1], 1) end
if most[2] > 0 and read > 0 and read + tokens > most[2] then return refuse('tokens', free_at, most[2], tokens) end
if most[4] + most[5] + most[6] > 0 then
  redis.call('ZREMRANGEBYSCORE', all .. ':wants', '-inf', now)
  redis.call('ZREMRANGEBYSCORE', all .. ':seen', '-inf', now - 600)
  redis.call('ZADD', all .. ':seen', now, workspace)
  redis.call('EXPIRE', all .. ':seen', 600)
  local alone = redis.call('ZCARD', all .. ':seen') == 1
  local sharers = redis.call('ZCARD', all .. ':wants')
  if not redis.call('ZSCORE', all .. ':wants', workspace) then sharers = sharers + 1 end
  local all_requests, all_read, all_free_at = used(all)
  local all_calls = busy(all .. ':calls')
  local function over(limit, total, mine, add)
    if limit <= 0 then return false end
    if total > 0 and total + add > limit then return true end
    if alone or mine == 0 then return false end
    return mine + add > math.max(1, sharers > 1 and limit / sharers or 0.9 * limit)
  end
  if over(most[6], all_calls, calls, 1) then return refuse('calls', now + 0.5, most[6] * 60, 1) end
  if over(most[4], all_requests, requests, 1) then return refuse('requests', all_free_at, most[4], 1) end
  if over(most[5], all_read, read, tokens) then return refuse('tokens', all_free_at, most[5], tokens) end
end
if tonumber(redis.call('GET', own .. ':queue') or '0') > 0 then redis.call('DECR', own .. ':queue') end
for _, key in ipairs({own, all}) do
  redis.call('HINCRBY', key .. ':' .. slice, 'r', 1)
  redis.call('HINCRBY', key .. ':' .. slice, 't', tokens)
  redis.call('EXPIRE', key .. ':' .. slice, 70)
  redis.call('ZADD', key .. ':calls', expires, call)
  redis.call('EXPIRE', key .. ':calls', 900)
end
return {'', '0'}
"""
_LEAVE = """
for i = 1, 2 do
  redis.call('ZREM', KEYS[i] .. ':calls', ARGV[1])
  if tonumber(ARGV[2]) ~= 0 then redis.call('HINCRBY', KEYS[i] .. ':' .. ARGV[3], 't', ARGV[2]) end
end
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Most requests and tokens a minute, and calls at once; 0 is no limit."""

    requests: int = 0
    tokens: int = 0
    calls: int = 0

    @property
    def is_set(self) -> bool:
        """Whether anything is limited."""
        return bool(self.requests or self.tokens or self.calls)


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a call has to wait: which limit (requests, tokens, calls), and the moment at which it is worth asking again."""

    kind: str
    until: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """A call on its way."""

    workspace: str
    provider: str
    call: str
    tokens: int
    slice: int


@dataclass(slots=True)
class _Local:
    """What this process counts while Redis is away."""

    starts: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    calls: dict[str, float] = field(default_factory=dict[str, float])


class CallRates:
    """One per worker process, used on its event loop. `everybody` gives what a provider allows the whole installation."""

    def __init__(self, redis_url: str, *, everybody: dict[str, Rates], clock: Callable[[], float] = time.time) -> None:
        self._client = connect_async(redis_url)
        self._everybody = everybody
        self._clock = clock
        self._local: dict[str, _Local] = defaultdict(_Local)
        self._away_until = 0.0

    def concerns(self, provider: str, own: Rates) -> bool:
        """Whether calls of the provider are counted at all."""
        return own.is_set or self._everybody.get(provider, Rates()).is_set

    async def enter(self, workspace: str, provider: str, own: Rates, *, call: str, tokens: int, lasts_s: float) -> Ticket | Wait:
        """Count one call, or say how long to wait."""
        now = self._clock()
        everybody = self._everybody.get(provider, Rates())
        if now >= self._away_until:
            limits = (own.requests, own.tokens, own.calls, everybody.requests, everybody.tokens, everybody.calls)
            given = [str(now), call, str(tokens), str(now + lasts_s), workspace, *map(str, limits)]
            try:
                answer: Any = self._client.eval(_ENTER, 2, *_keys(workspace, provider), *given)
                kind, until = await answer
            except RedisError as error:
                self._away_until = now + RETRY_REDIS_S
                log.warning("Redis does not answer, model calls are counted in this process only: %s", error)
            else:
                word = kind.decode() if isinstance(kind, bytes) else str(kind)
                return Wait(word, float(until)) if word else Ticket(workspace, provider, call, tokens, int(now // SLICE_S))
        return self._enter_here(workspace, provider, own, everybody, call=call, tokens=tokens, lasts_s=lasts_s)

    async def leave(self, ticket: Ticket, *, tokens: int | None = None) -> None:
        """The call is over; what it really used counts instead of what it might have."""
        for key in _keys(ticket.workspace, ticket.provider):
            self._local[key].calls.pop(ticket.call, None)
        if self._clock() < self._away_until:
            return
        more = 0 if tokens is None else tokens - ticket.tokens
        try:
            done: Any = self._client.eval(_LEAVE, 2, *_keys(ticket.workspace, ticket.provider), ticket.call, str(more), str(ticket.slice))
            await done
        except RedisError as error:
            log.warning("a call could not be counted out, it counts until its time is over: %s", error)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    def _enter_here(
        self, workspace: str, provider: str, own: Rates, everybody: Rates, *, call: str, tokens: int, lasts_s: float
    ) -> Ticket | Wait:
        """The same count in this process."""
        now = self._clock()
        keys = _keys(workspace, provider)
        for key, limits in zip(keys, (own, everybody), strict=True):
            wait = _over(self._local[key], limits, tokens, now)
            if wait is not None:
                return wait
        for key in keys:
            self._local[key].starts.append((now, tokens))
            self._local[key].calls[call] = now + lasts_s
        return Ticket(workspace, provider, call, tokens, int(now // SLICE_S))


def _over(local: _Local, limits: Rates, tokens: int, now: float) -> Wait | None:
    local.starts = [one for one in local.starts if one[0] > now - WINDOW_S]
    local.calls = {call: until for call, until in local.calls.items() if until > now}
    if limits.calls and len(local.calls) >= limits.calls:
        return Wait("calls", now + 1)
    free_at = local.starts[0][0] + WINDOW_S if local.starts else now
    if limits.requests and len(local.starts) >= limits.requests:
        return Wait("requests", free_at)
    used = sum(one[1] for one in local.starts)
    return Wait("tokens", free_at) if limits.tokens and used and used + tokens > limits.tokens else None


def _keys(workspace: str, provider: str) -> tuple[str, str]:
    """Of the workspace's own count and of everybody's; in braces what a Redis cluster keeps on one machine."""
    return f"af:rate:{{{provider}}}:{workspace}", f"af:rate:{{{provider}}}"
