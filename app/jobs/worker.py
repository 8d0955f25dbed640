"""The worker process, `agent-factory worker`: serves until a signal."""

from dataclasses import replace

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.deps import open_deps
from app.jobs.room import Life, run_worker
from app.wiring import get_wiring


def main(*, concurrency: int | None = None, life: Life | None = None) -> None:
    """Run one worker process until SIGTERM or SIGINT; leaves with status 0 when its runs were handed on.

    `concurrency` replaces AF_WORKER_CONCURRENCY; `life` is what the process's supervisor calls this start and knows of those before it.
    """
    configure_logs(get_settings())
    wiring = get_wiring()
    if concurrency is not None:
        wiring = replace(wiring, settings=replace(wiring.settings, worker_concurrency=concurrency))
    run_worker(wiring, open_deps=open_deps, life=life)
