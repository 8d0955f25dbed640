"""The explicit list of pages; app.app adds each one and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex_base.utils.format import format_event_handler

from app.session import SessionState
from pages.agent.budget_state import AgentBudgetState
from pages.agent.chat_state import AgentChatState
from pages.agent.form_state import AgentFormState
from pages.agent.model_state import AgentModelState
from pages.agent.page import agent_page
from pages.agent.schema_state import AgentSchemaState
from pages.agents.page import agents_page
from pages.agents.state import AgentsState
from pages.approvals.page import approvals_page
from pages.approvals.state import ApprovalsState
from pages.compare.page import compare_page
from pages.compare.state import CompareState
from pages.creator.page import creator_page
from pages.creator.state import CreatorState
from pages.endpoint.log_state import EndpointLogState
from pages.endpoint.page import endpoint_page
from pages.endpoint.settings_state import EndpointSettingsState
from pages.endpoint.state import EndpointState
from pages.endpoints.page import endpoints_page
from pages.endpoints.state import EndpointsState
from pages.event_rule.page import event_rule_page
from pages.event_rule.state import EventRuleState
from pages.forgot_password.page import forgot_password_page
from pages.forgot_password.state import LinkState
from pages.home.page import home_page
from pages.home.state import HomeState
from pages.invite.page import invite_page
from pages.invite.state import InviteState
from pages.marketplace.page import marketplace_page
from pages.marketplace.state import MarketState
from pages.moderation.page import case_page, moderation_page
from pages.moderation.reviews_state import ReportedState
from pages.moderation.state import CaseState, ModerationState
from pages.not_found.page import not_found_page
from pages.offer.ask_state import AskState
from pages.offer.page import offer_page
from pages.offer.review_state import ReviewsState
from pages.offer.state import OfferState
from pages.offer.try_state import OF_A_TRIAL, TryState
from pages.offer.update_state import UpdateState
from pages.outbox.page import outbox_page
from pages.outbox.state import OutboxState
from pages.platform.page import platform_page
from pages.platform.state import FeeState, ReportState
from pages.purchases.page import payment_page, purchase_page, purchases_page
from pages.purchases.payment_state import PaymentState
from pages.purchases.state import PurchasesState, PurchaseState
from pages.reset_password.page import reset_password_page
from pages.run.page import run_page
from pages.run.signal_state import SignalState
from pages.run.state import RunState
from pages.runs.page import runs_page
from pages.runs.state import RunsState
from pages.schedule.form_page import schedule_form_page
from pages.schedule.form_state import ScheduleFormState
from pages.schedule.page import schedule_page
from pages.schedule.state import ScheduleState
from pages.sell.page import SELL_LOADS, sell_page
from pages.sell.publish_page import publish_page
from pages.sell.publish_state import PublishState
from pages.settings.audit_page import audit_page
from pages.settings.audit_state import AuditState
from pages.settings.budgets_page import budgets_page
from pages.settings.budgets_state import BudgetsState
from pages.settings.connections_page import connections_page
from pages.settings.connections_state import ConnectionsState
from pages.settings.credentials_page import credentials_page
from pages.settings.credentials_state import CredentialsState
from pages.settings.deletion_state import DeletionState
from pages.settings.everybodys_plan_state import EverybodysPlanState
from pages.settings.invitations_page import invitations_page
from pages.settings.invitations_state import InvitationsState
from pages.settings.keys_page import keys_page
from pages.settings.keys_state import KeysState
from pages.settings.letters_page import letters_page
from pages.settings.letters_state import LettersState
from pages.settings.linked_state import LinkedState
from pages.settings.members_page import members_page
from pages.settings.members_state import MembersState
from pages.settings.memberships_state import MembershipsState
from pages.settings.plan_page import plan_page
from pages.settings.plan_state import PlanState
from pages.settings.profile_page import profile_page
from pages.settings.profile_state import ProfileState
from pages.settings.roles_page import roles_page
from pages.settings.roles_state import RolesState
from pages.settings.security_page import security_page
from pages.settings.security_state import SecurityState
from pages.settings.sessions_page import sessions_page
from pages.settings.sessions_state import SessionsState
from pages.settings.sign_in_page import workspace_sign_in_page
from pages.settings.sign_in_state import WorkspaceSignInState
from pages.settings.usage_page import usage_page
from pages.settings.usage_state import UsageState
from pages.settings.workspace_page import workspace_page
from pages.settings.workspace_state import WorkspaceState
from pages.sharing.state import SharingState
from pages.sign_in.code_page import code_page
from pages.sign_in.page import sign_in_page
from pages.sign_in.state import DoorState
from pages.sign_up.finish_page import finish_sign_up_page
from pages.sign_up.page import sign_up_page
from pages.templates.page import templates_page
from pages.templates.state import TemplatesState
from pages.titles import going, named, of_run
from pages.trace.page import trace_page
from pages.trace.state import TraceState
from pages.triggers.calendar_page import calendar_page
from pages.triggers.calendar_state import CalendarState
from pages.triggers.page import schedules_page
from pages.triggers.rules_page import rules_page
from pages.triggers.rules_state import RulesState
from pages.triggers.state import SchedulesState
from pages.verify_email.page import verify_email_page
from pages.verify_email.state import VerifyState
from pages.webhook.listen_state import WebhookListenState
from pages.webhook.log_state import WebhookLogState
from pages.webhook.page import webhook_page
from pages.webhook.settings_state import WebhookSettingsState
from pages.webhook.state import WebhookState
from pages.webhooks.page import webhooks_page
from pages.webhooks.state import WebhooksState
from pages.workflow.inspector_state import InspectorState
from pages.workflow.lately_state import LatelyState
from pages.workflow.page import workflow_page
from pages.workflow.run_state import EditorRunState
from pages.workflow.state import EditorState
from pages.workflow.trial_state import TrialState
from pages.workflow_tests.page import workflow_tests_page
from pages.workflow_tests.state import WorkflowTestsState
from pages.workflows.import_state import ImportState
from pages.workflows.page import workflows_page
from pages.workflows.state import WorkflowsState
from pages.workspace_door.page import workspace_door_page
from pages.workspace_door.state import WorkspaceDoorState


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its route, the function that renders it, its title, and the events of its arrival."""

    route: str
    render: Callable[[], rx.Component]
    title: Any  # a text, or a Var of what the page shows
    on_load: Sequence[Any] = ()


