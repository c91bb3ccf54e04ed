import pytest

from shoplake.feeds.zenith import ZENITH
from shoplake.feeds.zenith.dimensions import CHANGE, CUSTOMER, PRODUCT


@pytest.mark.parametrize("name", ["customer", "product"])
def test_snapshots_and_change_feeds_go_into_tables_of_their_own(name):
    into = {stream.pattern.split("/")[0]: stream.into for stream in ZENITH.streams}

    assert into[f"{name}s"] == f"{name}s_raw"
    assert into[f"{name}_changes"] == f"{name}_changes_raw"


@pytest.mark.parametrize(("name", "fields"), [("customer", CUSTOMER), ("product", PRODUCT)])
def test_a_change_has_the_fields_of_a_snapshot_with_operation_time_and_sequence(name, fields):
    [stream] = [each for each in ZENITH.streams if each.into == f"{name}_changes_raw"]

    assert set(stream.fields) == set(CHANGE) | set(fields) - {"updated_at"}
    assert stream.matches(f"{name}_changes/2026-03-01.json.gz")
