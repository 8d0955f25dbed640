"""The attack surface, derived from the code: every public service with its policy, so that a new one without a policy fails."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import app.services

Service = Callable[..., Any]

# Anyone may call these: they are how one gets a session, or tell nothing that belongs to a workspace.
PUBLIC = frozenset(
    {
        "accounts.begin_account",
        "accounts.find_pending",
        "accounts.finish_account",  # the link of a letter and the password are what they show
        "accounts.begin_external",  # an attempt of a visitor; to link it asks for a session
        "accounts.check_reset",
        # Whoever calls the API proves who it is with these.
        "access.note_key_use",
        "access.open_token_session",
        "access.refresh_tokens",
        "access.resolve_caller",
        "accounts.check_sign_up",
        "accounts.create_account",
        "accounts.find_credentials",
        "accounts.enter_external",
        "accounts.find_demo_account",
        "accounts.has_demo_account",
        "accounts.note_code_attempt",
        "accounts.note_refused_code",
        "accounts.note_refused_sign_in",
        "accounts.open_second_factor",
        "accounts.open_session",
        "accounts.pass_second_factor",
        "accounts.replace_weak_hash",
        "accounts.request_password_reset",
        "accounts.reset_password",
        "accounts.resolve_actor",
        "accounts.sign_out",
        "accounts.take_attempt",
        "accounts.verify_email",
        "letters.find_letters",  # the link of a letter is what they show
        "letters.stop_letters",
        "mail.list_outbox",  # exists in development only
        "members.get_invitation",  # the link is what they show
        "market.seed_market",
        "payments.take_event",  # the gateway calls it; the edge has checked the signature
        "seed.seed_demo",
        # A workspace's own provider: its door tells its name, and what the provider says is proved by the exchange.
        "sign_ins.enter_workspace",
        "sign_ins.find_door",
        "sign_ins.open_provider",
        # The callers of webhooks have no session: the address, a signature or a ticket is what they show.
        "webhooks.accept_request",
        "webhooks.find_target",
        "webhooks.make_ticket",
        "webhooks.note_refusal",
        "webhooks.note_reply",
        "webhooks.read_reply",
        "webhooks.read_ticket",
    }
)
# What changes only the person's own session or a workspace of their own; a role elsewhere does not matter.
OWN_AFFAIRS = frozenset(
    {
        "accounts.begin_totp",
        "accounts.change_password",
        "accounts.count_recovery_codes",
        "accounts.disable_totp",
        "accounts.enable_totp",
        "accounts.link_external",
        "accounts.rename_myself",
        "accounts.renew_recovery_codes",
        "access.create_api_key",
        "access.end_token_session",
        "access.keep_answer",
        "access.revoke_api_key",
        "accounts.revoke_other_sessions",
        "accounts.revoke_session",
        "accounts.send_verification",
        "accounts.switch_workspace",
        "accounts.touch_session",
        "accounts.unlink_external",
        "closing.begin_account_deletion",
        "closing.delete_account",
        "closing.restore_workspace",
        "letters.choose_letters",
        "members.accept_invitation",
        "members.decline_invitation",
        "members.leave_workspace",
        "workspaces.create_workspace",
    }
)
# Of these, what stays in the workspace whose own provider somebody came in through; that provider's word goes no further.
INSIDE = frozenset(
    {
        "access.create_api_key",
        "access.keep_answer",
        "access.revoke_api_key",
        "accounts.revoke_other_sessions",
        "accounts.revoke_session",
        "accounts.touch_session",
        "members.leave_workspace",
    }
)
# Where the marketplace is public, visitors may call these; elsewhere they ask for a session like all others.
VISITORS = frozenset(
    f"market.{name}"
    for name in (
        "find_listings", "get_address_parts", "get_creator", "get_desk", "get_listing", "get_picture", "get_reviews", "get_trial",
        "get_listing_count", "list_addresses", "list_categories", "list_shelves", "note_view", "start_trial",
    )
)  # fmt: skip
READING = ("list_", "get_", "read_", "find_", "check_", "describe_", "explain_", "compare_", "changes_since", "blank_")
VIEWS = frozenset({"home.shell_view", "home.palette_entries", "home.home_view", "home.getting_started"})
# Steps of other services, called with rows that a service has checked; no edge may call them (tests/attacks holds that).
INNER = frozenset(
    {
        "acting.find_owner",
        "blueprints.bring_agent",
        "blueprints.bring_workflow",
        "blueprints.import_bundle",
        "blueprints.plan_agents",
        "blueprints.preview_bundle",
        "called.gather_called",
        "closing.purge_some",  # workers call these two
        "closing.stop_strays",
        "called.tree_of_workspace",
        "operators.is_operator",
        "operators.require_operator",
        "origins.read_origins",
        "credentials.note_use",
        "credentials.reveal_for_model",
        "credentials.reveal_for_request",
        "definitions.judge_workflow",
        "sealed.missing_models",
        "sealed.open_installed",
        "sealed.stored_face",
        "definitions.agent_names",
        "definitions.as_told",
        "definitions.load_agents",
        "definitions.load_credential_names",
        "letters.tell_author",
        "letters.tell_booked",
        "letters.tell_inquiry",
        "letters.tell_lost",
        "letters.tell_sellers",
        "letters.tell_updates",
        "letters.tell_shared",
        "letters.token_of",
        "mail.claim_mail",
        "mail.find_reader",
        "mail.note_not_sent",
        "mail.forget_letters",
        "mail.note_sent",
        "mail.queue_mail",
        "payments.apply_facts",
        "payments.take_bank_news",
        "plans.allow_agent",
        "plans.allow_agents",
        "plans.count_task",
        "plans.tell_lacking_room",
        "rules.deliver_fact",
        "rules.give_up_fact",
        "rented.refuse_lapsed",
        "runs.request_cancel",
        "schedules.fire_schedule",
        "schedules.note_broken",
        "schedules.start_queued",
        "subscriptions.apply_subscription",
        "subscriptions.deserted_subscription",
        "subscriptions.due_subscriptions",
        "subscriptions.lost_subscription",
        "subscriptions.stop_looking",
        "subscriptions.tell_last_month",
        "workflows.find_problems",
        "workflows.load_workflow",
        "workflows.usable_pins",
    }
)

CONSOLE = frozenset(
    {"audit.verify_chain", "operators.find_operator", "plans.list_plans", "plans.set_plan"}
)  # only for who has a shell on the machine


def services() -> dict[str, Service]:
    """`area.name` -> function, for every public function of the service packages that takes a unit of work first."""
    found: dict[str, Service] = {}
    for area in pkgutil.iter_modules(app.services.__path__):
        for module in _modules(f"app.services.{area.name}"):
            found.update({f"{area.name}.{name}": function for name, function in _functions(module)})
    return found


def _modules(name: str) -> Iterator[ModuleType]:
    """The area, and its files where it does not say itself what it offers."""
    module = importlib.import_module(name)
    yield module
    if not hasattr(module, "__all__"):
        for file in pkgutil.iter_modules(getattr(module, "__path__", [])):
            yield importlib.import_module(f"{name}.{file.name}")


def _functions(module: ModuleType) -> Iterator[tuple[str, Service]]:
    exported = getattr(module, "__all__", None)
    for name, member in inspect.getmembers(module, inspect.isfunction):
        is_public = name in exported if exported is not None else member.__module__ == module.__name__ and not name.startswith("_")
        if is_public and next(iter(inspect.signature(member).parameters), "") == "uow":
            yield name, member


def outer() -> list[str]:
    """The services that an edge may call for a person."""
    return sorted(set(services()) - PUBLIC - INNER - CONSOLE)


def readers() -> list[str]:
    """Those a viewer may call."""
    return [name for name in outer() if name in VIEWS or name.split(".")[1].startswith(READING)]


def writers() -> list[str]:
    """Those that need more than looking."""
    return [name for name in outer() if name not in readers() and name not in OWN_AFFAIRS]


def needed_arguments(service: Service) -> list[str]:
    """The names of the arguments without a default, after the unit of work."""
    parameters = list(inspect.signature(service).parameters.values())[1:]
    return [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]


def untrusted_arguments(service: Service) -> list[str]:
    """The arguments that come as a client sent them: their annotation promises nothing (`object`)."""
    parameters = list(inspect.signature(service).parameters.values())[1:]
    return [parameter.name for parameter in parameters if "object" in str(parameter.annotation)]
