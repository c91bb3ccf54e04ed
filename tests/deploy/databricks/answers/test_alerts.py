import re

import pytest
import sqlglot
from sqlglot.optimizer.qualify import qualify

from shoplake import tables
from shoplake.declare.catalog import Catalog

CATALOG = Catalog.from_package(tables)
NAMES = ("nothing_sold", "many_returns", "unusual_sales")


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_asks_one_number_of_declared_columns(documents, name):
    alert = documents["resources/alerts.yml"]["resources"]["alerts"][name]
    query = re.sub(r"\$\{var\.catalog\}\.\$\{[\w.]+\}\.", "", alert["query_text"])
    schema = {t.name: {column.name: column.type for column in t.columns} for t in CATALOG.values() if t.layer == "gold"}

    parsed = qualify(sqlglot.parse_one(query, dialect="databricks"), schema=schema, dialect="databricks")

    assert parsed.named_selects == [alert["evaluation"]["source"]["name"]]


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_reads_an_alert_and_loses_nothing(documents, name):
    from databricks.sdk.service.sql import AlertV2  # slow to import

    alert = documents["resources/alerts.yml"]["resources"]["alerts"][name]

    assert AlertV2.from_dict(alert).as_dict() == alert


def test_alerts_ask_in_the_morning_of_the_shop(documents):
    alerts = documents["resources/alerts.yml"]["resources"]["alerts"]

    assert set(alerts) == set(NAMES)
    assert {each["schedule"]["timezone_id"] for each in alerts.values()} == {"Europe/London"}
