"""`custos simulate`."""


def simulate() -> None:
    """Draw footage with exact truth."""
