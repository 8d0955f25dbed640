"""Selling: the seller's overview and the publish wizard."""
