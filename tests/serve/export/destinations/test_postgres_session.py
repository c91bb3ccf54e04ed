from shoplake.serve.export.destinations.postgres_session import quote_name, quote_text


def test_names_and_texts_cannot_end_their_quotes():
    assert quote_name("gold", 'a"; DROP TABLE b') == '"gold"."a""; DROP TABLE b"'
    assert quote_text("it's\0") == "'it''s'"
