"""The engine: expressions, graph checks, node kinds, state machine and driver."""
