"""Static checks over a workflow: structure, references, types; every finding names node, field and remedy."""
