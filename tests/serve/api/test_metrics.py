from shoplake.serve.api.metrics import Metrics


def test_requests_are_counted_by_route_and_status():
    metrics = Metrics()
    for status, seconds in ((200, 0.002), (200, 0.2), (429, 0.0001)):
        metrics.count("/v1/sales", status, seconds)

    text = metrics.render(12.4)

    assert 'route="/v1/sales",status="200"} 2\n' in text
    assert 'route="/v1/sales",le="0.0025"} 2\n' in text
    assert 'route="/v1/sales",le="+Inf"} 3\n' in text
    assert "shoplake_http_request_duration_seconds_count{" in text
    assert text.endswith("} 12\n")


def test_without_a_generation_there_is_no_age():
    assert "generation_age" not in Metrics().render()
