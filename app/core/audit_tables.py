"""Which tables the audit trail follows, by which columns, and why the others are left out; a test wants every table in one of the lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import SQLModel

import models as m


@dataclass(frozen=True, slots=True)
class Audited:
    """A table as the trail tells of it. `columns` are told with their values, `hidden` only that they changed."""

    kind: str
    columns: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    label: str = "name"
    unnamed: str = ""  # what a row without a label is called
    person: str = ""  # the column with the user that the row is about; their name is told beside the label
    is_personal: bool = False  # about an account as such: told in every workspace of that person


AUDITED: Mapping[type[SQLModel], Audited] = {
    m.Agent: Audited("agent", ("name", "role", "model", "version", "slug", "sharing", "owner_id", "deleted_at")),
    m.ApiKey: Audited("API key", ("name", "prefix", "scopes", "expires_at", "revoked_at"), person="user_id"),
    m.BankPayout: Audited("bank payout", ("amount_cents", "currency", "state", "reason", "sent_again_as"), label=""),
    m.Budget: Audited("budget", ("scope", "subject", "period", "cap_micros", "cap_tokens", "cap_ms", "cap_steps"), label="scope"),
    m.Coupon: Audited(
        "coupon",
        ("code", "listing_id", "percent", "amount_cents", "currency", "most_uses", "months", "starts_at", "expires_at", "is_active"),
        label="code",
    ),
    m.Creator: Audited("creator profile", ("name", "about", "website", "picture_id", "cleared_reason"), unnamed="the workspace's own name"),
    m.Credential: Audited(
        "credential",
        ("name", "kind", "provider", "public", "hosts", "description", "test_url", "expires_at", "version", "test_ok"),
        hidden=("sealed",),
    ),
    m.EventRule: Audited("event rule", ("name", "workflow_id", "kind", "condition", "is_enabled", "disabled_reason", "deleted_at")),
    m.ExternalIdentity: Audited(
        "linked sign-in", ("provider", "issuer", "subject", "label"), label="label", person="user_id", is_personal=True
    ),
    m.Install: Audited("install", ("listing_id", "version_id"), label=""),
    m.Invitation: Audited(
        "invitation", ("email", "role", "expires_at", "accepted_at", "revoked_at"), label="email", unnamed="anyone with the link"
    ),
    m.Invoice: Audited("invoice", ("state", "total_cents", "paid_cents", "refunded_cents", "is_lost", "currency", "mode"), label="number"),
    m.Listing: Audited("listing", ("slug", "name", "state", "reason", "price_cents", "currency", "version_id", "is_featured")),
    m.ListingFee: Audited("listing fee", ("listing_id", "fee_bps", "starts_at"), label=""),
    m.Membership: Audited("member", ("role",), label="", person="user_id"),
    m.ModelPolicy: Audited("model policy", ("fallback_models", "rates"), label=""),
    m.ModerationCase: Audited("moderation case", ("listing_id", "version_id", "kind", "state", "reason", "appeal"), label="kind"),
    m.Payout: Audited("payout", ("amount_cents", "currency", "mode", "account_id", "state", "reason"), label=""),
    m.PayoutAccount: Audited("payout account", ("account_id", "mode", "is_ready"), label=""),
    m.Purchase: Audited(
        "purchase",
        ("listing_id", "amount_cents", "discount_cents", "coupon_code", "tax_cents", "currency", "mode", "state", "refunded_cents"),
        label="title",
    ),
    m.ResourceGrant: Audited("share", ("kind", "resource_id", "access"), label="", person="user_id"),
    m.Schedule: Audited("schedule", ("name", "workflow_id", "wording", "time_zone", "is_enabled", "disabled_reason", "deleted_at")),
    m.SignInDomain: Audited("sign-in domain", ("domain", "confirmed_at"), label="domain"),
    m.Subscription: Audited(
        "subscription", ("price_key", "amount_cents", "currency", "mode", "state", "next_price_key", "is_cancelled"), label="title"
    ),
    m.User: Audited(
        "account",
        ("name", "email", "email_verified_at", "totp_since", "disabled_at", "deleted_at"),
        hidden=("password_hash", "totp_sealed"),
        person="id",
        is_personal=True,
    ),
    m.UserSession: Audited("session", ("workspace_id", "confined_to", "revoked_at"), label="user_agent", person="user_id"),
    m.Webhook: Audited(
        "webhook",
        ("name", "workflow_id", "methods", "auth", "auth_header", "reply", "input_mode", "rate_per_minute", "is_paused", "deleted_at"),
        hidden=("token_hash", "secrets"),
    ),
    m.WebhookEndpoint: Audited("endpoint", ("name", "url", "events", "workflow_ids", "state", "deleted_at"), hidden=("secrets",)),
    m.Workflow: Audited("workflow", ("name", "description", "sharing", "owner_id", "deleted_at")),
    m.Workspace: Audited("workspace", ("name", "closed_at", "purge_at")),
    m.WorkspaceIdentity: Audited("workspace sign-in of a person", ("subject", "label"), label="label", person="user_id"),
    m.WorkspaceSignIn: Audited(
        "workspace sign-in",
        ("name", "issuer", "client_id", "default_role", "believes_email", "is_enabled", "is_required"),
        hidden=("sealed",),
    ),
    m.WorkspacePlan: Audited("plan", ("plan", "bought_plan", "bought_until"), label="plan", unnamed="the plan of everybody"),
}
_OWN_LOG = "it is itself the record of what happened, with who and when, and is kept with its run or message"
EXEMPT: Mapping[type[SQLModel], str] = {
    m.AccountTicket: "a step of signing in or of a reset, told by the account or session that it changes",
    m.AgentVersion: "told by its agent, whose version number rises with it",
    m.Approval: "its decision is recorded by decide_approval",
    m.AuditEntry: "the trail itself",
    m.AuditHead: "the trail itself; a change of the retention is recorded by set_retention",
    m.BudgetHold: _OWN_LOG,
    m.ChatMessage: "what people say to agents is theirs",
    m.ClosedMembership: "who was a member when the workspace was deleted, told by the memberships that ended",
    m.Conversation: "what people say to agents is theirs",
    m.CouponUse: "told by its order, which names the code",
    m.DocumentSeries: "the number that a document got last",
    m.EffectRecord: _OWN_LOG,
    m.Fact: _OWN_LOG,
    m.KeptAnswer: "what an API call was answered, kept for its repetition",
    m.LedgerEntry: "the books: append-only and balanced by themselves",
    m.LetterStop: "which letters somebody gets, recorded where they choose it",
    m.ListingVersion: "told by its listing, which names it",
    m.ListingWord: "the search index of listings",
    m.LocalPayment: "told by its purchase",
    m.LocalSubscription: "told by its subscription and invoices",
    m.Mail: "sent by the product, for something that is told itself",
    m.NodePin: "a value for trying a workflow out",
    m.Outbox: "doorbells of runs",
    m.PaymentEvent: _OWN_LOG,
    m.PendingAccount: "a sign-up that waits for its letter, told by the account that it becomes",
    m.Picture: "its upload is recorded; what is shown is told by the listing and the case",
    m.Plan: "what a run executes; it never changes",
    m.PlanDefault: "a change is recorded by the service that makes it",
    m.PlanUsage: "a count of runs, which are told themselves",
    m.Receipt: "told by the purchase that it documents",
    m.RecoveryCode: "making and using them is recorded by the services of the second factor",
    m.RefreshToken: "told by the session that it prolongs",
    m.Release: "how far those who have a listing were told of a version; the listing tells of the version",
    m.Review: "public, with its author and its day; the market keeps it",
    m.ReviewCase: "each decision and the appeal are recorded by the services that make them",
    m.ReviewLetter: "when a letter about a review was last queued",
    m.ReviewVote: "whether a review helped somebody",
    m.RuleFire: _OWN_LOG,
    m.Run: "the run is the record: who started it, when, with which inputs; cancelling is recorded",
    m.RunEvent: _OWN_LOG,
    m.ScheduleChange: _OWN_LOG,
    m.ScheduleFire: _OWN_LOG,
    m.SearchBlock: "the search index of listings",
    m.SearchTypo: "the search index of listings",
    m.SignInAttempt: "a step of signing in, told by the session that it ends in",
    m.Signal: _OWN_LOG,
    m.SignalWait: _OWN_LOG,
    m.Step: _OWN_LOG,
    m.UsageRecord: _OWN_LOG,
    m.WatchPeriod: _OWN_LOG,
    m.WebhookAttempt: _OWN_LOG,
    m.WebhookDelivery: _OWN_LOG,
    m.WebhookMessage: _OWN_LOG,
    m.WorkflowEdit: "the history of the workflow tells every edit with its author",
    m.WorkflowTest: "a sample for trying a workflow out",
    m.WorkflowVersion: "the history of the workflow tells every version with its author",
}
PAST_THE_TRAIL: Mapping[str, str] = {
    "market.filing.file_listing": "where the search index has a listing; the change itself is told",
    "access.callers.note_key_use": "when a key was last used; what was done with it is told itself",
    "accounts.passwords._set": "the sessions end with the password, whose change is told",
    "accounts.second_factor._take_code": "the step of the last code, so that none is taken twice",
    "budgets.answering.raise_budget": "an answer to a question, recorded by decide_approval",
    "budgets.settling._add_all": "running sums of what was used",
    "closing.purging._delete": "the purge of a deleted workspace, which takes its trail along",
    "closing.purging._delete_runs": "the same, of what hangs on its runs",
    "closing.purging._end": "the same, of the workspace's own row",
    "closing.purging._write": "that the purge began, and the name that is taken away at its end",
    "closing.workspaces._dismiss": "where the sessions go, told by the memberships that end",
    "coupons.redeeming._count": "a use that comes back or counts after all, told by its order",
    "coupons.redeeming.hold": "a use of a coupon, told by the order that holds it",
    "market.reading.note_view": "a count of visitors",
    "market.reviews._add_vote": "whether a review helped somebody, and how many say so",
    "market.trying._open_sandbox": "the workspace of nobody that trials run in",
    "market.trying.start_trial": "a count of trials; nobody's workspace is concerned",
    "market.words._insert": "the search index of listings",
    "members.accepting._use": "told by the membership that it makes",
    "members.changing._take_out": "where the sessions go, told by the membership that ends",
    "plans.counting.open_row": "an empty row to count under",
    "schedules.holding.hold_schedules": "they stand still while their workspace is deleted, which is told",
    "webhooks.receiving._delivery": "the sample of the last request, which its delivery keeps",
    "webhooks.receiving.note_refusal": "the end of listening for a sample",
}
"""Functions of the services that write followed tables by statements of their own, which the recorder does not see, and why that
needs no telling. tests/architecture/test_audit.py walks every service and fails for any other."""


def audited_of(row: object) -> Audited | None:
    """How the trail tells of a row, or None."""
    return AUDITED.get(type(row))  # type: ignore[arg-type] - any other type is not in it
