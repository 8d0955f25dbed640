"""Liveness and readiness for load balancers, containers and `agent-factory up`; public, and tells no secret."""

import asyncio
import logging
from typing import Annotated

import redis
from fastapi import APIRouter, Depends, Response
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.revisions import current_revision, newest_revision
from app.wiring import Wiring, get_wiring

router = APIRouter(tags=["health"])
log = logging.getLogger(__name__)

REDIS_TIMEOUT_S = 2.0


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers; a failing neighbour is no reason to restart it."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(response: Response, wiring: Annotated[Wiring, Depends(get_wiring)]) -> dict[str, str]:
    """200 when database, schema and Redis are fine, else 503; each part says "ok" or what is wrong in one word."""
    database, queue = await asyncio.gather(asyncio.to_thread(_database_state, wiring), asyncio.to_thread(_redis_state, wiring))
    is_ready = database == queue == "ok"
    response.status_code = 200 if is_ready else 503
    response.headers["Cache-Control"] = "no-store"
    return {"status": "ready" if is_ready else "not ready", "database": database, "redis": queue}


def _database_state(wiring: Wiring) -> str:
    try:
        current = current_revision(wiring.database)
    except SQLAlchemyError:
        log.warning("readyz: the database does not answer", exc_info=True)
        return "unreachable"
    return "ok" if current == newest_revision() else "outdated"


def _redis_state(wiring: Wiring) -> str:
    client = redis.Redis.from_url(
        wiring.settings.redis_url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=None
    )
    try:
        client.ping()
    except redis.RedisError:
        log.warning("readyz: Redis does not answer", exc_info=True)
        return "unreachable"
    finally:
        client.close()
    return "ok"
