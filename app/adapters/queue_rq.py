"""The doorbell on RQ: one JSON message per run id, never a pickle."""

import uuid


class RqQueue:
    """Rings workers through RQ; connects lazily so that importing or starting without Redis works."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url

    def ring_run(self, run_id: uuid.UUID) -> None:
        """Ask a worker to look at the run."""
        raise NotImplementedError
