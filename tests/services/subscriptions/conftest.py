"""A workspace at the desk of the test gateway."""

import pytest

from app.wiring import Wiring
from tests.support.billing import Desk
from tests.support.clock import FrozenClock


@pytest.fixture
def desk(wiring: Wiring, clock: FrozenClock) -> Desk:
    """It pays for nothing yet."""
    return Desk(wiring, clock)


@pytest.fixture
def paying(desk: Desk) -> Desk:
    """It pays for the plan Starter."""
    desk.subscribe("starter")
    return desk
