"""Schedules: workflows that start by themselves at set times. SQL is the truth about them; nothing in Redis is needed to find them."""

from app.services.schedules.calendar import read_calendar
from app.services.schedules.cron import zone_names
from app.services.schedules.editing import (
    create_schedule,
    delete_schedule,
    duplicate_schedule,
    pause_schedule,
    resume_schedule,
    run_schedule_now,
    update_schedule,
)
from app.services.schedules.explaining import explain_schedule
from app.services.schedules.firing import fire_schedule, note_broken, start_queued
from app.services.schedules.listing import describe_timing, find_schedule, get_schedule, list_fires, list_schedules

__all__ = [
    "create_schedule",
    "delete_schedule",
    "describe_timing",
    "duplicate_schedule",
    "explain_schedule",
    "find_schedule",
    "fire_schedule",
    "get_schedule",
    "list_fires",
    "list_schedules",
    "note_broken",
    "pause_schedule",
    "read_calendar",
    "resume_schedule",
    "run_schedule_now",
    "start_queued",
    "update_schedule",
    "zone_names",
]
