import pytest
from file_size import one_byte_files

from shoplake import Lake, settings
from shoplake.feeds import KINDS


def test_init_writes_settings_that_can_be_loaded(shoplake, tmp_path):
    config = tmp_path / "conf" / "shoplake.toml"
    assert (
        shoplake("init", "--kind", "online_retail", "--path", tmp_path / 'a "b" ü', "--config", config).exit_code == 0
    )
    [feed] = settings.load(config, KINDS).feeds
    assert (feed.name, feed.kind.name, feed.path) == ("shop", "online_retail", str(tmp_path / 'a "b" ü'))


def test_init_keeps_a_relative_path_relative_to_the_settings_file(shoplake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shoplake("init", "--path", "files", "--config", "conf/shoplake.toml")
    [feed] = settings.load(tmp_path / "conf" / "shoplake.toml", KINDS).feeds
    assert feed.path == str(tmp_path / "files")


def test_init_overwrites_only_when_forced(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    config.write_text("mine")
    result = shoplake("init", "--config", config)
    assert (result.exit_code, config.read_text()) == (1, "mine")
    assert "--force" in result.stderr
    assert shoplake("init", "--config", config, "--force").exit_code == 0


def test_init_names_every_kind_in_its_help(shoplake):
    output = shoplake("init", "--help").output
    assert [kind for kind in KINDS if kind not in output] == []


def test_an_unknown_kind_is_wrong_usage(shoplake):
    result = shoplake("init", "--kind", "zenit")
    assert result.exit_code == 2
    assert "Did you mean 'zenith'?" in result.stderr


def test_commented_settings_can_be_switched_on(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    shoplake("init", "--config", config)
    lines = config.read_text().splitlines()
    switched_on = [line.removeprefix("# ") if " = " in line or "[landing]" in line else line for line in lines]
    config.write_text("\n".join(switched_on))
    loaded = settings.load(config, KINDS)
    assert (loaded.feeds[0].is_strict, loaded.on_changed_file, loaded.min_file_age_s) == (True, "reject", 0)
    assert (loaded.max_files_per_batch, loaded.max_bytes_per_batch) == (10_000, 4 * 2**30)


def test_init_writes_time_zone_and_currency_only_where_they_are_given(shoplake, tmp_path):
    shoplake("init", "--config", tmp_path / "one.toml", "--timezone", "Asia/Tokyo", "--currency", "JPY")
    shoplake("init", "--config", tmp_path / "two.toml")

    one, two = (settings.load(tmp_path / name, KINDS) for name in ("one.toml", "two.toml"))

    assert (one.feeds[0].timezone, one.feeds[0].currency, one.gaps) == ("Asia/Tokyo", "JPY", ())
    assert len(two.gaps) == 2
    assert '# timezone = "Europe/London"   # required: ' in (tmp_path / "two.toml").read_text()


def test_an_unknown_time_zone_is_wrong_usage(shoplake, tmp_path):
    result = shoplake("init", "--config", tmp_path / "one.toml", "--timezone", "Asia/Tokio")

    assert (result.exit_code, "'Asia/Tokio' is no time zone." in result.stderr) == (2, True)


def test_a_currency_that_is_no_code_is_wrong_usage_and_writes_nothing(shoplake, tmp_path):
    result = shoplake("init", tmp_path / "shop", "--currency", "POUND")

    assert (result.exit_code, "Did you mean 'GBP'?" in result.stderr) == (2, True)
    assert not (tmp_path / "shop").exists()


def test_init_with_a_folder_writes_a_project_that_loads(shoplake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = shoplake("init", "my-shop", "--timezone", "Europe/London", "--currency", "GBP")

    assert result.exit_code == 0, result.output
    folder = tmp_path / "my-shop"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        ".gitignore",
        "README.md",
        "feeds/market_stall.py",
        "rules.py",
        "shoplake.toml",
        "tables/gold/best_sellers.py",
        "tests/test_best_sellers.py",
        "tests/test_market_stall.py",
    }
    lake = Lake.open(folder / "shoplake.toml")
    assert lake.settings.feeds[0].path == str(folder / "landing")
    assert "gold.best_sellers" in lake.known and "market_stall" in lake.project.kinds
    assert len((folder / "README.md").read_text().splitlines()) <= 20
    assert (folder / "README.md").read_text().startswith("# my-shop\n")
    assert "Put the shop's files into `landing`." in (folder / "README.md").read_text()


def test_init_keeps_the_files_of_a_project(shoplake, tmp_path):
    (tmp_path / "rules.py").write_text("# mine")

    shoplake("init", tmp_path)
    again = shoplake("init", tmp_path)

    assert (tmp_path / "rules.py").read_text() == "# mine"
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)


@pytest.mark.parametrize("options", [["--config", "{}/shoplake.toml"], ["{}"]])
def test_init_leaves_nothing_half_written_where_the_disk_takes_no_more(shoplake, tmp_path, options):
    options = [each.format(tmp_path) for each in options]
    with one_byte_files():
        shoplake("init", *options)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert shoplake("init", *options).exit_code == 0
