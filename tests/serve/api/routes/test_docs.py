def test_the_page_names_each_route_and_loads_nothing_from_elsewhere(site):
    answer = site.get("/docs", "analyst")

    assert answer.status_code == 200
    assert "GET /v1/tables/{table}" in answer.text
    assert "<script" not in answer.text
    assert "//cdn" not in answer.text
