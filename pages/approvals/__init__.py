"""Decisions that runs wait for."""
