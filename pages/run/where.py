"""Which run an address names; every page of a run stands below /runs/<id>."""


def run_id_of(path: str) -> str:
    """The id in /runs/<id> and /runs/<id>/trace; "" for other addresses."""
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "runs" else ""
