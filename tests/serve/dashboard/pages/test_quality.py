def test_rules_that_records_broke_are_shown_with_their_rows(admin):
    html = admin.get("/quality").text

    assert "event_name_known" in html and "4.0 %" in html


def test_old_data_is_marked(admin):
    assert "<span>3 hours old</span>" in admin.get("/quality").text
