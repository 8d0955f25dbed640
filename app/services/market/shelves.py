"""What listings are sorted by and written under: categories and licences."""

from app.core.errors import Invalid
from app.views.market import Category

CATEGORIES: tuple[Category, ...] = (
    Category("support", "Support", "Answer, sort and close customer questions"),
    Category("sales", "Sales", "Find, score and follow up leads"),
    Category("research", "Research", "Gather, compare and summarise"),
    Category("operations", "Operations", "Meetings, documents, everyday work"),
    Category("education", "Education", "Teach, quiz and give feedback"),
    Category("engineering", "Engineering", "Code, incidents and releases"),
)
LABELS = {category.key: category.label for category in CATEGORIES}
LICENCES = {
    "standard": "Use and change it in your workspace; do not resell it",
    "mit": "MIT: use, change and share it freely",
    "apache-2.0": "Apache 2.0: use, change and share it freely",
}


LOOKS = {
    "open": "Open: who installs it sees how it works, and can change it",
    "sealed": "Sealed: who installs it runs it, and never sees prompts, code and steps",
}
RESELLABLE = frozenset({"mit", "apache-2.0"})


def check_category(value: object) -> str:
    """The category's key, or Invalid for its field."""
    return _known(value, LABELS, "category", "Choose one of the categories.")


def check_licence(value: object) -> str:
    """The licence's key, or Invalid for its field."""
    return _known(value, LICENCES, "licence", "Choose one of the licences.")


def check_look(value: object) -> str:
    """Open or sealed, or Invalid for its field."""
    return _known(value, LOOKS, "look", "Choose open or sealed.")


def _known(value: object, known: dict[str, str], field: str, remedy: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise Invalid(remedy, fields={field: remedy})
    return value
