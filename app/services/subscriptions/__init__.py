"""What workspaces pay month by month: orders, changes, invoices. Edges call the gateway between units of work, services never."""

from app.services.subscriptions.changing import PlanChange, describe_change, plan_change
from app.services.subscriptions.ordering import PlanOrder, note_plan_checkout, place_plan_order
from app.services.subscriptions.reading import get_billing, get_invoice, get_payable, list_invoices
from app.services.subscriptions.settling import apply_subscription, due_subscriptions

__all__ = [
    "PlanChange",
    "PlanOrder",
    "apply_subscription",
    "describe_change",
    "due_subscriptions",
    "get_billing",
    "get_invoice",
    "get_payable",
    "list_invoices",
    "note_plan_checkout",
    "place_plan_order",
    "plan_change",
]
