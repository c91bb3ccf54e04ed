import tomllib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplake.deploy.toml_text import to_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=8)
VALUES = st.one_of(TEXT, st.integers(-(2**53), 2**53), st.booleans(), st.lists(TEXT, max_size=3))
INNER = st.dictionaries(TEXT, VALUES, max_size=2)
TABLES = st.dictionaries(TEXT, VALUES | INNER | st.dictionaries(TEXT, VALUES | INNER, max_size=2), max_size=3)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_what_was_written_is_read_again(values):
    assert tomllib.loads(to_toml(values)) == values
