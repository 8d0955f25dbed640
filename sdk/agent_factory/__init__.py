"""The Python client of Agent Factory: `Client(url, api_key=...)`. It needs httpx and nothing of the product itself."""

from agent_factory.client import Client
from agent_factory.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotAuthenticated,
    NotFound,
    RunFailed,
    Stale,
    Unreachable,
    Unsendable,
)
from agent_factory.transport import Tokens

__all__ = [
    "ApiError",
    "Client",
    "Conflict",
    "Forbidden",
    "Invalid",
    "LimitReached",
    "NotAuthenticated",
    "NotFound",
    "RunFailed",
    "Stale",
    "Tokens",
    "Unreachable",
    "Unsendable",
]
