"""Whom an agent or a workflow is shared with: reading it, changing it, finding people for it."""

from app.services.sharing.changing import give_thing, set_everyone, share_with, unshare_with
from app.services.sharing.reading import find_people, get_sharing

__all__ = ["find_people", "get_sharing", "give_thing", "set_everyone", "share_with", "unshare_with"]
