"""A workspace's own sign-in: set up by its owners, with domains that are proved theirs, and what may come in by it."""

from app.services.sign_ins.domains import add_domain, note_domain, read_domain, remove_domain
from app.services.sign_ins.entering import AddressUnproved, NotInvited, enter_workspace
from app.services.sign_ins.rows import find_door, is_door, open_provider
from app.services.sign_ins.settings import get_sign_in, note_test, open_test, remove_sign_in, require_sign_in, save_sign_in

__all__ = [
    "AddressUnproved",
    "NotInvited",
    "add_domain",
    "enter_workspace",
    "find_door",
    "get_sign_in",
    "is_door",
    "note_domain",
    "note_test",
    "open_provider",
    "open_test",
    "read_domain",
    "remove_domain",
    "remove_sign_in",
    "require_sign_in",
    "save_sign_in",
]
