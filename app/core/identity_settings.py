"""The ways to sign in elsewhere, as the environment says; read by app.core.config with the other settings."""

from typing import Protocol
from urllib.parse import urlsplit

from app.core.ports import ProviderSettings

GITHUB = "https://github.com"
CLIENTS = {
    "google": ("AF_GOOGLE_CLIENT_ID", "AF_GOOGLE_CLIENT_SECRET"),
    "microsoft": ("AF_MICROSOFT_CLIENT_ID", "AF_MICROSOFT_CLIENT_SECRET"),
    "github": ("AF_GITHUB_CLIENT_ID", "AF_GITHUB_CLIENT_SECRET"),
    "oidc": ("AF_OIDC_CLIENT_ID", "AF_OIDC_CLIENT_SECRET"),
}
MANY_TENANTS = ("common", "consumers", "organizations")


class Reader(Protocol):
    """Reads variables and gathers what is wrong with them."""

    problems: list[str]

    def text(self, name: str, default: str = "") -> str:
        """What a variable says."""
        ...

    def flag(self, name: str, default: bool) -> bool:
        """Whether a variable says yes."""
        ...


def read_identity_providers(read: Reader, environment: str) -> tuple[ProviderSettings, ...]:
    """Those that are set up. Microsoft's word on addresses is not believed: its tenants may write any into an account."""
    ids = {key: _client(read, *names) for key, names in CLIENTS.items()}
    tenant, issuer = read.text("AF_MICROSOFT_TENANT"), read.text("AF_OIDC_ISSUER")
    github = read.text("AF_GITHUB_URL", GITHUB).rstrip("/")
    if ids["microsoft"] and (not tenant or tenant in MANY_TENANTS or "/" in tenant):
        read.problems.append(f"AF_MICROSOFT_TENANT must be the id of your directory, not {tenant!r}: any other's accounts could sign in.")
    if ids["oidc"]:
        _check_address(read, "AF_OIDC_ISSUER", issuer, environment)
    if ids["github"]:
        _check_address(read, "AF_GITHUB_URL", github, environment)
    is_private = read.flag("AF_OIDC_PRIVATE_NETWORK", False)
    known = (
        ("google", "Google", "https://accounts.google.com", True),
        ("microsoft", "Microsoft", f"https://login.microsoftonline.com/{tenant}/v2.0", False),
        ("github", "GitHub", github, True),
        ("oidc", read.text("AF_OIDC_NAME", "Single sign-on")[:60], issuer, True),
    )
    return tuple(
        ProviderSettings(key, label, where, *pair, is_github=key == "github", trusts_email=trusts, is_private=is_private and key == "oidc")
        for key, label, where, trusts in known
        if (pair := ids[key])
    )


def _client(read: Reader, id_name: str, secret_name: str) -> tuple[str, str] | None:
    client_id, secret = read.text(id_name), read.text(secret_name)
    if bool(client_id) != bool(secret):
        read.problems.append(f"{id_name} and {secret_name} must be set together.")
    return (client_id, secret) if client_id and secret else None


def _check_address(read: Reader, name: str, address: str, environment: str) -> None:
    """Addresses are compared letter by letter, so they are kept as written; what signs people in comes over TLS in production."""
    schemes = ("https",) if environment == "production" else ("https", "http")
    if urlsplit(address).scheme not in schemes or not urlsplit(address).hostname:
        read.problems.append(f"{name} must start with https://, not {address!r}.")
