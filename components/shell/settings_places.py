"""The pages of the settings, in the order of their navigation: the side list, its menu on phones and the palette read them.

A new settings page is one line here, a page that returns `settings_page(...)` of components/shell, and a line in `pages/__init__.py`.
"""

from dataclasses import dataclass

YOU = "Your account"
WORKSPACE = "Workspace"
GROUPS = (YOU, WORKSPACE)


@dataclass(frozen=True, slots=True)
class SettingsPlace:
    """One page of the settings. `keys` are words the palette also finds it by."""

    key: str
    group: str
    label: str
    href: str
    icon: str
    keys: str
    is_of_plans: bool = False  # only where the installation has plans, and for operators, who turn them on


SETTINGS: tuple[SettingsPlace, ...] = (
    SettingsPlace("profile", YOU, "Profile", "/settings", "user", "Your name, e-mail address"),
    SettingsPlace("security", YOU, "Security", "/settings/security", "lock", "Password, two-factor sign-in, recovery codes"),
    SettingsPlace("sessions", YOU, "Sessions", "/settings/sessions", "monitor_smartphone", "Where you are signed in"),
    SettingsPlace("letters", YOU, "Notifications", "/settings/letters", "bell", "Letters, e-mail, sales, reviews, payouts"),
    SettingsPlace("keys", YOU, "API keys", "/settings/keys", "key_round", "API keys for programs, tokens, scopes"),
    SettingsPlace("workspace", WORKSPACE, "General", "/settings/workspace", "building_2", "Name of the workspace, new workspace"),
    SettingsPlace("members", WORKSPACE, "Members", "/settings/members", "users", "People, roles, remove, leave, hand over"),
    SettingsPlace("invitations", WORKSPACE, "Invitations", "/settings/invitations", "mail", "Invite people by e-mail or link"),
    SettingsPlace("roles", WORKSPACE, "Roles", "/settings/roles", "shield_check", "What each role may do"),
    SettingsPlace("sign-in", WORKSPACE, "Sign-in", "/settings/sign-in", "fingerprint", "Single sign-on, SSO, OpenID Connect, domains"),
    SettingsPlace(
        "budgets", WORKSPACE, "Budgets and models", "/settings/budgets", "wallet", "Limits of money, tokens, time, steps; fallbacks; rates"
    ),
    SettingsPlace("usage", WORKSPACE, "Usage", "/settings/usage", "chart_column", "Tokens, cost, model calls, runs by month"),
    SettingsPlace("plan", WORKSPACE, "Plan", "/settings/plan", "gauge", "Plan, tasks of the month, limits", is_of_plans=True),
    SettingsPlace("credentials", WORKSPACE, "Credentials", "/settings/credentials", "vault", "API keys, secrets, model providers"),
    SettingsPlace(
        "connections",
        WORKSPACE,
        "Connections",
        "/settings/connections",
        "cable",
        "Connected services, integrations, providers, webhooks, payouts",
    ),
    SettingsPlace("audit", WORKSPACE, "Audit", "/settings/audit", "scroll_text", "Who did what, log, export"),
)


def places_of(group: str) -> tuple[SettingsPlace, ...]:
    """The pages of one group."""
    return tuple(place for place in SETTINGS if place.group == group)
