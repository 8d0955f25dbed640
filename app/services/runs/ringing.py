"""What happens once a change of a run is durable: ring a worker, nudge the one that holds it, tell who watches."""

import logging
import uuid

from app.core.errors import Unavailable
from app.core.uow import UnitOfWork
from app.services.runs.families import Told

log = logging.getLogger(__name__)


def ring_after_commit(uow: UnitOfWork, run_id: uuid.UUID) -> None:
    """Ring for a queued run; when the queue is away, the outbox row makes a dispatcher ring later."""

    def ring() -> None:
        try:
            uow.ports.queue.ring_run(run_id)
        except Unavailable as error:
            log.warning("run %s stays queued until the queue answers: %s", run_id, error.message)

    uow.after_commit(ring)


def nudge_after_commit(uow: UnitOfWork, run_id: uuid.UUID) -> None:
    """Make the worker that holds the run read its row now."""
    uow.after_commit(lambda: uow.ports.live.nudge(run_id))


def tell_after_commit(uow: UnitOfWork, run_id: uuid.UUID) -> None:
    """Make pages that follow the run read its journal now."""
    uow.after_commit(lambda: uow.ports.live.publish(run_id, "journal", "", "", {}))


def follow_after_commit(uow: UnitOfWork, told: Told) -> None:
    """Do what a write made necessary for the other runs of a family."""
    for run_id in told.rings:
        ring_after_commit(uow, run_id)
    for run_id in told.nudges:
        nudge_after_commit(uow, run_id)
    for run_id in told.changed:
        tell_after_commit(uow, run_id)
