"""Identity: late logins reach the sessions before them, whatever order events arrive in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .lakes import content, difference, drop, event, lake_at, listed, partitions, same_files

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("silver/device_logins", "silver/identity_links", "silver/device_owners")
TABLES += ("silver/session_identity", "silver/event_identity")
ALL = ("event_identity", "identity_links")


def seen(number: int, at: str, device: str | None = None, customer: str | None = None) -> dict[str, object]:
    return event(number, event_ts=f"2026-{at}:00Z", anonymous_id=device, user_id=customer)


def history() -> list[dict[str, object]]:
    """Events of three devices in four weeks, the first without logins; two customers share the tablet."""
    rng, rows = random.Random(4), []
    for number in range(60):
        device = rng.choice(["phone", "tablet", "laptop"])
        who = {"phone": ["ann"], "tablet": ["ann", "bob"], "laptop": [None]}[device]
        day = rng.randrange(1, 29)
        customer = rng.choice([None, None, *who]) if day > 9 else None
        rows.append(seen(number, f"03-{day:02}T{rng.randrange(8, 10):02}:{rng.randrange(60):02}", device, customer))
    return rows


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The tables of all events in one file."""
    folder = tmp_path_factory.mktemp("identity")
    drop(folder / "landing", "events/all.json", *history())
    lake_at(folder / "lake", folder / "landing", tables=ALL).run()
    return content(folder / "lake", TABLES)


@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_people_do_not_depend_on_the_order_of_arrival(at_once, tmp_path: Path, seed):
    events = history()
    random.Random(seed).shuffle(events)
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", tables=ALL)
    for number in range(2):
        drop(tmp_path / "landing", f"events/{number}.json", *events[number::2])
        lake.run()

    assert difference(content(tmp_path / "lake", TABLES), at_once) == {}
    assert {row["match"] for row in listed(tmp_path / "lake", "silver/event_identity")} == {
        "own",
        "session",
        "backward",
        "none",
    }


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, set[str]], dict[str, set[str]], Path]:
    """The files of each day before and after the first login of a phone that was known for six weeks."""
    folder = tmp_path_factory.mktemp("late")
    lake = lake_at(folder / "lake", folder / "landing", tables=ALL)
    days = ("03-01", "03-20", "03-30", "04-10")
    drop(folder / "landing", "events/1.json", *[seen(at, f"{day}T12:00", "phone") for at, day in enumerate(days)])
    lake.run()
    before = partitions(folder / "lake", "silver/session_identity", "session_date")
    drop(folder / "landing", "events/2.json", seen(9, "04-10T18:00", "phone", "ann"))
    lake.run()
    return before, partitions(folder / "lake", "silver/session_identity", "session_date"), folder


def test_a_first_login_reaches_the_sessions_of_the_thirty_days_before(late):
    _, _, folder = late

    people = {row["event_id"]: row["match"] for row in listed(folder / "lake", "silver/event_identity")}

    assert people == {
        "e000000": "none",
        "e000001": "backward",
        "e000002": "backward",
        "e000003": "backward",
        "e000009": "own",
    }


def test_a_first_login_leaves_older_days_as_they_are(late):
    before, after, _ = late

    assert same_files(before, after) == {"2026-03-01"}


def test_a_run_with_nothing_new_writes_nothing(late):
    _, after, folder = late

    assert lake_at(folder / "lake", folder / "landing", tables=ALL).run().tables == []
    assert partitions(folder / "lake", "silver/session_identity", "session_date") == after
