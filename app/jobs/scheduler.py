"""The scheduler process, `agent-factory scheduler`: rings a tick, after which workers look what is due in SQL."""

import logging
import signal
import threading
from types import FrameType

from app.adapters.queue_rq import connect
from app.adapters.schedule_rq import TickScheduler
from app.core.config import get_settings
from app.core.logs import configure_logs

log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    settings = get_settings()
    configure_logs(settings)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    log.info("scheduler ready")
    TickScheduler(connect(settings.redis_url), stop=stop).serve()
    log.info("scheduler stopped")
