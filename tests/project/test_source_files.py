from shoplake.project.source_files import source_files

FILES = {
    "rules.py": "from .shared import limits",
    "feeds/stall.py": "import os\nfrom shoplake.declare import FeedKind",
    "tables/gold/best.py": "from ...helpers import pieces\n\n\ndef f():\n    from ...shared.words import WORDS",
    "tables/gold/names.csv": "a,b",
    "tables/gold/.hidden.py": "",
    "tables/__pycache__/best.pyc": "",
    "helpers.py": "from .shared.units import UNIT",
    "shared/__init__.py": "",
    "shared/limits.py": "LIMIT = 1",
    "shared/units.py": "UNIT = 1",
    "shared/words.py": "from ..nothing import there",
    "tests/test_best.py": "from ..tables.gold import best",
    "scratch.py": "print(1)",
}


def test_a_project_is_its_folders_and_what_their_modules_import_from_beside_them(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert [file.relative_to(tmp_path).as_posix() for file in source_files(tmp_path)] == [
        "feeds/stall.py",
        "helpers.py",
        "rules.py",
        "shared/__init__.py",
        "shared/limits.py",
        "shared/units.py",
        "shared/words.py",
        "tables/gold/best.py",
        "tables/gold/names.csv",
    ]


def test_an_import_from_outside_the_project_and_a_broken_module_bring_nothing(tmp_path):
    project = tmp_path / "shop"
    (project / "tables").mkdir(parents=True)
    (tmp_path / "secret.py").write_text("")
    (project / "tables/__draft.py").write_text("def (")
    (project / "tables/sales.py").write_text("from ...secret import KEY")

    assert [file.name for file in source_files(project)] == ["__draft.py", "sales.py"]


def test_a_folder_without_code_has_no_files(tmp_path):
    assert source_files(tmp_path) == []
