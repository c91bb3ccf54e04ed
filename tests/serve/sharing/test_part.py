import json
from types import SimpleNamespace

import pytest
from starlette.routing import Route

from shoplake.serve.sharing.links import FileLink, LinkSigner
from shoplake.serve.sharing.part import sharing_part

from ..export.small_lake import SALES, sale
from .conftest import sharing_server

TABLES = "/delta-sharing/shares/shoplake/schemas/{}/tables/{}"
SALES_URL = TABLES.format("gold", "sales_daily")
CUSTOMERS_URL = TABLES.format("silver", "customers")


def lines(response):
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def file_url(client, table=SALES_URL):
    return lines(client.post(f"{table}/query", json={}))[2]["file"]["url"]


def test_shares_schemas_and_tables_are_listed(server):
    client = server.client("service")

    def names(path):
        return [each["name"] for each in client.get(f"/delta-sharing{path}").json()["items"]]

    assert names("/shares") == ["shoplake"]
    assert names("/shares/shoplake/schemas") == ["gold", "silver"]
    assert names("/shares/shoplake/schemas/gold/tables") == ["sales_daily", "products"]
    assert names("/shares/shoplake/all-tables") == ["sales_daily", "products", "customers"]


def test_an_ordinary_role_does_not_see_that_there_is_a_table_with_personal_columns(server):
    client = server.client("analyst")

    listed = client.get("/delta-sharing/shares/shoplake/all-tables").json()["items"]

    assert [each["name"] for each in listed] == ["sales_daily", "products"]
    for path, call in (("version", client.get), ("metadata", client.get), ("query", client.post)):
        assert call(f"{CUSTOMERS_URL}/{path}").status_code == 404


def test_queries_of_personal_tables_are_in_the_audit_log(server):
    lines(server.client("service").post(f"{CUSTOMERS_URL}/query", json={}))

    assert server.app.state.gate.audit.read()[-1].subject == "silver.customers"


@pytest.mark.parametrize("path", ["shares", "shares/shoplake/all-tables", f"{SALES_URL[15:]}/metadata"])
def test_without_a_key_nothing_is_listed(server, path):
    assert server.client(None).get(f"/delta-sharing/{path}").status_code == 401


def test_a_signed_link_needs_no_key_and_gives_ranges_of_its_file(server):
    url = file_url(server.client())
    client = server.client(None)

    assert client.get(url).content[:4] == b"PAR1"
    part = client.get(url, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PAR1")
    assert int(client.head(url).headers["content-length"]) == len(client.get(url).content)


def test_an_altered_link_is_forbidden(server):
    url = file_url(server.client())

    for altered in (f"{url[:-1]}{'A' if url[-1] != 'A' else 'Q'}", f"{url}AAAA", url[:-40], f"{url[:-3]}%2e%2e"):
        assert server.client(None).get(altered).status_code in (403, 404)


def test_a_link_to_a_file_outside_the_version_is_not_found_though_it_is_signed(server):
    signer = LinkSigner(server.keys.signing_secret)
    for path in ("../../keys.sqlite", "/etc/passwd", "_delta_log/00000000000000000000.json"):
        token = signer.sign(FileLink("gold.sales_daily", 1, path, "key-1", signer.expiry()))
        assert server.client(None).get(f"/delta-sharing/files/{token}").status_code == 404


@pytest.mark.parametrize("query", [{"version": 0}, {"timestamp": "2026-01-01T00:00:00Z"}, {"startingVersion": 0}])
def test_only_the_version_of_the_last_run_is_shared(server, query):
    assert server.client().post(f"{SALES_URL}/query", json=query).status_code == 400


def test_the_version_is_a_header_of_every_answer_about_a_table(server):
    client = server.client()
    answers = [
        client.get(f"{SALES_URL}/version"),
        client.get(f"{SALES_URL}/metadata"),
        client.post(f"{SALES_URL}/query"),
    ]

    assert [answer.headers["delta-table-version"] for answer in answers] == ["1", "1", "1"]


def test_unknown_shares_and_tables_name_what_there_is(server):
    client = server.client()

    assert "There is one: shoplake" in client.get("/delta-sharing/shares/shop/schemas").json()["detail"]
    assert "Did you mean 'gold.sales_daily'" in client.get(f"{SALES_URL}s/version").json()["detail"]


def test_a_file_that_a_vacuum_deleted_is_not_found(tmp_path):
    server = sharing_server(tmp_path)
    url = file_url(server.client())
    server.lake.run({SALES: [sale(5)]})
    for path in server.lake.folder.glob("gold/sales_daily/*.parquet"):
        path.unlink()

    assert server.client(None).get(url).status_code == 404


def test_tables_of_a_lake_that_was_moved_are_not_ready_which_is_no_failure_of_the_server(tmp_path):
    server = sharing_server(tmp_path)
    server.lake.folder.rename(tmp_path / "moved")

    answers = [server.client().get(f"{SALES_URL}/version"), server.client().post(f"{SALES_URL}/query", json={})]

    assert [(answer.status_code, answer.json()["title"]) for answer in answers] == [(503, "Not ready")] * 2
    assert "its disk is not mounted" in answers[0].json()["detail"]


def test_the_routes_are_absent_for_a_lake_in_an_object_store():
    lake = SimpleNamespace(settings=SimpleNamespace(lake="s3://bucket/lake"))

    assert sharing_part(lake, b"secret").routers == ()


def test_each_route_but_that_of_signed_links_asks_for_a_key(server):
    for route in server.app.routes:
        if isinstance(route, Route) and route.path.startswith("/delta-sharing"):
            path = route.path.format(share="shoplake", schema="gold", table="sales_daily", token="x")
            statuses = [server.client(role).request(min(route.methods), path).status_code for role in (None, "analyst")]
            assert statuses == ([403, 403] if "token" in route.path else [401, 200]), route.path
