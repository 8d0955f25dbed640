"""Page states that Reflex keeps in Redis are pickles of this product's classes: after an upgrade those of the build before are dropped."""

import logging

import redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_BUILD = "af:page-states:build"
_STATES = "*_reflex___state____state*"  # how Reflex names them: the tab's token, then the state's path


def forget_other_builds(redis_url: str, *, build: str) -> int:
    """Drop every page state unless this build wrote it; returns how many. Tabs that were open then load their page anew."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=10, socket_connect_timeout=5) as client:
            if client.set(_BUILD, build, get=True) == build.encode():
                return 0
            dropped = 0
            for key in client.scan_iter(match=_STATES, count=500):
                dropped += int(bool(client.delete(key)))
            return dropped
    except RedisError as error:
        log.warning("page states could not be looked at: %s", type(error).__name__)
        return 0
