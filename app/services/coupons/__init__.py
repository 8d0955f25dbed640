"""Coupons: sellers make codes for their own listings, buyers enter them before they pay."""

from app.services.coupons.editing import change_coupon, create_coupon, list_coupons
from app.services.coupons.quoting import get_quote

__all__ = ["change_coupon", "create_coupon", "get_quote", "list_coupons"]
