"""One bad line of each kind among a thousand good ones: it is quarantined with its reason, and the others are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ..lakes import EVENTS, drop, event, ids, lake_at, listed, totals

if TYPE_CHECKING:
    from pathlib import Path

GOOD = 1_000


def text(**changes: object) -> str:
    return json.dumps(event(9_999, **changes))


def without(name: str) -> str:
    return json.dumps({key: value for key, value in event(9_999).items() if key != name})


NOTHING = {f"{name}_present" for name in ("event_id", "event_at", "event_name", "visitor_id")} | {"event_name_known"}
BAD: dict[str, tuple[str | bytes, set[str]]] = {
    "cut off": (text()[:60], {"is_json_object"}),
    "not UTF-8": (text(page_url="£").encode().replace(b"\\u00a3", b"\xa3"), {"not_utf8"}),
    "a NUL byte": (text(page_url="a_b").replace("a_b", "a\0b"), {"nul_byte"}),
    "10 MB long": (text(page_url="x" * 10_000_000), {"line_too_long"}),
    "5,000 levels deep": (text()[:-1] + ', "deep": ' + "[" * 5_000 + "]" * 5_000 + "}", {"is_json_object"}),
    "an object with a key twice": (text()[:-1] + ', "event_id": "e-other"}', {"duplicate_keys"}),
    "NaN": (text(price=float("nan")), {"is_json_object"}),
    "Infinity": (text(price=float("inf")), {"is_json_object"}),
    "an int too large": (text(quantity=99_999_999_999), {"quantity_fits_type"}),
    "a price too large": (text(price=1e30), {"price_fits_type"}),
    "of the wrong type": (text(quantity=[2]), {"quantity_fits_type"}),
    "without its key": (without("event_id"), {"event_id_present"}),
    "without a time": (without("event_ts"), {"event_at_present"}),
    "an impossible day": (text(event_ts="2026-02-30T10:00:00Z"), {"event_ts_fits_type", "event_at_present"}),
    "an unlikely year": (text(event_ts="0001-01-01T00:00:00Z"), {"event_at_plausible"}),
    "no object": ("[1, 2, 3]", {"is_json_object"}),
    "not JSON at all": ("hello", {"is_json_object"}),
    "an empty object": ("{}", NOTHING),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of one file: a thousand good lines, and after every fiftieth a bad one."""
    folder = tmp_path_factory.mktemp("lines")
    lines: list[dict[str, object] | str | bytes] = [event(number) for number in range(GOOD)]
    for place, (line, _) in enumerate(BAD.values()):
        lines.insert(place * 51 + 50, line)
    drop(folder / "landing", "events/mixed.json", *lines)
    lake_at(folder / "lake", folder / "landing", tables=EVENTS).run()
    return folder / "lake"


def test_all_good_lines_around_bad_ones_are_ingested(built: Path):
    assert ids(built) == [f"e{number:06}" for number in range(GOOD)]


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_is_quarantined_once_with_reason_file_line_and_text(built: Path, kind: str):
    line, reasons = BAD[kind]
    number = list(BAD).index(kind) * 51 + 51
    found = [row for row in listed(built, "silver/events_quarantine") if row["line"] == number]

    assert [(row["file"], set(row["reasons"])) for row in found] == [("events/mixed.json", reasons)]
    raw = line.decode("utf-8", "backslashreplace") if isinstance(line, bytes) else line
    assert found[0]["raw"] == raw


def test_what_came_in_is_good_or_quarantined_or_a_duplicate_to_the_row(built: Path):
    counts = totals(built, "silver/events")

    assert counts["rows_read"] == GOOD + len(BAD) == len(listed(built, "bronze/events_raw"))
    assert counts["rows_read"] == counts["rows_written"] + counts["rows_quarantined"] + counts["rows_duplicate"]
    assert counts["rows_quarantined"] == len(listed(built, "silver/events_quarantine")) == len(BAD)


def test_a_line_of_a_million_brackets_does_not_bring_the_engine_down(landing, lake, at):
    drop(landing, "events/deep.json", event(1), "[" * 1_000_000, '{"a":' * 200_000, event(2))

    lake.run()

    assert ids(at) == ["e000001", "e000002"]
    assert [row["line"] for row in listed(at, "silver/events_quarantine")] == [2, 3]


def test_a_good_line_that_holds_the_escaped_text_of_a_garbled_one_stays_good(landing, lake, at):
    drop(landing, "events/a.json", event(1, page_url="C:\\xff"), b"\xff", event(2))

    lake.run()

    assert ids(at) == ["e000001", "e000002"]


def test_a_file_in_another_encoding_is_quarantined(landing, lake, at):
    garbled = [json.dumps(event(number, page_url="£"), ensure_ascii=False).encode("latin-1") for number in range(6_000)]
    drop(landing, "events/latin.json", *garbled)

    lake.run()

    aside = listed(at, "silver/events_quarantine")
    assert {tuple(row["reasons"]) for row in aside} == {("not_utf8",)}
    assert len(aside) == 6_000
