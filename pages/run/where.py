"""Which run or workflow an address names; every page of one stands below it."""


def run_id_of(path: str) -> str:
    """The id in /runs/<id> and /runs/<id>/trace; "" for other addresses."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "runs" else ""


def workflow_id_of(path: str) -> str:
    """The id in /workflows/<id>; "" for other addresses."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "workflows" else ""
