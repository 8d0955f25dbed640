"""The worker process, `agent-factory worker`: serves until a signal."""

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.deps import open_deps
from app.jobs.room import run_worker
from app.wiring import get_wiring


def main() -> None:
    """Run one worker process until SIGTERM or SIGINT; leaves with status 0 when its runs were handed on."""
    configure_logs(get_settings())
    run_worker(get_wiring(), open_deps=open_deps)
