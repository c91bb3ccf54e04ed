"""Which corrections of quarantined records can be ingested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.engine import MISREAD
from shoplake.errors import LandingError
from shoplake.quality.quarantine import FIXED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


@dataclass(frozen=True)
class EarlierDecisions:
    """The ids of the records that other fixes corrected, and of those that were corrected or discarded."""

    fixed: frozenset[str]
    decided: frozenset[str]

    @classmethod
    def of(cls, decisions: Iterable[Mapping[str, Any]], fix_id: str) -> EarlierDecisions:
        """Return those of decisions that are not of the fix of that id."""
        others = [row for row in decisions if row["fix_id"] != fix_id]
        fixed = frozenset(row["record_id"] for row in others if row["decision"] == FIXED)
        return cls(fixed, frozenset(row["record_id"] for row in others))


def check_correction(record: Mapping[str, Any], new_ids: Collection[str], earlier: EarlierDecisions) -> None:
    """Raise LandingError for the correction of a quarantined record that could not count, or would count twice.

    That is one of a record that another fix corrected, one to a text that was decided about before, and one of what is
    no record but a part of a file that could not be read as its stream says. `new_ids` are those that the corrected
    record and its parts get.
    """
    check_is_record(record)
    if record["record_id"] in earlier.fixed:
        raise LandingError(
            f"The record {record['record_id']} was corrected before. Correct what came of it: it is in "
            "`shoplake quarantine list` if it is still bad, and else its key can be sent again in a new file."
        )
    if not earlier.decided.isdisjoint(new_ids):
        raise LandingError(
            f"The correction of the record {record['record_id']} is a text that was corrected or discarded before. "
            "Give it another text, or send the record again in a new file."
        )


def check_is_record(record: Mapping[str, Any]) -> None:
    """Raise LandingError for a quarantined record that is of a file which does not fit the options of its stream."""
    if not (problems := MISREAD.keys() & set(record["reasons"])):
        return
    raise LandingError(
        f"The record {record['record_id']} cannot be corrected by itself: {record['file']} {MISREAD[min(problems)]}. "
        "Land the corrected file under a new name, then `shoplake quarantine discard` what the old one left."
    )
