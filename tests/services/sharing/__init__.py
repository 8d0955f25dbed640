"""Tests of app.services.sharing."""
