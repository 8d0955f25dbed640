"""Who acts, and the worker that does the work."""

from collections.abc import Iterator

import pytest

from app.core.uow import Actor
from app.wiring import Wiring
from tests.support.people import make_member
from tests.support.workers import WorkerProcess, worker


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


@pytest.fixture
def process(wiring: Wiring) -> Iterator[WorkerProcess]:
    """The shipped worker."""
    with worker(wiring.settings) as running:
        yield running
