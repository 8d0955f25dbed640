"""Schedules: workflows that start by themselves at set times."""
