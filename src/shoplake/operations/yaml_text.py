"""Contracts and definitions as YAML that programs read; a bundle's, which people edit, is in `deploy.databricks`."""

from __future__ import annotations

import json


def to_yaml(value: object, indent: int = 0) -> str:
    """Return a value of maps, lists, texts and numbers as YAML; texts are quoted as in JSON, a part of YAML 1.2."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{key}:{_below(each, indent)}" for key, each in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}- {to_yaml(each, indent + 1).lstrip()}" for each in value)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"


def _below(value: object, indent: int) -> str:
    if isinstance(value, dict | list) and value:
        return f"\n{to_yaml(value, indent + 1)}"
    return f" {to_yaml(value)}"
