"""The end of workspaces and accounts: what stands in the way, closing, restoring, and the purge; see docs/adr/0025."""

from app.services.closing.accounts import AccountEnding, begin_account_deletion, delete_account, get_account_deletion
from app.services.closing.proving import FreshSignInNeeded, NotYourPassword, Proof, find_proof
from app.services.closing.purging import purge_some, stop_strays
from app.services.closing.reading import get_workspace_deletion, list_deleted_workspaces
from app.services.closing.restoring import restore_workspace
from app.services.closing.workspaces import Ending, HasObstacles, Payments, begin_deletion, delete_workspace

__all__ = [
    "AccountEnding",
    "Ending",
    "FreshSignInNeeded",
    "HasObstacles",
    "NotYourPassword",
    "Payments",
    "Proof",
    "begin_account_deletion",
    "begin_deletion",
    "delete_account",
    "delete_workspace",
    "find_proof",
    "get_account_deletion",
    "get_workspace_deletion",
    "list_deleted_workspaces",
    "purge_some",
    "restore_workspace",
    "stop_strays",
]
