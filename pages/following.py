"""What the handlers behind `ui.pulse` have in common: a look that fails is made again by the next beat."""

from collections.abc import Generator
from contextlib import contextmanager

from app.core.errors import AppError, NotSignedIn


@contextmanager
def looking_again() -> Generator[None]:
    """Leave what is shown as it is when reading is refused; only that the session has ended is told, by leaving the page."""
    try:
        yield
    except NotSignedIn:
        raise
    except AppError:
        return
