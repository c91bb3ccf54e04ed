import os
import threading

import pytest

from shoplake import Lake
from shoplake.engine.runtime import EngineRuntime
from shoplake.engine.session.sail import SailServers
from shoplake.simulate import generate

SHOP = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ncurrency = "GBP"\n'


@pytest.fixture
def lake_of(tmp_path):
    """A lake with the landing folder of all and settings of its own."""
    generate(tmp_path / "landing", events=120, customers=20, products=10, days=2, seed=4)

    def lake(name, timezone="UTC", top="", runtime=None):
        config = tmp_path / f"{name}.toml"
        config.write_text(f'lake = "{name}"\n{top}{SHOP}timezone = "{timezone}"\n')
        return Lake(Lake.open(config).settings, runtime)

    return lake


def days(lake):
    return [row["day"] for row in lake.sql("SELECT DISTINCT event_date AS day FROM silver.events ORDER BY 1")]


@pytest.mark.slow
def test_two_lakes_with_different_settings_run_and_are_read_side_by_side(lake_of):
    servers = SailServers()
    london = lake_of("london", "Europe/London", runtime=EngineRuntime(servers))
    auckland = lake_of("auckland", "Pacific/Auckland", 'memory_limit = "2 GB"\n', EngineRuntime(servers))
    threads = [threading.Thread(target=lake.run) for lake in (london, auckland)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(servers.addresses()) == 2
    assert london.table("silver.events").count() == auckland.table("silver.events").count() > 0
    assert days(london) != days(auckland)
    assert days(london) == days(lake_of("london"))
    assert (london.verify(), auckland.verify()) == ([], [])
    assert auckland.run().tables == [] == london.run().tables
    servers.stop()


def test_a_memory_limit_is_that_of_one_lake_and_not_of_the_others():
    servers = SailServers(min_query_bytes=0)
    query = "SELECT count(*) FROM (SELECT id, count(*) AS n FROM range(200000) GROUP BY id)"

    with pytest.raises(Exception, match="Failed to allocate"):
        servers.session(3000).sql(query).collect()
    assert servers.session(None).sql(query).collect()[0][0] == 200_000
    assert servers.session(3000) is servers.session(3000)
    servers.stop()


def test_starting_a_server_leaves_no_setting_of_it_in_the_environment(monkeypatch):
    monkeypatch.setenv("SAIL_EXECUTION__BATCH_SIZE", "4096")
    before = os.environ | {"TZ": "UTC"}
    servers = SailServers()

    servers.session(2 << 30)
    servers.stop()

    assert os.environ == before


def test_reading_a_path_in_an_object_store_leaves_the_environment_as_it_is(bucket, monkeypatch):
    from shoplake.engine.storage import filesystem

    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    before = dict(os.environ)

    files, path = filesystem.filesystem_for(f"{bucket}/nothing")
    filesystem.delta_options(f"{bucket}/lake")
    assert not files.get_file_info(path).is_file

    assert dict(os.environ) == before


@pytest.mark.sample
def test_a_lake_in_a_folder_with_a_space_and_an_accent_is_built_and_read_there(lake_of, tmp_path):
    lake, count = lake_of("mon café"), "SELECT count(*) AS n FROM silver.events"

    lake.run()

    [(now,)], [(first,)] = (lake.sql(query).collect() for query in (count, f"{count} VERSION AS OF 0"))
    assert lake.verify() == []
    assert (now > 100, first) == (True, 0)
    assert {each.name for each in (tmp_path / "mon café").iterdir()} >= {"bronze", "silver", "gold"}
    assert not [*tmp_path.rglob("*%*")]
