import pytest

from shoplake.declare import expect, extend, warn
from shoplake.errors import DeclarationError
from shoplake.tables.silver.events import events


def test_rules_are_added_after_those_of_the_table():
    own = [expect("mine", "TRUE"), warn("low", "FALSE")]

    table = extend("silver.events", expectations=own).apply(events)

    assert table.rules == (*events.rules, *own)
    assert (table.columns, table.build, table.key) == (events.columns, events.build, events.key)


@pytest.mark.parametrize("names", [["event_id_present"], ["mine", "mine"]])
def test_a_rule_of_a_known_name_is_refused(names):
    with pytest.raises(DeclarationError, match=f"silver.events has a rule '{names[-1]}' already"):
        extend("silver.events", expectations=[expect(name, "TRUE") for name in names]).apply(events)


def test_a_rule_of_the_table_stops_above_a_share():
    table = extend("silver.events", stop_above={"event_name_known": 0.05}).apply(events)

    stops = {rule.name: rule.stop_above for rule in table.rules if rule.stop_above is not None}
    assert (stops, len(table.rules)) == ({"event_name_known": 0.05}, len(events.rules))


def test_a_share_of_an_unknown_rule_is_refused_and_the_nearest_named():
    with pytest.raises(DeclarationError, match=r"no rule 'event_name_knwn'.*event_name_known"):
        extend("silver.events", stop_above={"event_name_knwn": 0.05}).apply(events)
