"""Numbers as people read them: tokens, money, durations; views carry the words ready to show."""


def cost_words(micros: int) -> str:
    """Return millionths of a US dollar as `$0.0123`; small sums keep two significant digits, nothing is `$0`."""
    if micros <= 0:
        return "$0"
    dollars = micros / 1_000_000
    if dollars >= 1:
        return f"${dollars:,.2f}"
    return f"${dollars:.4f}" if dollars >= 0.001 else f"${dollars:.6f}".rstrip("0")


def duration_words(milliseconds: float | None) -> str:
    """Return `340 ms`, `2.4 s` or `3 min 20 s`; "" when unknown."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def count_words(number: int) -> str:
    """Return `950`, `12.4k` or `1.05M`."""
    if number < 1000:
        return str(number)
    if number < 1_000_000:
        return f"{number / 1000:.1f}".removesuffix(".0") + "k"
    return f"{number / 1_000_000:.2f}".rstrip("0").removesuffix(".") + "M"


def price_words(micros_per_1k: int) -> str:
    """Return the price of a million tokens: micros per thousand tokens are milli-dollars per million."""
    dollars = micros_per_1k / 1000
    if dollars <= 0:
        return "free"
    return f"${dollars:.2f}" if dollars >= 0.01 else f"${dollars:.4f}"
