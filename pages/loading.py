"""What the states of pages that read something have in common: they say that they are loading and why nothing came, and look again."""

from collections.abc import Generator
from contextlib import contextmanager

from app.core.errors import AppError, NotAllowed, NotFound, NotSignedIn
from app.refusals import UNEXPECTED, told_by_reference
from app.session import Bridge


class Loading(Bridge, mixin=True):
    """The state that mixes it in reads within `_loading`."""

    problem: str = ""
    is_refused: bool = False  # the problem is the role: trying again changes nothing
    is_missing: bool = False  # there is no such thing, or not for this person
    is_loading: bool = True

    @contextmanager
    def _loading(self) -> Generator[None]:
        """Show why nothing came in the place of what was to be read; a missing session is the frame's business."""
        self.problem, self.is_refused, self.is_missing = "", False, False
        try:
            yield
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
            self.is_refused, self.is_missing = isinstance(refused, NotAllowed), isinstance(refused, NotFound)
        except Exception as error:  # noqa: BLE001 - a page that keeps silent would look empty, or as if it were loading for ever
            self.problem = f"{UNEXPECTED} {told_by_reference(error)}"
        finally:
            self.is_loading = False


@contextmanager
def looking_again() -> Generator[None]:
    """For handlers behind `ui.pulse`: a refused look leaves what is shown, and the next beat looks again; an ended session is told."""
    try:
        yield
    except NotSignedIn:
        raise
    except AppError:
        return
