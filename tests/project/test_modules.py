import sys
from threading import local

import pytest
from pyspark.sql.connect.session import SparkSession

from shoplake.declare import Table
from shoplake.errors import ProjectError
from shoplake.project.modules import import_folder, import_package


def test_a_folder_without_modules_has_none(tmp_path):
    assert import_folder(tmp_path) == []


def test_modules_import_each_other_by_relative_imports(write):
    folder = write({"feeds/a.py": "A = 1", "tables/gold/b.py": "from ...feeds.a import A\nB = A + 1", "rules.py": ""})

    names = {module.__name__.partition(".")[2]: module for module in import_folder(folder)}

    assert list(names) == ["feeds.a", "tables.gold.b", "rules"]
    assert names["tables.gold.b"].B == 2


def test_a_changed_module_is_imported_anew(write):
    import_folder(write({"rules.py": "A = 1"}))

    [rules] = import_folder(write({"rules.py": "A = 1 + 1"}))

    assert rules.A == 2


def test_two_projects_have_modules_of_their_own(tmp_path, write):
    folder = write({"one/rules.py": "A = 1", "two/rules.py": "A = 2"})

    [one], [two] = import_folder(folder / "one"), import_folder(folder / "two")

    assert (one.A, two.A, one.__name__ == two.__name__) == (1, 2, False)
    assert "rules" not in sys.modules


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("feeds/a.py", "A = 1\nB = C", "feeds/a.py:2: NameError: name 'C' is not defined"),
        ("feeds/a.py", "A = 1\ndef", "feeds/a.py:2: SyntaxError: invalid syntax"),
        ("rules.py", "import shoplak", "rules.py:1: ModuleNotFoundError: No module named 'shoplak'"),
        ("feeds/a-b.py", "", "feeds/a-b.py: rename it, as a module's name has letters, digits and _ only."),
        (
            "rules.py",
            "from shoplake.declare import extend\nextend('events', expectations=[])",
            "rules.py:2: give the rules a name: events_rules = extend(…)",
        ),
    ],
)
def test_a_module_that_cannot_be_loaded_is_named_with_its_line(write, name, text, message):
    folder = write({name: text})

    with pytest.raises(ProjectError) as error:
        import_folder(folder)

    assert str(error.value) == f"{folder}/{message}"


NEEDS_SESSION = (
    "from pyspark.sql.functions import udf\n@udf('array<string>')\ndef words(text): return text.split()",
    "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()",
)


@pytest.mark.parametrize("text", NEEDS_SESSION)
def test_a_module_that_needs_a_session_is_told_how_to_do_without(write, monkeypatch, text):
    monkeypatch.setattr(SparkSession, "_active_session", local())
    monkeypatch.setattr(SparkSession, "_default_session", None)
    folder = write({"feeds/a.py": text})

    with pytest.raises(ProjectError, match=r"feeds/a\.py:2: .*no Spark session .* StringType\(\) instead of"):
        import_folder(folder)


@pytest.mark.parametrize(("name", "folder"), [("tables", "tables/gold"), ("feeds", "feeds")])
def test_declarations_in_a_file_that_is_not_read_are_an_error(tmp_path, name, folder):
    (tmp_path / f"{name}.py").write_text("from shoplake.declare import table\n")

    with pytest.raises(
        ProjectError, match=f"{name}.py is not read: .* in files of the folder {folder}/. Move it there"
    ):
        import_folder(tmp_path)


def test_a_file_of_another_program_beside_the_settings_is_left_alone(tmp_path):
    (tmp_path / "tables.py").write_text("raise RuntimeError\n")

    assert import_folder(tmp_path) == []


def test_a_package_is_imported_with_its_modules():
    values = [value for module in import_package("shoplake.tables.gold") for value in vars(module).values()]

    assert "sales_daily" in {value.name for value in values if isinstance(value, Table)}


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(ProjectError, match=r'use = \["my_shp"\] in shoplake.toml: there is no such package'):
        import_package("my_shp")
