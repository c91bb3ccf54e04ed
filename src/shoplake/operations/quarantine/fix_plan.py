"""What a file of corrections becomes: which records of bronze it replaces, and by which texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.columns.record_place import landed_file, record_id_of
from shoplake.errors import LandingError
from shoplake.operations.quarantine.corrections import FixFile, corrected_id
from shoplake.operations.quarantine.field_values import plain_csv
from shoplake.operations.quarantine.joined_records import find_parts, split_correction
from shoplake.operations.quarantine.records import RecordFilter, select_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shoplake.declare import Table
    from shoplake.operations.quarantine.originals import BronzeRecords


@dataclass(frozen=True)
class FixPlan:
    """The file that is ingested, and the rows of bronze that it replaces, by bronze table and id.

    `new_ids` are the ids that the corrected records and their parts get, by the ids that a person corrects. Of a record
    that is made of several the file has corrections of those `parts` instead, which are given by their ids.
    """

    file: FixFile
    originals: Mapping[str, Mapping[str, list[Any]]]
    new_ids: Mapping[str, tuple[str, ...]]
    parts: tuple[str, ...] = ()


def plan_fix(bronze: BronzeRecords, tables: Iterable[Table[...]], fix: FixFile, ids: Iterable[str]) -> FixPlan:
    """Return what the corrections of some ids become.

    Raises LandingError for a record that bronze has neither as it is nor in parts, and for a part with two texts.
    """
    texts = {each.record_id: each.raw for each in fix.corrections}
    wanted = [*ids]
    originals = bronze.find(wanted)
    new_ids: dict[str, tuple[str, ...]] = {
        id: (corrected_id(some[0], texts[id]),) for rows in originals.values() for id, some in rows.items()
    }
    joined = _select(bronze, tables, [id for id in wanted if id not in new_ids])
    if not joined:
        return FixPlan(fix, originals, new_ids)
    plain = {id: texts[id] for id in new_ids}
    changed: dict[str, tuple[Any, str]] = {}
    for record, parts in _with_parts(bronze, joined):
        id = record["record_id"]
        split = [*zip(parts, split_correction(record, parts, texts[id]), strict=True)]
        whole = "\n".join(plain_csv(raw, part["header"]) for part, raw in split)
        several = [(part, raw) for part, raw in split if raw != part["raw"]]
        for part, raw in several:
            _add(changed, part, raw)
        new_ids[id] = (
            record_id_of(record["feed"], record["file"], record["line"], whole),
            *(corrected_id(part, raw) for part, raw in several),
        )
    found = {name: dict(rows) for name, rows in originals.items()}
    for id, (part, _) in changed.items():
        found.setdefault(part["_table"], {})[id] = [part]
    file = FixFile.of(plain | {id: raw for id, (_, raw) in changed.items()})
    return FixPlan(file, found, new_ids, tuple(changed))


def _with_parts(bronze: BronzeRecords, joined: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """Yield each record that is made of several with the rows of those."""
    found = find_parts(bronze, joined)
    for record in joined:
        if record["record_id"] not in found:
            raise LandingError(
                f"The record {record['record_id']} cannot be corrected by its id: no record of {record['file']} has "
                "its text. Land the corrected records in a new file, then `shoplake quarantine discard` what the old "
                "one left."
            )
        yield record, found[record["record_id"]]


def _select(bronze: BronzeRecords, tables: Iterable[Table[...]], ids: list[str]) -> list[dict[str, Any]]:
    """Return the quarantined records of some ids, each once."""
    if not ids:
        return []
    selection = RecordFilter(state=None, ids=tuple(ids))
    found = [record for table in tables for record in select_records(bronze.engine, table, selection)]
    return [*{record["record_id"]: record for record in found}.values()]


def _add(changed: dict[str, tuple[Any, str]], part: Any, raw: str) -> None:
    known = changed.setdefault(part["_id"], (part, raw))
    if known[1] != raw:
        raise LandingError(
            f"Two corrections give line {part['line']} of {landed_file(part['file'])} different texts: it is part of "
            "several records. Write the same text into all of them, or correct one and leave the others as they are."
        )
