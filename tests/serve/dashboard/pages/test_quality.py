def test_rules_that_records_broke_are_shown_with_their_rows(admin):
    html = admin.get("/quality").text

    assert "event_name_known" in html and "4.0 %" in html


def test_old_data_is_marked(admin):
    assert "<span>3 hours old</span>" in admin.get("/quality").text


def test_open_incidents_and_gates_have_their_band_and_the_line_to_type(admin):
    html = admin.get("/quality").text

    assert "i1 is wrong." in html and "i2 is wrong." not in html
    assert "shoplake alerts ack i1" in html
    assert "rows_like_history" in html and "40.5" in html
    assert "shoplake quarantine list silver.events --reason event_name_known" in html
