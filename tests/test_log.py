import io
import json
import logging
import os
import re

import pytest

from shoplake import Lake
from shoplake.errors import ShoplakeError
from shoplake.log import HIDDEN, configure_logging, hide_secrets, hide_url_secrets, log_context
from shoplake.simulate import generate

SHOP = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "UTC"\ncurrency = "GBP"\n'
CANARY = "canary-secret"
pytestmark = pytest.mark.usefixtures("fewest")


@pytest.fixture
def logged():
    """What is logged since logging was configured; as it was before afterwards."""
    root = logging.getLogger("shoplake")
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()

    def configure(*arguments):
        configure_logging(*arguments, stream=stream)
        return stream

    yield configure
    root.handlers[:], root.level = handlers, level
    root.setLevel(level)


def test_a_record_is_one_line_with_time_level_logger_run_and_table(logged):
    stream = logged("info")

    with log_context("0123456789ab", "silver.events"):
        logging.getLogger("shoplake.pipeline").info("table %s", "started")
    logging.getLogger("shoplake.engine").debug("not at this level")
    logging.getLogger("shoplake.engine").warning("outside of a run")

    first, second = stream.getvalue().splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO shoplake\.pipeline "
        r"\[run=01234567 table=silver\.events\] table started",
        first,
    )
    assert second.endswith("WARNING shoplake.engine outside of a run")


def test_as_json_a_record_is_one_object_with_the_error_in_it(logged):
    stream = logged("error", "json")

    with log_context("r1", "gold.sales_daily"):
        try:
            raise ValueError("oops")
        except ValueError:
            logging.getLogger("shoplake.pipeline").exception("failed")

    [entry] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (entry["run_id"], entry["table"], entry["level"]) == ("r1", "gold.sales_daily", "error")
    assert "ValueError: oops" in entry["error"]


def test_configuring_again_replaces_what_was_configured(logged):
    logged("debug")
    stream = logged("debug")

    logging.getLogger("shoplake").info("once")

    assert stream.getvalue().count("once") == 1


@pytest.mark.parametrize("arguments", [("loud",), ("info", "xml")])
def test_an_unknown_level_or_format_is_refused(logged, arguments):
    with pytest.raises(ValueError, match="use one of"):
        logged(*arguments)


def test_contexts_nest_and_end(logged):
    stream = logged("info")
    log = logging.getLogger("shoplake.pipeline")

    with log_context("r1"):
        with log_context(table="silver.a"):
            log.info("inside")
        log.info("between")
    log.info("outside")

    assert [line.split("pipeline ")[1] for line in stream.getvalue().splitlines()] == [
        "[run=r1 table=silver.a] inside",
        "[run=r1] between",
        "outside",
    ]


def test_values_of_secret_variables_and_tokens_in_addresses_are_hidden(monkeypatch):
    monkeypatch.setenv("SHOPLAKE_SPARK_TOKEN", CANARY)

    text = hide_secrets(f"denied {CANARY} at sc://host/;token=abc;x=1")

    assert text == f"denied {HIDDEN} at sc://host/;token={HIDDEN};x=1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("not sent to http://ann:canary@host:9/api?key=canary&page=2: no", "http://***@host:9/api?key=***&page=2: no"),
        ("'https://ID:can/ary@bucket/lake' is no store", "'https://***@bucket/lake' is no store"),
        ("http://ann:can@ary@host/", "http://***@host/"),
        ("postgresql://ann:***@host/shop is no target", "postgresql://ann:***@host/shop is no target"),
        ("sc://host:1/;token=canary;x=1", "sc://host:1/;token=***;x=1"),
        ("s3://bucket/ann@shop/a.json", "s3://bucket/ann@shop/a.json"),
        ("GET http://127.0.0.1:9/b?list-type=2 in 1 ms, mail a@b.example", "?list-type=2 in 1 ms, mail a@b.example"),
    ],
)
def test_secrets_in_addresses_are_hidden_and_the_rest_stays(text, shown):
    assert hide_url_secrets(text).endswith(shown)


@pytest.mark.slow
def test_the_library_prints_nothing_unless_logging_is_configured(tmp_path, capfd):
    lake_in(tmp_path).run()

    assert capfd.readouterr() == ("", "")


@pytest.mark.sample
def test_a_run_logs_its_steps_with_its_id_and_the_table(tmp_path, logged):
    stream = logged("debug", "json")

    result = lake_in(tmp_path).run()

    entries = [json.loads(line) for line in stream.getvalue().splitlines()]
    messages = " | ".join(entry["message"] for entry in entries)
    for event in ("lease acquired", "run started", "file ingested: shop/", "table finished", "run finished in"):
        assert event in messages
    of_tables = [entry for entry in entries if entry["message"].startswith("table finished")]
    assert sorted(entry["table"] for entry in of_tables) == sorted(step.table for step in result.tables)
    assert {entry["run_id"] for entry in of_tables} == {result.run_id}


@pytest.mark.usefixtures("fewest")
def test_secrets_are_in_no_record_error_repr_or_commit(tmp_path, monkeypatch, caplog, logged):
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SHOPLAKE_SPARK_TOKEN"):
        monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:9")
    caplog.set_level(logging.DEBUG)
    stream = logged("debug")
    lake = lake_in(tmp_path)
    lake.run()
    logs = "".join(path.read_text() for path in (tmp_path / "lake").rglob("_delta_log/*.json"))

    unreachable = ('lake = "s3://b/lake"', 'engine = "spark"\nremote = "sc://127.0.0.1:9"')
    errors = [failure(tmp_path, top) for top in unreachable]

    records = [f"{record.getMessage()}{record.exc_text or ''}" for record in caplog.records]
    assert len(records) > 10 and "commitInfo" in logs and all(errors)
    assert CANARY in os.environ["SHOPLAKE_SPARK_TOKEN"]
    texts = [*records, *errors, stream.getvalue(), repr(lake), repr(lake.settings), logs]
    assert [text for text in texts if CANARY in text] == []


def lake_in(folder):
    generate(folder / "landing", events=30, customers=5, products=5, days=1, seed=4)
    (folder / "shoplake.toml").write_text(SHOP)
    return Lake.open(folder / "shoplake.toml")


def failure(folder, top):
    path = folder / "failing.toml"
    path.write_text(f"{top}\n{SHOP}")
    with pytest.raises(ShoplakeError) as error:
        Lake.open(path).run()
    return f"{error.value}{error.value.__cause__}"
