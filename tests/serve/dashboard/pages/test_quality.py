import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


def test_rules_that_records_broke_are_shown_with_their_rows(admin):
    html = admin.get("/quality").text

    assert "event_name_known" in html and "4.0 %" in html


def test_of_many_violated_rules_those_with_the_most_rows_are_shown(browse, shop):
    tables = gold_tables(shop)
    failed = next(row for row in tables["ops.quality"] if row["check_type"] == "rule" and row["rows_failed"])
    many = [{**failed, "check_name": f"rule_{place:03}", "rows_failed": place} for place in range(1, 301)]

    html = browse(MemoryGeneration(tables | {"ops.quality": many}, id="many")).get("/quality").text

    assert [place for place in range(1, 301) if f"rule_{place:03}" in html] == [*range(281, 301)]


def test_old_data_is_marked(admin):
    assert "<span>3 hours old</span>" in admin.get("/quality").text


def test_open_incidents_and_gates_have_their_band_and_the_line_to_type(admin):
    html = admin.get("/quality").text

    assert "i1 breaks a_rule." in html and "i2 breaks" not in html
    assert "shoplake alerts ack i1" in html
    assert "rows_like_history" in html and "40.5" in html


def test_quarantined_records_have_examples_and_the_line_that_exports_them(admin):
    html = admin.get("/quality").text

    assert "&#34;two&#34; in events/a.json:3" in html
    assert "shoplake quarantine export silver.events --reason event_name_known -o bad.ndjson" in html


@pytest.mark.parametrize("role", ["analyst", "service"])
def test_every_role_sees_the_page_that_has_only_masked_examples(browse, generation, role):
    assert "quantity_fits_type" in browse(generation, role).get("/quality").text


def test_a_measure_outside_its_band_is_the_first_and_has_a_chart(admin):
    html = admin.get("/quality").text

    assert "<h2>shop silver.events rows by day</h2>" in html
    assert html.index("outside") < html.index("within")


def test_another_measure_can_be_chosen_for_the_chart(admin):
    html = admin.get("/quality", params={"series": "shop silver.events nulls customer_id"}).text

    assert "<h2>shop silver.events nulls customer_id by day, %</h2>" in html


def test_an_unknown_measure_has_no_chart(admin):
    response = admin.get("/quality", params={"series": "nothing"})

    assert response.status_code == 200 and "by day" not in response.text
