"""Vendors behind ports: each module implements one Protocol of engine.ports or app.core.ports."""
