from pathlib import Path

import pytest

from shoplake.errors import SettingsError
from shoplake.feeds import KINDS, ZENITH
from shoplake.settings import FEED, LANDING, MODELS, PLAN, TOP, Settings, load
from tests.settings.sample_settings import SHOP, refused


def test_a_feed_is_all_that_must_be_set(loaded, tmp_path):
    settings = loaded(SHOP)

    [shop] = settings.feeds
    assert (shop.name, shop.kind, shop.timezone, shop.currency) == ("shop", ZENITH, "UTC", None)
    assert settings == Settings(
        lake=str(tmp_path / "lake"), feeds=settings.feeds, gaps=settings.gaps, serve=settings.serve
    )
    assert (settings.engine, settings.memory_limit) == ("sail", None)
    assert (settings.max_files_per_batch, settings.max_bytes_per_batch) == (10_000, 4 * 2**30)


def test_paths_are_relative_to_the_file_and_object_stores_stay(loaded, tmp_path):
    settings = loaded('lake = "../lake"\n' + SHOP.replace("drop", "s3://bucket/drop/"))

    assert settings.lake == str(tmp_path.parent / "lake")
    assert settings.feeds[0].path == "s3://bucket/drop"


def test_an_absolute_path_stays_and_the_home_folder_is_found(loaded, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    settings = loaded('lake = "/srv/lake"\n' + SHOP.replace("drop", "~/drop"))

    assert (settings.lake, settings.feeds[0].path) == ("/srv/lake", str(tmp_path / "home" / "drop"))


def test_every_setting_is_read(loaded):
    settings = loaded(
        'engine = "sail"\nmemory_limit = "500 MB"\n[landing]\nmax_files_per_batch = 5\n'
        'max_bytes_per_batch = "1 KiB"\non_changed_file = "reject"\n'
        + SHOP
        + 'timezone = "Europe/London"\ncurrency = "GBP"\n[feeds.old-shop_2]\nkind = "online_retail"\npath = "x"\n'
    )

    assert (settings.memory_limit, settings.max_files_per_batch, settings.max_bytes_per_batch) == (500_000_000, 5, 1024)
    assert [(feed.name, feed.timezone, feed.currency) for feed in settings.feeds] == [
        ("shop", "Europe/London", "GBP"),
        ("old-shop_2", "UTC", None),
    ]


def test_drift_revisions_and_settling_are_read(loaded):
    settings = loaded(
        '[landing]\non_changed_file = "replace"\nmin_file_age_s = 0\n' + SHOP + 'schema_drift = "quarantine"\n'
    )

    assert (settings.on_changed_file, settings.min_file_age_s, settings.feeds[0].is_strict) == ("replace", 0, True)
    assert loaded(SHOP).feeds[0].is_strict is False


def test_the_environment_comes_before_the_file(loaded, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPLAKE_LAKE", "elsewhere")
    monkeypatch.setenv("SHOPLAKE_MEMORY_LIMIT", "1 GB")

    settings = loaded('lake = "here"\nmemory_limit = "2 GB"\n' + SHOP)

    assert (settings.lake, settings.memory_limit) == (str(tmp_path / "elsewhere"), 10**9)


def test_feeds_begin_in_the_landing_root_of_the_environment_and_the_lake_does_not(loaded, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPLAKE_LANDING_ROOT", "/Volumes/shop/landing/files")

    settings = loaded(SHOP)

    assert settings.feeds[0].path == "/Volumes/shop/landing/files/drop"
    assert settings.lake == str(tmp_path / "lake")


def test_the_catalog_of_the_environment_is_that_of_the_tables(loaded, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_CATALOG", "dev")

    assert loaded('engine = "spark"\ncatalog = "shop"\n' + SHOP).catalog == "dev"


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ('lakes = "x"\n' + SHOP, "unknown setting 'lakes'. Did you mean 'lake'?"),
        (
            "[landing]\nmax_files_per_batc = 5\n" + SHOP,
            "unknown setting 'landing.max_files_per_batc'. Did you mean 'max_files_per_batch'?",
        ),
        (SHOP + 'timezon = "UTC"', "unknown setting 'feeds.shop.timezon'. Did you mean 'timezone'?"),
        (SHOP.replace('"zenith"', "5"), "feeds.shop.kind = 5 must be a text in quotes."),
        ('use = "mine"\n' + SHOP, "use = 'mine' must be a list of texts, such as [\"name\"]."),
        (SHOP + "events = 1", "feeds.shop.events is a table"),
        (SHOP + "events = { cart = 1 }", "feeds.shop.events.cart = 1 must be a text in quotes."),
        ('engine = "spork"\n' + SHOP, "engine = 'spork'."),
        (SHOP + 'timezone = "Europe/Atlantis"', "feeds.shop.timezone = 'Europe/Atlantis' is no time zone."),
        (SHOP + 'timezone = "../../etc/passwd"', "is no time zone."),
        (SHOP + "timezone = 1", "feeds.shop.timezone = 1 must be a text in quotes."),
        (SHOP + "currency = 1", "feeds.shop.currency = 1 must be a text in quotes."),
        (SHOP + 'currency = "POUND"', "feeds.shop.currency = 'POUND' is no ISO 4217 code. Did you mean 'GBP'?"),
        ('lake = ""\n' + SHOP, "lake = '' must be a text in quotes."),
        ("lake = 5\n" + SHOP, "lake = 5 must be a text in quotes."),
        ('[feeds.shop]\nkind = "zenith"\n', "feeds.shop needs kind (one of online_retail"),
        ('[feeds.shop]\npath = "x"\n', "feeds.shop needs kind"),
        (SHOP.replace("shop", '"my shop"'), "feeds.my shop: a feed's name is a letter, then letters, digits, _ and -."),
        (SHOP.replace("shop", '"../x"'), "a feed's name is a letter"),
        ("", "names no feed. Add [feeds.shop] with kind and path."),
        ("feeds = 1", "feeds are tables with names of your choice: write [feeds.shop]."),
        (SHOP.replace("[feeds.shop]", "[[feeds]]"), "feeds are tables with names of your choice: write [feeds.shop]."),
        (SHOP + "[[landing]]\nmin_file_age_s = 1", "landing is a table: write [landing], then its settings."),
        ("feeds.shop = 1", "feeds.shop is a table"),
        ("landing = 1\n" + SHOP, "landing is a table"),
        (
            "[landing]\nmax_files_per_batch = 0\n" + SHOP,
            "landing.max_files_per_batch = 0 must be a whole number, 1 or more.",
        ),
        ("[landing]\nmax_files_per_batch = true\n" + SHOP, "landing.max_files_per_batch = True must be a whole number"),
        ('[landing]\non_changed_file = "take"\n' + SHOP, "landing.on_changed_file = 'take'."),
        ("[landing]\nmin_file_age_s = -1\n" + SHOP, "landing.min_file_age_s = -1 must be a whole number, 0 or more."),
        (SHOP + 'schema_drift = "refuse"', "feeds.shop.schema_drift = 'refuse'."),
        ('memory_limit = "much"\n' + SHOP, "memory_limit = 'much' is no size."),
        ("memory_limit = [\n", "is not valid TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed(loaded, text, reported):
    assert reported in refused(loaded, text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('memory = "4 GB"\n' + SHOP, "'memory' is now called 'memory_limit'"),
        ("[landing]\nmax_files = 5\n" + SHOP, "'landing.max_files' is now called 'max_files_per_batch'"),
        ('[landing]\nmax_bytes = "1 GB"\n' + SHOP, "'landing.max_bytes' is now called 'max_bytes_per_batch'"),
        ('[landing]\nrevisions = "refuse"\n' + SHOP, "'landing.revisions' is now called 'on_changed_file'"),
        ("[landing]\nsettle_seconds = 5\n" + SHOP, "'landing.settle_seconds' is now called 'min_file_age_s'"),
        (SHOP + 'drift = "strict"', "'feeds.shop.drift' is now called 'schema_drift'"),
        ('[landing]\non_changed_file = "refuse"\n' + SHOP, "on_changed_file = 'refuse' is now called 'reject'"),
        ('[landing]\non_changed_file = "supersede"\n' + SHOP, "on_changed_file = 'supersede' is now called 'replace'"),
        (SHOP + 'schema_drift = "strict"', "schema_drift = 'strict' is now called 'quarantine'"),
    ],
)
def test_a_former_name_is_answered_with_the_new_one(loaded, text, name):
    assert refused(loaded, text).endswith(f"{name}. Rename it.")


def test_the_former_environment_variable_is_answered_with_the_new_one(loaded, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_MEMORY", "1 GB")

    assert "SHOPLAKE_MEMORY is now called SHOPLAKE_MEMORY_LIMIT. Rename it." in refused(loaded, SHOP)


@pytest.mark.parametrize("text", ['lke = "x"\n' + SHOP, "", "landing = 1\n" + SHOP, 'memory_limit = "much"\n' + SHOP])
def test_an_error_names_the_file_that_was_read(tmp_path, text):
    path = tmp_path / "other.toml"
    path.write_text(text)

    with pytest.raises(SettingsError, match=f"^{path}: ") as error:
        load(path, KINDS)
    assert "shoplake.toml" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"), [("ENGINE", "spork"), ("MEMORY_LIMIT", "much"), ("LAKE", "gs://x"), ("REMOTE", "host")]
)
def test_an_error_of_the_environment_quotes_what_is_set_there(loaded, monkeypatch, name, value):
    monkeypatch.setenv("SHOPLAKE_ENGINE", "spark")
    monkeypatch.setenv(f"SHOPLAKE_{name}", value)

    assert f"'{value}'" in refused(loaded, SHOP)


def test_a_missing_file_is_answered_with_how_to_write_one(tmp_path):
    with pytest.raises(SettingsError, match=r"There is no .*none\.toml\. Write one with: shoplake init"):
        load(tmp_path / "none.toml", KINDS)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "shoplake.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="is not valid TOML"):
        load(tmp_path / "shoplake.toml", KINDS)


@pytest.mark.parametrize(("memory", "most"), [("3 GiB", 3 * 2**29), ("64 GiB", 4 * 2**30)])
def test_a_batch_is_no_larger_than_half_of_the_memory_by_default(loaded, memory, most):
    assert loaded(f'memory_limit = "{memory}"\n' + SHOP).max_bytes_per_batch == most


@pytest.mark.parametrize(
    ("output", "remote", "catalog"),
    [
        ("", None, None),
        ('remote = "local"\n', "local", None),
        ('remote = "sc://host:15002/;use_ssl=true"\ncatalog = "main"\n', "sc://host:15002/;use_ssl=true", "main"),
    ],
)
def test_spark_is_on_this_machine_elsewhere_or_there_already(loaded, output, remote, catalog):
    settings = loaded('engine = "spark"\n' + output + SHOP)

    assert (settings.engine, settings.remote, settings.catalog) == ("spark", remote, catalog)


def test_the_environment_can_choose_another_engine(loaded, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_ENGINE", "spark")
    monkeypatch.setenv("SHOPLAKE_REMOTE", "local")
    assert (loaded(SHOP).engine, loaded(SHOP).remote) == ("spark", "local")

    monkeypatch.setenv("SHOPLAKE_ENGINE", "sail")
    assert loaded('engine = "spark"\nremote = "local"\n' + SHOP).engine == "sail"


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ('remote = "local"', "remote is Spark's. Set engine"),
        ('engine = "spark"\nremote = "host:1"', 'neither "local" nor an address'),
        ('engine = "spark"\nremote = "sc://host:x"', 'neither "local" nor an address'),
        ('engine = "spark"\nremote = "sc://host:70000"', 'neither "local" nor an address'),
        ('engine = "spark"\nremote = "sc://"', 'neither "local" nor an address'),
        ('engine = "spark"\nremote = "sc://h/;token=x"', "Put it into SHOPLAKE_SPARK_TOKEN"),
        ('engine = "spark"\nremote = "local"\ncatalog = "main"', "forgets names when it stops"),
        ('engine = "spark"\nremote = "local"\nlake = "s3://a/b"', "the local Spark reaches no s3://a/b"),
        ('engine = "spark"\ncatalog = "a.b"', "is no name"),
    ],
)
def test_what_spark_does_not_accept_is_refused(loaded, output, why):
    assert why in refused(loaded, f"{output}\n{SHOP}")


def test_the_reference_names_every_setting():
    page = (Path(__file__).parents[2] / "docs/reference/settings.md").read_text(encoding="utf-8")

    names = {*TOP, *LANDING, *PLAN, *MODELS, *FEED}
    assert {name for name in names if f"`{name}`" not in page and f"`[{name}" not in page} == set()
