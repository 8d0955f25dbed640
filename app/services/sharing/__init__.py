"""Whom an agent or a workflow is shared with: reading it, changing it, finding people for it."""

from app.services.sharing.changing import change_sharing, share_with, unshare_with
from app.services.sharing.reading import find_people, get_sharing

__all__ = ["change_sharing", "find_people", "get_sharing", "share_with", "unshare_with"]
