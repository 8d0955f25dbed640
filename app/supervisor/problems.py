"""The one error a person starting Agent Factory may see: what is wrong and what to do about it."""


class CannotStartError(Exception):
    """Starting is impossible until a person acts; `remedy` says how. The command line prints both and exits 2."""

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
