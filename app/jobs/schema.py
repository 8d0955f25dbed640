"""A worker that is started before the database was migrated takes no runs: they would fail for what is not their fault."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from app.adapters.revisions import current_revision, is_behind, newest_revision
from app.wiring import Wiring

log = logging.getLogger(__name__)
EVERY_S = 1.0


def await_schema(wiring: Wiring, stop: threading.Event) -> bool:
    """Wait until the database has the tables of this version; False when told to stop before. One that is away is dealt with later."""
    is_told = False
    while not stop.is_set():
        try:
            revision = current_revision(wiring.database)
        except SQLAlchemyError as error:
            log.warning("the database's revision is not known yet: %s", error)
            return True
        if not is_behind(revision):
            if is_told:
                log.info("the database is migrated now")
            return True
        if not is_told:
            is_told = True
            wanted = newest_revision()
            log.warning(
                "the database has revision %s, this version needs %s: run `agent-factory migrate`; runs wait", revision or "none", wanted
            )
        stop.wait(EVERY_S)
    return False
