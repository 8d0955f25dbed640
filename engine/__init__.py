"""The pure floor: specs, graph checks, expressions, node kinds and the run loop, with no database, queue, vendor or UI."""
