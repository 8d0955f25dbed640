"""Tests of app.services.members."""
