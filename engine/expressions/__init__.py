"""Liquid templates and conditions over JSON values, with hard limits; node configs and the checker use nothing else to evaluate text."""
