"""What workspaces pay month by month, for plans and listings. Edges call the gateway between units of work, services never."""

from app.services.subscriptions.changing import PlanChange, describe_change, note_change_refused, plan_change
from app.services.subscriptions.opening import PlanOrder
from app.services.subscriptions.ordering import note_plan_checkout, place_plan_order
from app.services.subscriptions.reading import get_billing, get_invoice, get_payable, list_invoices
from app.services.subscriptions.renting import (
    MonthBack,
    note_month_refused,
    note_rent_checkout,
    place_rent_order,
    plan_month_back,
    plan_rent_end,
    plan_rent_keep,
)
from app.services.subscriptions.settling import (
    apply_subscription,
    deserted_subscription,
    due_subscriptions,
    lost_subscription,
    stop_looking,
    tell_last_month,
)

__all__ = [
    "MonthBack",
    "PlanChange",
    "PlanOrder",
    "apply_subscription",
    "describe_change",
    "deserted_subscription",
    "due_subscriptions",
    "get_billing",
    "get_invoice",
    "get_payable",
    "list_invoices",
    "lost_subscription",
    "note_change_refused",
    "note_month_refused",
    "note_plan_checkout",
    "note_rent_checkout",
    "place_plan_order",
    "place_rent_order",
    "plan_change",
    "plan_month_back",
    "plan_rent_end",
    "plan_rent_keep",
    "stop_looking",
    "tell_last_month",
]
