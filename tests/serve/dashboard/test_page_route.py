from shoplake.serve.dashboard.page_route import message_page
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


def test_without_a_key_a_page_says_how_to_log_in(browse, generation):
    response = browse(generation, role=None).get("/")

    assert response.status_code == 401
    assert "<h1>Log in</h1>" in response.text and "shoplake serve" in response.text
    assert '<form class="filters" method="post" action="/login">' in response.text


def test_an_empty_lake_says_what_to_do(browse):
    response = browse(None).get("/")

    assert response.status_code == 503
    assert "<h1>No data yet</h1>" in response.text and "shoplake demo --serve" in response.text


def test_a_lake_whose_records_are_all_quarantined_links_to_what_became_of_them(browse, shop):
    reasons = {"ops.quarantine_reasons": gold_tables(shop)["ops.quarantine_reasons"]}
    client = browse(MemoryGeneration(reasons, id="quarantined"))
    response = client.get("/")

    assert response.status_code == 503 and response.headers["refresh"] == "3"
    assert '<a href="/quality">Quality</a>' in response.text
    assert "shoplake quarantine export silver.events --reason event_name_known" in client.get("/quality").text
    assert all(client.get(path).status_code == 200 for path in ("/models", "/rows/quarantine"))


def test_the_page_of_an_empty_lake_reloads_itself_until_there_is_data(browse, generation):
    assert browse(None).get("/").headers["refresh"] == "3"
    assert "refresh" not in browse(generation).get("/").headers


def test_a_mistake_in_the_address_is_shown_on_a_page(admin):
    response = admin.get("/?since=%3Cscript%3E")

    assert response.status_code == 404
    assert "since=&lt;script&gt; is not a day" in response.text


def test_a_message_is_never_cached():
    assert message_page(404, "Nothing").headers["cache-control"] == "no-store"


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_an_unknown_address_is_a_page_with_a_way_back_for_people(admin):
    response = admin.get("/nowhere", headers=BROWSER)

    assert response.status_code == 404
    assert "<h1>Not found</h1>" in response.text and '<a href="/">Overview</a>' in response.text


def test_an_unknown_address_is_a_problem_document_for_programs(admin):
    for path, headers in (("/nowhere", {}), ("/v1/nowhere", BROWSER)):
        assert admin.get(path, headers=headers).headers["content-type"] == "application/problem+json"


def test_a_wrong_key_shows_the_form_again(browse, generation):
    response = browse(generation, role=None).post("/login", data={"key": "x"}, headers=BROWSER)

    assert response.status_code == 401
    assert 'name="key"' in response.text


def test_a_day_that_is_out_of_range_is_a_page_with_a_way_back_for_people(admin):
    response = admin.get("/?until=0001-01-01", headers={"Accept": "text/html"})

    assert response.status_code == 422
    assert "A value is out of range." in response.text and '<a href="/">Overview</a>' in response.text
