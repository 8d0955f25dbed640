"""The moment in which a template is written out, under the names that templates have for it."""

from collections.abc import Mapping
from datetime import datetime

NAMES = ("today", "now")


def moments(moment: datetime) -> Mapping[str, str]:
    """`now` and `today` in ISO 8601, in the zone of the moment."""
    return {"today": moment.date().isoformat(), "now": moment.isoformat()}
