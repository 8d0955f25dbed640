"""Budgets: caps that runs, agents and workspaces may not pass, what is reserved and used of them, and the question at a reached cap."""
