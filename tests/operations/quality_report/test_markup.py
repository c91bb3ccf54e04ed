from shoplake.operations.quality_report.markup import bar, sparkline, status, table


def test_a_table_without_rows_is_a_sentence():
    assert table("Gates", [("Gate", "")], [], "No gates.") == '<p class="empty">No gates.</p>'


def test_a_cell_has_the_title_of_its_column_for_narrow_screens():
    html = table("Gates", [("Gate", ""), ("Rows", "number")], [("a", "3")], "")

    assert '<td data-title="Rows" class="number">3</td>' in html


def test_a_sparkline_has_a_bar_per_write_and_marks_those_with_bad_rows():
    svg = sparkline([5, 10, 0], [0, 1, 0])

    assert (svg.count("<rect"), svg.count('class="bad"')) == (3, 1)
    assert "0 rows in the last, at most 10" in svg
    assert sparkline([], []) == ""


def test_a_bar_is_never_wider_than_its_place():
    assert 'width="90.0"' in bar(3.0) and 'width="45.0"' in bar(0.5)


def test_a_status_is_a_word_besides_its_colour():
    assert status("warn") == '<span class="status warn">WARN</span>'
