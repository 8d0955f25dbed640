"""The gallery of ready-made workflows."""
