import pytest

from shoplake.engine.ingest.sketch.text_tables import sketch_table

PAYPAL = '"Datum","Uhrzeit","Zeitzone","Brutto"\r\n"31.03.2026","10:15:00","CEST","1.234,50"\r\n'


def test_quoted_cells_with_decimal_commas_are_numbers(file):
    code = sketch_table(str(file("\ufeff" + PAYPAL)), "Download.CSV").code()

    assert code == (
        'Stream("Download.CSV", "csv", into="orders_raw", decimal=",", numbers=("Brutto",), '
        'dates={"Datum": "%d.%m.%Y"}, fields=("Datum", "Uhrzeit", "Zeitzone", "Brutto"))'
    )


def test_a_row_that_the_head_cuts_off_decides_nothing(file):
    text = "day,total\n" + '31.03.2026,"1,50"\n' * 6_000

    assert 'dates={"day": "%d.%m.%Y"}' in sketch_table(str(file(text)), "a.csv").code()


HITS = "1\thttps://shop.example/a\tm;b,c\n1\thttps://shop.example/b\tm;d,e\n"


@pytest.mark.parametrize(
    "text", ["", "one line of text\n", "1,2\n3,4\n", "#,%\n", "<html>a,b</html>\n", '{"a": 1, "b": 2}\n', HITS]
)
def test_what_is_no_table_with_names_has_no_sketch(file, text):
    assert sketch_table(str(file(text)), "a.csv") is None


@pytest.mark.parametrize(
    ("cell", "is_asked"), [(r'"Tea \"green\""', True), (r'"C:\\"', False), ('"Tea ""green"""', False)]
)
def test_a_backslash_before_a_quote_is_a_question(file, cell, is_asked):
    assert ("escape=" in sketch_table(str(file(f"id,name\n1,{cell}\n")), "a.csv").code()) is is_asked


@pytest.mark.parametrize(("codec", "option"), [("utf-16-le", "utf-16"), ("utf-16-be", "utf-16-be")])
def test_utf_16_without_a_mark_is_proposed_and_read(file, read, codec, option):
    stream, texts, problems = read(file("day;total\n31.03.2026;1,50\n".encode(codec), "a.csv"))

    assert (stream.encoding, texts, problems) == (option, ["2026-03-31,1.50"], set())


def test_a_sign_is_the_name_of_a_column(file):
    code = sketch_table(str(file("#,on,%\n1001,2026-03-01,19\n")), "a.csv").code()

    assert 'fields=("#", "on", "%")' in code


def test_a_table_that_was_padded_has_its_names_below_what_its_format_says(file, read):
    rows = ("EXTF;700;21;March;13;EUR", "Umsatz;S/H;Belegdatum;Text", "1.234,50;S;0103;RE-1", "12,00;H;3103;")
    text = "\n".join(row + ";" * (20 - row.count(";")) for row in rows) + "\n"

    stream, texts, problems = read(file(text, "a.csv"))

    assert (stream.skip, stream.fields, stream.numbers) == (1, ("Umsatz", "S/H", "Belegdatum", "Text"), ("Umsatz",))
    assert ([each[:14] for each in texts], problems) == (["1234.50,S,0103", "12.00,H,3103,,"], set())


def test_proposed_names_have_no_characters_that_nobody_sees(file):
    assert 'fields=("id", "total")' in sketch_table(str(file("\ufeff\ufeffid,\u200btotal\n1,2\n")), "a.csv").code()


@pytest.mark.parametrize(
    ("cells", "nulls"),
    [("€61.80 --", ("--",)), ("2026-03-01 -", ("-",)), ("5 N/A", ("N/A",)), ("Ann -", ()), ("-5 7", ()), ("- -", ())],
)
def test_a_dash_among_numbers_or_times_is_no_value(file, read, cells, nulls):
    one, other = cells.split()

    stream, _, problems = read(file(f"id;sales\n1;{one}\n2;{other}\n", "a.csv"))

    assert (stream.nulls, problems) == (nulls, set())


def test_columns_of_whole_numbers_may_be_seconds_or_milliseconds(file):
    text = "id,created,timestamp,order_id\n1,1770973200,1770973200123,1770973200\n"

    code = sketch_table(str(file(text)), "a.csv").code()

    assert code.endswith('# from_millis("timestamp"); from_seconds("created")')


def test_a_guessed_encoding_is_shown_by_the_words_that_it_reads(file):
    polish = sketch_table(str(file("id;city\n1;Łódź\n2;Bonn\n".encode("cp1250"))), "a.csv").code()

    assert polish.endswith('# cp1252 reads "£ódŸ": if that is wrong, name another encoding')
    assert "reads" not in sketch_table(str(file("id;city\n1;Łódź\n")), "a.csv").code()


@pytest.mark.parametrize(
    ("cell", "is_named"), [('="0012"', True), ('"=""0012"""', True), ("0012", False), ("=", False)]
)
def test_texts_that_are_written_as_formulas_are_named(file, cell, is_named):
    code = sketch_table(str(file(f"sku,total\n{cell},1.50\n")), "a.csv").code()

    hint = """"sku" has texts as ="0012": F.regexp_replace("sku", '^="|"$', "") in the mapping"""
    assert (hint in code) is is_named
