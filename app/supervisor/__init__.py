"""Runs Agent Factory on one machine: preflight checks, embedded Valkey, the interface build and the child processes."""
