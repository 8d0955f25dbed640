"""The portable YAML form of workflows and agents: readable, diffable, loss-free, and loading it executes nothing."""
