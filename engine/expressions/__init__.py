"""Liquid templates and conditions over JSON values, with limits and typed errors."""
