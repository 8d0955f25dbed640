"""A worker whose log is a pipe that nobody reads any more, as when the collector of its lines died. Run as a module."""

import logging
import os
import sys

from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.room import run_worker
from app.wiring import get_wiring
from tests.support.twice import delivering
from tests.support.worker_process import TestDeps

if __name__ == "__main__":
    said = os.dup(sys.stdout.fileno())
    reader, writer = os.pipe()
    os.dup2(writer, sys.stdout.fileno())
    os.close(reader)
    configure_logs(get_settings())
    logging.getLogger().setLevel(logging.DEBUG)
    os.write(said, b"worker ready, and nobody reads what it logs from here on\n")
    run_worker(delivering(get_wiring()), open_deps=TestDeps)
