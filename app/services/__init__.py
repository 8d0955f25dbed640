"""The product's rules: verb_noun(uow, *, ...) -> View; the first line asks permission; nothing here commits."""
