from tests.serve.fake_store import FakeStore


def test_a_live_server_may_not_be_ready(own_site):
    site = own_site(store=FakeStore())

    assert site.get("/healthz").text == "ok"
    assert site.get("/readyz").status_code == 503


def test_a_server_with_a_generation_is_ready(site):
    assert site.get("/readyz").text == "ready"


def test_metrics_count_requests_by_route(own_site):
    site = own_site()
    site.get("/healthz")

    answer = site.get("/metrics", "service")

    assert 'route="/healthz",status="200"} 1' in answer.text
    assert "shoplake_generation_age_seconds" in answer.text
    assert site.secrets["service"] not in answer.text
