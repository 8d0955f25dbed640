"""One schedule: what became of its moments, what comes next, and the form that makes and edits it."""
