"""The workflow control-flow patterns as blueprints that are run; docs/patterns.md names each test."""
