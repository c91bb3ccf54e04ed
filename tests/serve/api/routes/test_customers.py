import gc
import shutil
import weakref

import pytest

from shoplake.serve.api.short_path import ShortPath
from shoplake.serve.store.builder import build_store
from shoplake.serve.store.reader import StoreReader
from tests.serve.conftest import small_generations
from tests.serve.small_lake import SmallLake, customer, sale


def test_a_customer_is_looked_up_by_her_id(site):
    answer = site.get("/v1/customers/C1/360?feed=shop", "service").json()

    assert answer["data"] == {"customer_id": "C1", "orders": 1}
    assert answer["meta"]["table"] == "gold.customer_360"


@pytest.mark.parametrize("path", ["/v1/customers/C9/360?feed=shop", "/v1/customers/C1/360?feed=other"])
def test_an_unknown_customer_is_named(site, path):
    answer = site.get(path, "service")

    assert answer.status_code == 404
    assert "gold.customer_360 has no row" in answer.json()["detail"]


@pytest.mark.parametrize("short", [True, False])
def test_a_customer_whose_id_has_a_slash_is_looked_up(own_site, monkeypatch, short):
    site = own_site()
    if not short:
        monkeypatch.setattr(ShortPath, "find_route", lambda *_: None)
    site.store.personal._documents["gold.customer_360", ("shop", "C1/360")] = {"customer_id": "C1/360"}

    answer = site.get("/v1/customers/C1%2F360/360?feed=shop", "service")

    assert answer.json()["data"] == {"customer_id": "C1/360"}


@pytest.mark.parametrize("id", ["..%2f..%2fetc%2fpasswd", "%00", "' OR 1=1 --", "%ff%fe", "x" * 2000])
def test_no_id_reaches_anything_else(site, id):
    assert site.get(f"/v1/customers/{id}/360?feed=shop", "service").status_code == 404


def test_an_erased_customer_is_gone_with_the_next_generation(own_site):
    site = own_site()
    etag = site.get("/v1/customers/C1/360?feed=shop", "service").headers["etag"]
    public, personal = small_generations("g2")
    personal._documents.clear()
    site.store.generation, site.store.personal = public, personal

    answer = site.get("/v1/customers/C1/360?feed=shop", "service", headers={"If-None-Match": etag})

    assert answer.status_code == 404


def test_an_unknown_product_is_not_found(site):
    assert site.get("/v1/products/P1/funnel?feed=shop", "analyst").status_code == 404


def test_looked_up_generations_are_let_go(own_site):
    site = own_site()
    site.get("/v1/customers/C1/360?feed=shop", "service")
    former = weakref.ref(site.store.personal)
    site.store.generation, site.store.personal = small_generations("g2")
    gc.collect()

    assert former() is None


def test_a_look_up_in_a_store_that_was_deleted_is_told_to_come_again(own_site, tmp_path):
    lake = SmallLake(tmp_path)
    lake.run(sales=[sale(1, "10.00")], customers=[customer("C1")])
    build_store(lake)
    folder = lake.settings.serve.store_folder(lake.settings.lake)
    site = own_site(store=StoreReader(folder, lake.catalog.ordered))
    path = "/v1/customers/C1/360?feed=shop"

    shutil.rmtree(folder)
    assert (site.get(path, "service").status_code, site.get("/v1/meta", "service").status_code) == (503, 200)

    build_store(lake)
    assert site.get(path, "service").json()["data"]["customer_id"] == "C1"
