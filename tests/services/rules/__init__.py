"""Tests of event rules."""
