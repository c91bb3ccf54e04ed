from datetime import timedelta

import pytest

from shoplake.declare.kinds.zones import check_zones, zone_offset
from shoplake.errors import DeclarationError


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("+02:00", 120), ("-03:30", -210), ("+00:00", 0), ("+2", None), ("+25:00", None), ("CET", None)],
)
def test_an_offset_is_how_far_a_zone_is_ahead_of_utc(zone, minutes):
    assert zone_offset(zone) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ({"CEST": "+2"}, "zones has '+2' for 'CEST', which is no IANA name and no offset. Write '+02:00' or"),
        ({"CEST": "Europe/Berln"}, r"Did you mean 'Europe/Berlin'\?"),
        ({" ": "+02:00"}, "zones has an empty name"),
    ],
)
def test_a_name_of_a_zone_stands_for_an_iana_name_or_an_offset(zones, message):
    with pytest.raises(DeclarationError, match=message.replace("+2", r"\+2").replace("+0", r"\+0")):
        check_zones(zones)
