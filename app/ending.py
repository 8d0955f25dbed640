"""Deleting workspaces and accounts: what is paid by the month ends at the gateway first, then they are closed. Routes call these.

They block; call them in a thread.
"""

from dataclasses import replace
from datetime import datetime

from app.checkout import Run, gateway_of, hear
from app.services import closing
from app.subscribing import hear_standing, refusals
from app.wiring import Wiring


def delete_workspace(wiring: Wiring, run: Run, *, workspace_id: str, name: str, proof: closing.Proof, code: str) -> datetime:
    """Close a workspace; returns until when it can be restored. Whatever cannot end keeps it open, with the reason."""
    ending: closing.Ending = run(closing.begin_deletion, workspace_id=workspace_id, name=name, proof=proof, code=code)
    ended = replace(ending, payments=end_payments(wiring, ending.payments))
    until: datetime = run(closing.delete_workspace, ending=ended)
    return until


def delete_account(wiring: Wiring, run: Run, *, email: str, proof: closing.Proof, code: str) -> None:
    """Delete the account with the workspaces that are its own alone."""
    ending: closing.AccountEnding = run(closing.begin_account_deletion, email=email, proof=proof, code=code)
    run(closing.delete_account, ending=replace(ending, payments=end_payments(wiring, ending.payments)))


def end_payments(wiring: Wiring, payments: closing.Payments) -> closing.Payments:
    """Close the pages on which buyers could pay, and let each subscription end with its month; asking twice does no harm.

    Returns them with those that the gateway does not know.
    """
    pages = {page for page in payments.checkouts if not _close(wiring, page)}
    unknown = {subject for subject in payments.subscriptions if not _cancel(wiring, subject)}
    return replace(payments, unknown=frozenset(pages | unknown))


def _close(wiring: Wiring, checkout_id: str) -> bool:
    """Whether the gateway knows the page. What was paid there meanwhile is heard of."""
    gateway = gateway_of(wiring)
    with refusals():
        is_single = gateway.facts(checkout_id) is not None
        if not is_single and gateway.subscription_facts(checkout_id) is None:
            return False
        gateway.close_checkout(checkout_id)
    (hear if is_single else hear_standing)(wiring, checkout_id)
    return True


def _cancel(wiring: Wiring, subscription_id: str) -> bool:
    """Whether the gateway knows the subscription."""
    with refusals():
        if gateway_of(wiring).subscription_facts(subscription_id) is None:
            return False
        gateway_of(wiring).cancel(subscription_id)
    hear_standing(wiring, subscription_id)
    return True
