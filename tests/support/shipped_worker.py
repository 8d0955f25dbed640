"""The worker exactly as `agent-factory worker` starts it, as a module that tests can run; doorbells come as the tests want them."""

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.deps import open_deps
from app.jobs.room import run_worker
from app.jobs.worker import main
from app.wiring import get_wiring
from tests.support.twice import IS_TWICE, delivering

if __name__ == "__main__":
    if IS_TWICE:
        configure_logs(get_settings())
        run_worker(delivering(get_wiring()), open_deps=open_deps)
    else:
        main()
