import pytest

from shoplake.errors import SettingsError

SHOP = '[feeds.shop]\nkind = "zenith"\npath = "drop"\n'
"""The least that settings must have."""


def refused(loaded, text):
    """Return the message with which a text is refused."""
    with pytest.raises(SettingsError) as error:
        loaded(text)
    return str(error.value)
