import math
from datetime import UTC, date, datetime

import click
import pytest

from shoplake.cli.options import SEED, Day, Duration, MemorySize, Moment, NumberRange, OutputFile, Reason


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10.0), ("2m", 120.0), ("500ms", 0.5), ("1.5h", 5400.0)])
def test_a_duration_has_a_unit(text, seconds):
    assert Duration().convert(text, None, None) == seconds


def test_a_day_is_an_iso_date():
    assert Day().convert("2026-03-29", None, None) == date(2026, 3, 29)


def test_a_moment_is_utc_or_has_an_offset():
    assert Moment().convert("2026-03-29T14:00", None, None) == datetime(2026, 3, 29, 14, tzinfo=UTC)
    assert Moment().convert("2026-03-29T14:00+02:00", None, None) == datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00+14:00", "9999-12-31T23:59-10:00"])
def test_a_moment_that_utc_does_not_have_is_wrong_usage(text):
    with pytest.raises(click.BadParameter, match="is not a time"):
        Moment().convert(text, None, None)


def test_a_reason_has_words():
    assert Reason().convert("ticket 41", None, None) == "ticket 41"
    with pytest.raises(click.BadParameter, match="Say why"):
        Reason().convert(" ", None, None)


def test_a_file_to_write_is_in_a_folder_that_is_there(tmp_path):
    assert OutputFile().convert(str(tmp_path / "bad.ndjson"), None, None) == tmp_path / "bad.ndjson"
    with pytest.raises(click.BadParameter, match=r"there is no folder '.*none'"):
        OutputFile().convert(str(tmp_path / "none" / "bad.ndjson"), None, None)


@pytest.mark.parametrize(("text", "size"), [("2GiB", 2 << 30), ("500 MB", 500e6), ("never", math.inf)])
def test_a_memory_size_has_a_unit_or_is_never(text, size):
    assert MemorySize().convert(text, None, None) == size
    with pytest.raises(click.BadParameter, match=r"'much' is no size\. Write one such as 2GiB"):
        MemorySize().convert("much", None, None)


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_a_seed_is_one_that_random_numbers_have(seed):
    assert SEED.convert("4294967295", None, None) == 4_294_967_295
    with pytest.raises(click.BadParameter):
        SEED.convert(seed, None, None)


@pytest.mark.parametrize("words", [("train", "churn"), ("evaluate", "recommendations")])
def test_a_seed_out_of_range_is_wrong_usage(shoplake, words):
    assert shoplake(*words, "--seed", "-1").exit_code == 2


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "much"])
def test_a_number_in_a_range_is_finite(text):
    assert NumberRange(min=0).convert("0.5", None, None) == 0.5
    with pytest.raises(click.BadParameter):
        NumberRange(min=0).convert(text, None, None)
