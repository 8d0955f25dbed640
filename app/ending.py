"""Deleting workspaces and accounts: what is paid by the month ends at the gateway first, then they are closed. Routes call these.

They block; call them in a thread.
"""

from collections.abc import Iterable
from datetime import datetime

from app.checkout import Run, gateway_of
from app.services import closing
from app.subscribing import hear_standing, refusals
from app.wiring import Wiring


def delete_workspace(wiring: Wiring, run: Run, *, workspace_id: str, name: str, proof: closing.Proof, code: str) -> datetime:
    """Close a workspace; returns until when it can be restored. Whatever cannot end keeps it open, with the reason."""
    ending: closing.Ending = run(closing.begin_deletion, workspace_id=workspace_id, name=name, proof=proof, code=code)
    end_payments(wiring, ending.subscriptions)
    until: datetime = run(closing.delete_workspace, ending=ending)
    return until


def delete_account(wiring: Wiring, run: Run, *, email: str, proof: closing.Proof, code: str) -> None:
    """Delete the account with the workspaces that are its own alone."""
    ending: closing.AccountEnding = run(closing.begin_account_deletion, email=email, proof=proof, code=code)
    end_payments(wiring, ending.subscriptions)
    run(closing.delete_account, ending=ending)


def end_payments(wiring: Wiring, subscriptions: Iterable[str]) -> None:
    """Let each end with the month that is paid; asking twice does no harm."""
    for subject in subscriptions:
        with refusals():
            gateway_of(wiring).cancel(subject)
        hear_standing(wiring, subject)
