"""What a difference between two definitions of a table means for its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from shoplake.declare import Scd2, Upsert
from shoplake.listed_names import list_some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.operations.definitions.definition import Definition

QUARANTINE = "quarantine"
SETTING_NAMES = {"timezone": "time zone", "is_strict": "schema drift"}
IN_LIST = re.compile(r"(\w+) IN \(((?:'[^']*'(?:, )?)+)\)")
VALUE = re.compile(r"'[^']*'")
SHOWN = 3
"""How many names a reason lists."""


class ChangeAction(StrEnum):
    """What is done to a table so that its rows are those of its new definition, the lightest first."""

    NOTHING = "nothing"
    BASELINE = "record as baseline"
    COMMENT = "update comments"
    BUILD = "build"
    ADD_COLUMNS = "add columns"
    DROP = "move to _trash"
    UPDATE = "update the days that change"
    REPLAY = "replay quarantine"
    REEVALUATE = "evaluate all records again"
    REBUILD = "rebuild"

    @property
    def is_breaking(self) -> bool:
        """Whether rows that are there are not those of the new definition."""
        return self in (ChangeAction.REPLAY, ChangeAction.REEVALUATE, ChangeAction.REBUILD)


@dataclass(frozen=True)
class TableChange:
    """What changed in a table's definition, and what has to be done; `amount` says how much work that is.

    `rules` are those whose quarantined records are replayed.
    """

    table: str
    action: ChangeAction
    reasons: tuple[str, ...]
    rules: tuple[str, ...] = ()
    amount: str = ""


def compare(table: Table[...], old: Definition, new: Definition) -> TableChange | None:
    """Return the change from one definition of a table to another; None if they are the same."""
    found = [*_shape(old, new), *_columns(table, old, new), *_rules(table, old, new), *_logic(old, new)]
    if not found and old != new:
        found = [(ChangeAction.NOTHING, reason) for reason in _notes(old, new)]
    if not found:
        return None
    order = list(ChangeAction)
    action = max((action for action, _ in found), key=order.index)
    rules = tuple(_loosened(old, new)) if action is ChangeAction.REPLAY else ()
    return TableChange(table.qualified_name, action, tuple(dict.fromkeys(reason for _, reason in found)), rules)


def _shape(old: Definition, new: Definition) -> Iterator[tuple[ChangeAction, str]]:
    for name, label in (("key", "key"), ("partition_by", "partitioning"), ("write", "write mode")):
        if getattr(old, name) != getattr(new, name):
            yield ChangeAction.REBUILD, f"{label} changed"
    for name in old.inputs.keys() & new.inputs.keys():
        if old.inputs[name] != new.inputs[name]:
            yield ChangeAction.REBUILD, f"key, partitioning or write mode changed upstream, by way of {name}"


def _columns(table: Table[...], old: Definition, new: Definition) -> Iterator[tuple[ChangeAction, str]]:
    before, after = ({name: type for name, type, _ in each.columns} for each in (old, new))
    is_bronze = table.layer == "bronze"
    renamed = {each.was: each.name for each in table.columns if each.was in before and each.was not in after}
    renamed = {was: name for was, name in renamed.items() if was and name not in before}
    for was, name in renamed.items():
        yield ChangeAction.ADD_COLUMNS if is_bronze else ChangeAction.REBUILD, f"column {was} renamed to {name}"
    for name in after.keys() - before.keys() - {*renamed.values()}:
        yield ChangeAction.ADD_COLUMNS if is_bronze else ChangeAction.REBUILD, f"column {name} added"
    for name in before.keys() - after.keys() - renamed.keys():
        yield ChangeAction.REBUILD, f"column {name} dropped"
    pairs = [(name, name) for name in before if name in after] + list(renamed.items())
    for was, name in pairs:
        if before[was] != after[name]:
            yield ChangeAction.REBUILD, f"column {name} changed from {before[was]} to {after[name]}"
    if _types(old.change_columns) != _types(new.change_columns):
        yield ChangeAction.REBUILD, "columns of its changes changed"
    if before == after and (old.columns != new.columns or old.doc != new.doc):
        yield ChangeAction.COMMENT, "documentation changed"


def _types(columns: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    return {name: type for name, type, _ in columns}


def _rules(table: Table[...], old: Definition, new: Definition) -> Iterator[tuple[ChangeAction, str]]:
    before, after = _strict(old), _strict(new)
    if before == after:
        if old.rules != new.rules:
            yield ChangeAction.NOTHING, "warnings changed"
        return
    if not table.write.evaluates_records:
        yield ChangeAction.NOTHING, "rules changed, which apply to no record of this table"
        return
    can_replay = isinstance(table.write, Upsert | Scd2) and bool(after)
    can_reevaluate = isinstance(table.write, Upsert) and bool(before) and bool(after)
    for name in _loosened(old, new):
        yield ChangeAction.REPLAY if can_replay else ChangeAction.REBUILD, f"rule {name} loosened"
    for name in sorted(after):
        if name not in before:
            yield ChangeAction.REEVALUATE if can_reevaluate else ChangeAction.REBUILD, f"rule {name} tightened"
        elif after[name] != before[name] and name not in _loosened(old, new):
            yield ChangeAction.REEVALUATE if can_reevaluate else ChangeAction.REBUILD, f"rule {name} changed"


def _strict(definition: Definition) -> dict[str, str]:
    """Return the conditions that quarantine a record, by the name of the rule."""
    return {name: condition for name, (condition, action) in definition.rules.items() if action == QUARANTINE}


def _loosened(old: Definition, new: Definition) -> list[str]:
    """Return the rules that changed and surely pass all that passed before: gone, only a warning, or `old OR …`."""
    before, after = _strict(old), _strict(new)
    changed = [name for name in before if before[name] != after.get(name)]
    return sorted(name for name in changed if name not in after or _is_looser(before[name], after[name]))


def _is_looser(before: str, after: str) -> bool:
    """Whether a condition is another one with an alternative, or a list of values with more of them."""
    lists = [IN_LIST.fullmatch(condition) for condition in (before, after)]
    if lists[0] and lists[1] and lists[0][1] == lists[1][1]:
        return set(VALUE.findall(lists[0][2])) <= set(VALUE.findall(lists[1][2]))
    return any(after.startswith(f"{start} OR ") for start in (f"({before})", *([before] if _is_simple(before) else [])))


def _is_simple(condition: str) -> bool:
    return not any(word in condition.upper() for word in (" AND ", " OR ", "BETWEEN", "CASE ", "NOT "))


def _logic(old: Definition, new: Definition) -> Iterator[tuple[ChangeAction, str]]:
    code = _code_reason(old.source, new.source)
    yield from _plans(old, new, code)
    if old.code_hash != new.code_hash and old.code_hash:
        yield ChangeAction.REBUILD, f"code that runs inside the engine changed{code}"
    for name in sorted(old.versions.keys() & new.versions.keys()):
        if old.versions[name] != new.versions[name]:
            yield ChangeAction.REBUILD, f"{name} {old.versions[name]} → {new.versions[name]}"


def _plans(old: Definition, new: Definition, code: str) -> Iterator[tuple[ChangeAction, str]]:
    for feed in sorted({*old.plan_hash, *new.plan_hash}):
        before, after = old.plan_hash.get(feed), new.plan_hash.get(feed)
        if before is None:
            yield ChangeAction.NOTHING, f"feed {feed} added"
        elif after is None:
            yield ChangeAction.REBUILD, f"feed {feed} removed"
        elif before != after:
            yield ChangeAction.REBUILD, _setting_reason(feed, old.settings, new.settings) or f"plan changed{code}"


def _setting_reason(feed: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    before, after = old.get(feed, {}), new.get(feed, {})
    parts = [
        f"{SETTING_NAMES.get(name, name)} of feed {feed}: {before.get(name)} → {after.get(name)}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return ", ".join(parts)


def _code_reason(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Return the functions and constants that differ, e.g. ` (money.total)`."""
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    short = [".".join(name.split(".")[-2:]) for name in names]
    return f" ({list_some(short, SHOWN)})" if short else ""


def _notes(old: Definition, new: Definition) -> Iterator[str]:
    """Differences that change no row."""
    if old.source != new.source:
        yield f"refactored{_code_reason(old.source, new.source)}, same plan"
    if old.settings != new.settings:
        yield "settings of a feed changed, same plan"
    if old.versions != new.versions:
        yield f"versions: {', '.join(f'{name} {version}' for name, version in sorted(new.versions.items()))}"
