"""SQLModel tables; importing this package registers all of them with the metadata."""

from models.account import AccountTicket, LetterStop, Mail, PendingAccount, RecoveryCode, TicketPurpose
from models.agent import Agent, AgentVersion
from models.api_access import ApiKey, KeptAnswer, RefreshToken
from models.audit import AuditEntry, AuditHead
from models.budget import Budget, BudgetHold, ModelPolicy
from models.conversation import ChatMessage, Conversation
from models.coupon import Coupon, CouponUse
from models.creator import Creator
from models.credential import Credential
from models.endpoint import WebhookAttempt, WebhookEndpoint, WebhookMessage
from models.event_rule import EventRule, Fact, FactKind, RuleFire, RuleOutcome
from models.fee import ListingFee
from models.grant import Access, ResourceGrant, Sharing
from models.identity import ExternalIdentity, SignInAttempt
from models.invitation import Invitation
from models.ledger import LedgerEntry
from models.listing import Install, Listing, ListingVersion, ListingWord, Release, SearchBlock, SearchTypo
from models.moderation import ModerationCase, ReviewCase
from models.picture import Picture
from models.plan import PlanDefault, PlanUsage, WorkspacePlan
from models.purchase import BankPayout, LocalPayment, PaymentEvent, Payout, PayoutAccount, Purchase
from models.receipt import DocumentSeries, Receipt
from models.review import Review, ReviewLetter, ReviewVote
from models.run import Approval, EffectRecord, Outbox, Plan, Run, RunEvent, RunStatus, Step, StepStatus, UsageRecord
from models.schedule import FireOutcome, MissedPolicy, OverlapPolicy, Schedule, ScheduleChange, ScheduleFire, WatchPeriod
from models.sign_in import SignInDomain, WorkspaceIdentity, WorkspaceSignIn
from models.signal import Signal, SignalWait
from models.subscription import Invoice, LocalSubscription, Subscription
from models.user import User, UserSession
from models.webhook import Webhook, WebhookDelivery
from models.workflow import NodePin, Workflow, WorkflowEdit, WorkflowVersion
from models.workflow_test import WorkflowTest
from models.workspace import ClosedMembership, Membership, Role, Workspace

__all__ = [
    "Access",
    "AccountTicket",
    "Agent",
    "AgentVersion",
    "ApiKey",
    "Approval",
    "AuditEntry",
    "AuditHead",
    "BankPayout",
    "Budget",
    "BudgetHold",
    "ChatMessage",
    "ClosedMembership",
    "Conversation",
    "Coupon",
    "CouponUse",
    "Creator",
    "Credential",
    "DocumentSeries",
    "EffectRecord",
    "EventRule",
    "ExternalIdentity",
    "Fact",
    "FactKind",
    "FireOutcome",
    "Install",
    "Invitation",
    "Invoice",
    "KeptAnswer",
    "LedgerEntry",
    "LetterStop",
    "Listing",
    "ListingFee",
    "ListingVersion",
    "ListingWord",
    "LocalPayment",
    "LocalSubscription",
    "Mail",
    "Membership",
    "MissedPolicy",
    "ModelPolicy",
    "ModerationCase",
    "NodePin",
    "Outbox",
    "OverlapPolicy",
    "PaymentEvent",
    "Payout",
    "PayoutAccount",
    "PendingAccount",
    "Picture",
    "Plan",
    "PlanDefault",
    "PlanUsage",
    "Purchase",
    "Receipt",
    "RecoveryCode",
    "RefreshToken",
    "Release",
    "ResourceGrant",
    "Review",
    "ReviewCase",
    "ReviewLetter",
    "ReviewVote",
    "Role",
    "RuleFire",
    "RuleOutcome",
    "Run",
    "RunEvent",
    "RunStatus",
    "Schedule",
    "ScheduleChange",
    "ScheduleFire",
    "SearchBlock",
    "SearchTypo",
    "Sharing",
    "SignInAttempt",
    "SignInDomain",
    "Signal",
    "SignalWait",
    "Step",
    "StepStatus",
    "Subscription",
    "TicketPurpose",
    "UsageRecord",
    "User",
    "UserSession",
    "WatchPeriod",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
    "Workflow",
    "WorkflowEdit",
    "WorkflowTest",
    "WorkflowVersion",
    "Workspace",
    "WorkspaceIdentity",
    "WorkspacePlan",
    "WorkspaceSignIn",
]
