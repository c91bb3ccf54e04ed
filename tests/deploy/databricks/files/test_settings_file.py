import tomllib

from shoplake.lake import Lake


def test_settings_are_those_of_the_lake_without_what_is_of_this_machine(bundle):
    settings = tomllib.loads((bundle / "shoplake.toml").read_text())

    assert settings["landing"] == {"max_files_per_batch": 500}
    assert (settings["engine"], settings["catalog"]) == ("spark", "my_shop")
    assert settings["feeds"]["london"]["events"] == {"cart": "add_to_cart"}
    assert settings.keys().isdisjoint({"lake", "memory_limit", "alerts"}) and settings["models"] == {}


def test_a_feed_has_a_folder_of_its_name_and_an_object_store_stays(bundle):
    feeds = tomllib.loads((bundle / "shoplake.toml").read_text())["feeds"]

    assert feeds["london"]["path"] == "london"


def test_the_settings_and_the_project_of_a_bundle_are_a_lake(bundle, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_LANDING_ROOT", "/Volumes/shop/landing/files")

    lake = Lake.open(bundle / "shoplake.toml")

    assert lake.settings.feeds[0].path == "/Volumes/shop/landing/files/london"
    assert "gold.last_buyers" in lake.catalog
