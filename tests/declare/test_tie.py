import pytest

from shoplake.declare import Tie
from shoplake.errors import DeclarationError


@pytest.mark.parametrize(("keys", "measures"), [((), ("amount",)), (("feed",), ())])
def test_a_tie_without_keys_or_measures_compares_nothing(keys, measures):
    with pytest.raises(DeclarationError, match="'sums differ' compares nothing"):
        Tie("sums differ", "SELECT 1", "SELECT 1", keys, measures)
