"""The released contracts of shoplake's gold tables, in `contracts/`.

`python -m tools.contracts` lists what breaks them and ends with 1 if there is anything; with `release` it writes those
of the version in `pyproject.toml`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.operations.contract import breaking_changes, to_contract
from tools.docs.sources import ROOT, load_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shoplake.declare.catalog import AnyTable, Catalog

SUFFIX = ".odcs.json"


class VersionNotRaisedError(Exception):
    """Tables break contracts that were released with the same version, or with one that promises to keep them."""

    def __init__(self, changes: list[str], version: str, least: str) -> None:
        listed = "\n".join(changes)
        super().__init__(f"{listed}\nVersion {version} must keep the contracts. Raise it to {least} first.")
        self.changes = changes


def read_contracts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the released contracts by the full name of their table."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob(f"*{SUFFIX}"))]
    return {contract["name"]: contract for contract in found}


def broken_contracts(released: Mapping[str, Mapping[str, Any]], catalog: Catalog) -> Iterator[str]:
    """Yield, a line each, what a reader of the released tables can no longer rely on."""
    for name, contract in released.items():
        if name not in catalog:
            yield f"{name}: the table is gone"
            continue
        yield from (f"{name}: {change}" for change in breaking_changes(contract, catalog[name]))


def release_contracts(folder: Path, catalog: Catalog, version: str) -> list[Path]:
    """Write the contracts of all gold tables with a version, and delete those of tables that are gone.

    Raises VersionNotRaisedError for a breaking change whose version is not above the released one in its first number,
    or, below 1.0, in its second.
    """
    released = read_contracts(folder)
    changes = list(broken_contracts(released, catalog))
    last = max((_promise(each["version"]) for each in released.values()), default=(0, 0))
    if changes and _promise(version) <= last:
        raise VersionNotRaisedError(changes, version, f"{last[0] + 1}.0.0" if last[0] else f"0.{last[1] + 1}.0")
    texts = {folder / f"{table.qualified_name}{SUFFIX}": _text(table, version) for table in _gold(catalog)}
    folder.mkdir(exist_ok=True)
    for file in set(folder.glob(f"*{SUFFIX}")) - set(texts):
        file.unlink()
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    return sorted(texts)


def _promise(version: str) -> tuple[int, int]:
    """Return the part of a version within which contracts are kept: the first number, or below 1.0 the second."""
    major, minor, *_ = (int(part) for part in version.split("."))
    return (major, 0) if major else (0, minor)


def _gold(catalog: Catalog) -> list[AnyTable]:
    return [table for table in catalog.ordered if table.layer == "gold"]


def _text(table: AnyTable, version: str) -> str:
    return json.dumps(to_contract(table, version), indent=1, ensure_ascii=False) + "\n"


def _main(arguments: list[str], folder: Path) -> int:
    from importlib.metadata import version

    if arguments == ["release"]:
        try:
            print(f"Wrote {len(release_contracts(folder, load_catalog(), version('shoplake')))} contracts.")  # noqa: T201
        except VersionNotRaisedError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 1
        return 0
    changes = list(broken_contracts(read_contracts(folder), load_catalog()))
    print("\n".join(changes) or "All released contracts are kept.")  # noqa: T201
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:], ROOT / "contracts"))
