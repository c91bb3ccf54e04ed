"""References of a bundle: what the Databricks CLI and a job put in when they deploy and run.

Names of schemas and volumes stand in the catalog file alone; every other file refers to them.
"""

from __future__ import annotations

LANDING, CHECKPOINTS = ("landing", "files"), ("ops", "checkpoints")
"""Schema and volume of arriving files, and of checkpoints and what no table holds."""


def variable(name: str) -> str:
    """Refer to a variable of the bundle."""
    return f"${{var.{name}}}"


def schema(layer: str) -> str:
    """Refer to the name of a layer's schema."""
    return f"${{resources.schemas.{layer}.name}}"


def parameter(name: str) -> str:
    """Refer to a parameter of the job that a task is in."""
    return f"{{{{job.parameters.{name}}}}}"


def volume(place: tuple[str, str], catalog: str) -> str:
    """Refer to the folder of a volume in a catalog."""
    layer, name = place
    return f"/Volumes/{catalog}/{schema(layer)}/${{resources.volumes.{name}.name}}"


def table(name: str, layer: str) -> str:
    """Refer to a table by its three names."""
    return f"{variable('catalog')}.{schema(layer)}.{name}"
