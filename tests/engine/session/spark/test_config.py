from pathlib import Path

import pytest

from shoplake.engine.session.spark.config import JAVA_OPTIONS, LEAST_MEMORY, MOST_MEMORY, settings


def output(memory=None):
    words = settings(Path("/state"), Path("/cache/ivy"), memory)
    conf = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "--conf")
    return words, conf


def test_the_server_hears_on_loopback_alone_and_shows_no_page():
    _, conf = output()

    bound = ("spark.connect.grpc.binding.address", "spark.driver.host", "spark.driver.bindAddress")
    assert {conf[name] for name in bound} == {"127.0.0.1"}
    assert conf["spark.ui.enabled"] == "false"


def test_no_secret_is_on_the_command_line_which_everybody_can_read():
    words, _ = output()

    assert not any("token" in word for word in words)


def test_memory_is_what_is_asked_for_within_reason():
    for asked, given in ((3 << 30, 3 << 30), (1, LEAST_MEMORY)):
        words, _ = output(asked)
        assert words[words.index("--driver-memory") + 1] == f"{given >> 20}m"
    words, _ = output()
    assert LEAST_MEMORY >> 20 <= int(words[words.index("--driver-memory") + 1][:-1]) <= MOST_MEMORY >> 20


def test_it_reckons_in_utc_by_ansi_rules_with_small_shuffles():
    words, conf = output()

    assert (conf["spark.sql.session.timeZone"], conf["spark.sql.ansi.enabled"]) == ("UTC", "true")
    assert words[words.index("--master") + 1] == f"local[{conf['spark.sql.shuffle.partitions']}]"
    assert conf["spark.databricks.delta.snapshotPartitions"] == "2"


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({}, ["-XX:+UseParallelGC"]),
        ({"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}, ["-XX:+UseParallelGC"]),
        ({"JDK_JAVA_OPTIONS": "-Xmx2g -XX:+UseSerialGC"}, []),
        ({"SPARK_SUBMIT_OPTS": "-XX:+UseG1GC"}, []),
    ],
)
def test_the_collector_is_the_users_where_one_is_chosen_as_java_starts_with_no_two(monkeypatch, given, chosen):
    for name in JAVA_OPTIONS:
        monkeypatch.delenv(name, raising=False)
    for name, options in given.items():
        monkeypatch.setenv(name, options)
    words, _ = output()

    options = words[words.index("--driver-java-options") + 1].split()
    assert [option for option in options if "GC" in option] == chosen


def test_java_compiles_well_what_runs_often_and_starts_also_where_it_knows_no_such_limits():
    words, _ = output()

    options = words[words.index("--driver-java-options") + 1].split()
    assert "-XX:Tier4InvocationThreshold=100000" in options
    assert "-XX:+IgnoreUnrecognizedVMOptions" in options
