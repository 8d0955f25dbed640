"""The dialog that tells and changes whom an agent or a workflow is shared with; both their pages open it."""
