"""What becomes of each table's rows when a deleted workspace is purged; a test wants every table of the product in one of the lists."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlmodel import SQLModel

import models as m

OF_RUNS: tuple[type[SQLModel], ...] = (m.RunEvent, m.Step, m.EffectRecord, m.BudgetHold)
"""Destroyed with the runs that they name: they have no workspace of their own."""

PURGED: tuple[type[SQLModel], ...] = (
    m.SignalWait, m.UsageRecord, m.Approval, m.Signal,
    m.WebhookAttempt, m.WebhookMessage, m.WebhookEndpoint,
    m.RuleFire, m.Fact, m.EventRule,
    m.ScheduleFire, m.ScheduleChange, m.Schedule,
    m.WebhookDelivery, m.Webhook,
    m.ChatMessage, m.Run, m.Plan, m.Conversation, m.Budget,
    m.WorkflowTest, m.NodePin, m.WorkflowEdit, m.WorkflowVersion,
    m.Coupon, m.Creator, m.ModerationCase, m.Install, m.Workflow, m.AgentVersion, m.Agent, m.ResourceGrant,
    m.Credential, m.Invitation, m.ApiKey, m.KeptAnswer, m.ModelPolicy, m.PlanUsage, m.WorkspacePlan,
    m.WorkspaceIdentity, m.SignInDomain, m.WorkspaceSignIn,
    m.AuditEntry, m.AuditHead, m.Membership, m.ClosedMembership,
)  # fmt: skip
"""Destroyed whole, in this order: what names others goes before them."""

RELIED_ON: Mapping[type[SQLModel], str] = MappingProxyType(
    {
        m.Listing: "of those that other workspaces installed or ordered; all others go",
        m.ListingVersion: "what buyers have installed, pinned and can update from",
        m.ListingFee: "what share of those listings' sales was agreed on",
        m.Picture: "those of listings that stay, which their buyers' pages show",
    }
)
"""Kept as far as others rely on them."""

KEPT: Mapping[type[SQLModel], str] = MappingProxyType(
    {
        m.Purchase: "a record of money",
        m.Receipt: "a record of money, numbered without gaps",
        m.Subscription: "a record of money",
        m.Invoice: "a record of money",
        m.Payout: "a record of money",
        m.PayoutAccount: "where payouts went",
        m.BankPayout: "a record of money",
        m.CouponUse: "which order had which discount; a code is good for a person once",
        m.Review: "a person's word about somebody else's listing, which its stars are made of",
    }
)
"""Kept whole, with a workspace row without its name for the foreign keys."""

NOT_ITS_OWN: Mapping[type[SQLModel], str] = MappingProxyType(
    {
        m.Workspace: "goes last, or stays without its name for what is kept",
        m.User: "a person's, as everything about accounts",
        m.UserSession: "a person's; those that opened nothing but this workspace go with it",
        m.AccountTicket: "a person's, no workspace's",
        m.RecoveryCode: "a person's, no workspace's",
        m.LetterStop: "a person's, no workspace's",
        m.PendingAccount: "a person's, no workspace's",
        m.ExternalIdentity: "a person's, no workspace's",
        m.SignInAttempt: "a person's, no workspace's",
        m.RefreshToken: "a person's, no workspace's",
        m.Mail: "a letter to a person, emptied once it is sent, and gone two weeks later",
        m.Outbox: "doorbells of runs, gone when a worker has heard them; those of its runs go with them",
        m.LedgerEntry: "the books, which are never changed",
        m.PlanDefault: "the installation's",
        m.PaymentEvent: "what the gateway has told, by its own ids",
        m.LocalPayment: "the test gateway's own memory",
        m.LocalSubscription: "the test gateway's own memory",
        m.DocumentSeries: "the installation's numbers of documents",
        m.ReviewLetter: "about a listing and a person; goes with the listing",
        m.ReviewCase: "about a review, and goes with it",
        m.ReviewVote: "about a review and a person",
        m.Release: "who was told of a version; goes with its listing",
        m.ListingWord: "the search index; its listings' words go with them",
        m.SearchBlock: "the search index, in bits",
        m.SearchTypo: "the search index: words, of whichever listing",
        m.WatchPeriod: "when workers looked, of the installation",
    }
)
"""Rows that belong to no workspace."""
