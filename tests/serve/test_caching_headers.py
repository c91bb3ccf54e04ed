"""What caches between the server and its clients may keep: no answer of one key is given to another."""

import pytest

PATHS = ("/v1/sales", "/v1/tables/gold.sales_daily", "/v1/customers/C3", "/v1/meta")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["analyst", "admin"])
def test_an_answer_of_the_store_is_kept_by_no_shared_cache_and_varies_by_key(shop_site, path, role):
    answer = shop_site.get(path, role)

    kept = answer.headers["cache-control"]
    varies = {each.strip() for each in answer.headers.get("vary", "").split(",")}
    assert "no-store" in kept or ("private" in kept and "no-cache" in kept)
    assert "no-store" in kept or {"Authorization", "Cookie", "Accept", "Accept-Encoding"} <= varies


def test_an_unchanged_answer_varies_like_the_first_one(shop_site):
    first = shop_site.get("/v1/sales", "analyst")
    again = shop_site.get("/v1/sales", "analyst", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.headers["vary"] == first.headers["vary"]
