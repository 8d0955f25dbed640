"""Structured logs of every process: one line per event, JSON or console, with run and request ids and without secrets.

Edges call `configure_logs` once at start. Code logs with the standard library (`logging.getLogger(__name__)`) or with
`structlog.get_logger()`; both end up here. `log_context(run_id=...)` adds fields to everything logged inside.
"""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

from app.core.config import Settings
from app.core.redaction import Redactor

QUIET = ("asyncio", "httpcore", "httpx", "LiteLLM", "alembic", "rq.worker", "watchfiles", "_granian", "granian", "engineio", "socketio")


def configure_logs(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send every log of this process to one stream (stdout) as the settings say; safe to call again."""
    redact = Redactor([settings.secret_key, *settings.provider_keys.values()])
    shared: list[Any] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if settings.log_json:
        last += [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    else:
        last += [structlog.processors.format_exc_info, redact, structlog.dev.ConsoleRenderer(colors=(stream or sys.stdout).isatty())]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    _take_over_libraries()
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level]))


def _take_over_libraries() -> None:
    """Some libraries print through handlers of their own as well; every line must come from ours, once."""
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger) and logger.propagate:
            logger.handlers.clear()


def log_context(**fields: str) -> AbstractContextManager[None]:
    """Add fields such as run_id, node or request_id to every record inside the block, in this task and what it starts."""
    return bound_contextvars(**fields)  # type: ignore[return-value]
