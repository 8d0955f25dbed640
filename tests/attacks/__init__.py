"""Attacks on the product as an outsider, a viewer and a member of another workspace would try them."""
