from shoplake.deploy.databricks.checks import Mistake


def test_a_mistake_is_one_line_with_file_and_place():
    assert str(Mistake("a.yml", "daily.gold", "it is wrong.")) == "a.yml: daily.gold: it is wrong."
