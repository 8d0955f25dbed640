"""What several settings pages say in the same words."""

from app.views.accounts import AccountDetail

DEMO = "This is the shared demo account. Create an account of your own to set a password or a second factor."


def why_closed(account: AccountDetail) -> str:
    """Why the account cannot be changed here and now, or ""."""
    if not account.managed_by:
        return DEMO if account.is_demo else ""
    inside = f"You came in through {account.managed_by}, which opens this workspace and nothing else of your account."
    return f"{inside} To change the account itself, sign out, then sign in in a way of your own."
