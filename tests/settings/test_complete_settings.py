import pytest

from shoplake.errors import SettingsError
from shoplake.feeds import KINDS
from shoplake.settings import load, used_packages

COMPLETE = '[feeds.shop]\nkind = "zenith"\npath = "drop"\ntimezone = "UTC"\ncurrency = "GBP"\n'


@pytest.fixture
def loaded(tmp_path):
    """The settings of a text, in a file in a folder of its own."""

    def load_text(text):
        path = tmp_path / "shoplake.toml"
        path.write_text(text)
        return load(path, KINDS)

    return load_text


def test_an_unknown_kind_is_a_problem_of_a_run_and_not_of_reading(loaded, tmp_path):
    settings = loaded(COMPLETE.replace("zenith", "zenit"))

    assert (settings.feeds[0].kind.name, settings.feeds[0].kind.streams) == ("zenit", ())
    with pytest.raises(SettingsError) as error:
        settings.check_runnable()
    file = tmp_path / "shoplake.toml"
    assert str(error.value) == f"{file}: feeds.shop.kind = 'zenit'. Did you mean 'zenith'?"


@pytest.mark.parametrize("name", ["timezone", "currency"])
def test_a_run_needs_time_zone_and_currency(loaded, name):
    with pytest.raises(SettingsError, match=f"feeds.shop has no {name}. Write the shop's own, such as: {name} = "):
        loaded(COMPLETE.replace(name, f"# {name}")).check_runnable()


def test_complete_settings_are_runnable(loaded):
    settings = loaded(COMPLETE)

    settings.check_runnable()
    assert (settings.problems, settings.gaps) == ((), ())


def test_event_names_are_pairs_of_the_feed(loaded):
    settings = loaded(COMPLETE + 'events = { cart = "add_to_cart", search = "search" }\n')

    assert settings.feeds[0].events == (("cart", "add_to_cart"), ("search", "search"))


def test_the_packages_in_use_are_read_alone_even_where_the_file_is_not_complete(tmp_path):
    (tmp_path / "one.toml").write_text('use = ["mine", "yours"]\n')
    (tmp_path / "two.toml").write_text("use = [\n")

    packages = [used_packages(tmp_path / name) for name in ("one.toml", "two.toml", "none.toml")]

    assert packages == [("mine", "yours"), (), ()]