PAGES: tuple[Page, ...] = (
    Page(route="/sign-in", render=sign_in_page, title="Sign in", on_load=(DoorState.load,)),
    Page(route="/sign-up", render=sign_up_page, title="Create your account", on_load=(DoorState.load,)),
    Page(route="/sign-up/finish", render=finish_sign_up_page, title="Finish your account", on_load=(LinkState.load,)),
    Page(route="/sign-in/workspace", render=workspace_door_page, title="Sign in with your company", on_load=(WorkspaceDoorState.load,)),
    Page(route="/sign-in/code", render=code_page, title="Enter your code", on_load=(LinkState.load,)),
    Page(route="/forgot-password", render=forgot_password_page, title="Forgot your password?", on_load=(LinkState.load,)),
    Page(route="/reset-password", render=reset_password_page, title="Choose a new password", on_load=(LinkState.load,)),
    Page(route="/verify-email", render=verify_email_page, title="Confirm your address", on_load=(VerifyState.load,)),
    Page(route="/invite", render=invite_page, title="Invitation", on_load=(InviteState.load,)),
    Page(route="/outbox", render=outbox_page, title="Outbox", on_load=(OutboxState.load,)),
    Page(route="/", render=home_page, title="Home", on_load=(SessionState.guard, HomeState.load, TemplatesState.load)),
    Page(route="/agents", render=agents_page, title="Agents", on_load=(SessionState.guard, AgentsState.load)),
    Page(
        route="/agents/[agent_id]",
        render=agent_page,
        title=named(AgentFormState.agent, "Agent"),
        on_load=(
            SessionState.guard,
            SharingState.forget,
            AgentFormState.load,
            AgentModelState.load,
            AgentSchemaState.load,
            AgentChatState.load,
            AgentBudgetState.load,
        ),
    ),
    Page(route="/templates", render=templates_page, title="Templates", on_load=(SessionState.guard, TemplatesState.load)),
    Page(route="/settings", render=profile_page, title="Profile", on_load=(SessionState.guard, ProfileState.load, MembershipsState.load)),
    Page(
        route="/settings/security",
        render=security_page,
        title="Security",
        on_load=(SessionState.guard, SecurityState.load, LinkedState.load),
    ),
    Page(route="/settings/sessions", render=sessions_page, title="Sessions", on_load=(SessionState.guard, SessionsState.load)),
    Page(route="/settings/keys", render=keys_page, title="API keys", on_load=(SessionState.guard, KeysState.load)),
    Page(route="/settings/budgets", render=budgets_page, title="Budgets and models", on_load=(SessionState.guard, BudgetsState.load)),
    Page(route="/settings/usage", render=usage_page, title="Usage", on_load=(SessionState.guard, UsageState.load)),
    Page(
        route="/settings/workspace",
        render=workspace_page,
        title="Workspace",
        on_load=(SessionState.guard, WorkspaceState.load, DeletionState.load),
    ),
    Page(
        route="/settings/sign-in",
        render=workspace_sign_in_page,
        title="Sign-in",
        on_load=(SessionState.guard, WorkspaceSignInState.load),
    ),
    Page(route="/settings/members", render=members_page, title="Members", on_load=(SessionState.guard, MembersState.load)),
    Page(route="/settings/invitations", render=invitations_page, title="Invitations", on_load=(SessionState.guard, InvitationsState.load)),
    Page(route="/settings/roles", render=roles_page, title="Roles", on_load=(SessionState.guard, RolesState.load)),
    Page(route="/runs", render=runs_page, title="Runs", on_load=(SessionState.guard, RunsState.load)),
    Page(route="/runs/compare", render=compare_page, title="Compare", on_load=(SessionState.guard, CompareState.load)),
    Page(
        route="/runs/[run_id]",
        render=run_page,
        title=of_run(RunState.run, "Run"),
        on_load=(SessionState.guard, RunState.load, SignalState.load),
    ),
    Page(
        route="/runs/[run_id]/trace",
        render=trace_page,
        title=of_run(RunState.run, "Trace"),
        on_load=(SessionState.guard, RunState.load, TraceState.load),
    ),
    Page(route="/triggers/webhooks", render=webhooks_page, title="Webhooks", on_load=(SessionState.guard, WebhooksState.load)),
    Page(
        route="/triggers/webhooks/[webhook_id]",
        render=webhook_page,
        title="Webhook",
        on_load=(SessionState.guard, WebhookState.load, WebhookLogState.open, WebhookListenState.open, WebhookSettingsState.open),
    ),
    Page(route="/triggers/outgoing", render=endpoints_page, title="Outgoing webhooks", on_load=(SessionState.guard, EndpointsState.load)),
    Page(
        route="/triggers/outgoing/[endpoint_id]",
        render=endpoint_page,
        title="Endpoint",
        on_load=(SessionState.guard, EndpointState.load, EndpointLogState.open, EndpointSettingsState.open),
    ),
    Page(route="/triggers", render=schedules_page, title="Triggers", on_load=(SessionState.guard, SchedulesState.load)),
    Page(route="/triggers/calendar", render=calendar_page, title="Calendar", on_load=(SessionState.guard, CalendarState.load)),
    Page(route="/triggers/events", render=rules_page, title="Events", on_load=(SessionState.guard, RulesState.load)),
    Page(route="/triggers/events/new", render=event_rule_page, title="New event rule", on_load=(SessionState.guard, EventRuleState.load)),
    Page(
        route="/triggers/events/[rule_id]",
        render=event_rule_page,
        title="Event rule",
        on_load=(SessionState.guard, EventRuleState.load),
    ),
    Page(
        route="/triggers/schedules/new",
        render=schedule_form_page,
        title="New schedule",
        on_load=(SessionState.guard, ScheduleFormState.load),
    ),
    Page(
        route="/triggers/schedules/[schedule_id]",
        render=schedule_page,
        title="Schedule",
        on_load=(SessionState.guard, ScheduleState.load),
    ),
    Page(
        route="/triggers/schedules/[schedule_id]/edit",
        render=schedule_form_page,
        title="Edit schedule",
        on_load=(SessionState.guard, ScheduleFormState.load),
    ),
    Page(route="/approvals", render=approvals_page, title="Approvals", on_load=(SessionState.guard, ApprovalsState.load)),
    Page(
        route="/workflows", render=workflows_page, title="Workflows", on_load=(SessionState.guard, ImportState.forget, WorkflowsState.load)
    ),
    Page(
        route="/workflows/[workflow_id]",
        render=workflow_page,
        title=going(EditorRunState.run, EditorState.title),
        on_load=(
            SessionState.guard,
            SharingState.forget,
            InspectorState.forget,
            EditorState.load,
            EditorRunState.forget,
            EditorRunState.resume,
            LatelyState.load,
            TrialState.load,
        ),
    ),
    Page(
        route="/workflows/[workflow_id]/tests",
        render=workflow_tests_page,
        title="Tests",
        on_load=(SessionState.guard, WorkflowTestsState.load),
    ),
    Page(route="/marketplace", render=marketplace_page, title="Marketplace", on_load=(SessionState.greet, MarketState.load)),
    Page(
        route="/marketplace/[slug]",
        render=offer_page,
        title=named(OfferState.card, "Listing"),
        on_load=(SessionState.greet, OfferState.load, AskState.forget, UpdateState.forget, TryState.load, ReviewsState.load),
    ),
    Page(
        route="/marketplace/moderation",
        render=moderation_page,
        title="Moderation",
        on_load=(SessionState.guard, ModerationState.load, ReportedState.load),
    ),
    Page(
        route="/marketplace/platform",
        render=platform_page,
        title="Platform",
        on_load=(SessionState.guard, ReportState.load, FeeState.load),
    ),
    Page(
        route="/marketplace/moderation/[case_id]",
        render=case_page,
        title="Moderation case",
        on_load=(SessionState.guard, CaseState.load),
    ),
    Page(
        route="/marketplace/creators/[creator_id]",
        render=creator_page,
        title=named(CreatorState.creator, "Creator"),
        on_load=(SessionState.greet, CreatorState.load),
    ),
    Page(
        route="/marketplace/sell",
        render=sell_page,
        title="Sell",
        on_load=(SessionState.guard, *SELL_LOADS),
    ),
    Page(
        route="/marketplace/publish/[workflow_id]",
        render=publish_page,
        title="Publish",
        on_load=(SessionState.guard, PublishState.load),
    ),
    Page(route="/purchases", render=purchases_page, title="Purchases", on_load=(SessionState.guard, PurchasesState.load)),
    Page(route="/purchases/[purchase_id]", render=purchase_page, title="Purchase", on_load=(SessionState.guard, PurchaseState.load)),
    Page(route="/pay/[checkout_id]", render=payment_page, title="Pay", on_load=(SessionState.guard, PaymentState.load)),
    Page(
        route="/settings/credentials",
        render=credentials_page,
        title="Credentials",
        on_load=(SessionState.guard, CredentialsState.load),
    ),
    Page(
        route="/settings/connections",
        render=connections_page,
        title="Connections",
        on_load=(SessionState.guard, ConnectionsState.load),
    ),
    Page(
        route="/settings/letters",
        render=letters_page,
        title="Notifications",
        on_load=(SessionState.guard, LettersState.load),
    ),
    Page(route="/settings/plan", render=plan_page, title="Plan", on_load=(SessionState.guard, PlanState.load, EverybodysPlanState.load)),
    Page(route="/settings/audit", render=audit_page, title="Audit", on_load=(SessionState.guard, AuditState.load)),
    Page(route="404", render=not_found_page, title="Nothing here"),
)

# What people may cause without a session where the marketplace is public: looking along it and back. Services decide what they see.
VISITOR_EVENTS: frozenset[str] = frozenset(
    format_event_handler(handler)
    for handler in (
        SessionState.greet,
        CreatorState.load,
        MarketState.load,
        MarketState.more,
        MarketState.choose,
        MarketState.set_search,
        MarketState.show_all,
        MarketState.toggle_need,
        OfferState.load,
        ReviewsState.load,
        AskState.forget,
        *OF_A_TRIAL,
        UpdateState.forget,
    )
)
# All that a visitor may cause; app.binding refuses every other event before it reaches its state.
PUBLIC_EVENTS: frozenset[str] = VISITOR_EVENTS | frozenset(
    format_event_handler(handler)
    for handler in (
        DoorState.load,
        InviteState.load,
        LinkState.load,
        OutboxState.load,
        SessionState.guard,
        VerifyState.load,
        WorkspaceDoorState.load,
    )
)
# With these a page reads what it shows, each through services, which ask again who is there.
LOADING_EVENTS: frozenset[str] = frozenset(format_event_handler(handler) for page in PAGES for handler in page.on_load)
