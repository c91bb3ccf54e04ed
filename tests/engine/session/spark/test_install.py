import sys
from pathlib import Path

import pytest

import shoplake
from shoplake.engine.session.spark import install as spark_install
from shoplake.errors import EngineError


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """What would be run to make an environment, in a cache of the test's own; `python` is there when it is made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run = []
    monkeypatch.setattr(spark_install, "_run", lambda *command: run.append([str(each) for each in command]))
    return run


def test_the_environment_has_spark_and_what_our_functions_need_but_no_other_pyspark():
    wanted = spark_install.packages()

    assert wanted[0] == "pyspark==4.2.0"
    assert {"pyarrow", "numpy", "pandas", "deltalake", "grpcio"} <= {each.split("==")[0] for each in wanted}
    assert not any(each.startswith(("pysail", "pyspark-client")) for each in wanted)


def test_it_is_made_once_by_uv_for_the_python_that_runs(commands, monkeypatch, tmp_path):
    monkeypatch.setenv("UV", "/bin/uv")

    made = spark_install.install()

    assert spark_install.install() == made and made.folder.parent == tmp_path / "shoplake"
    venv, install = commands
    assert venv[:2] == ["/bin/uv", "venv"] and sys.executable in venv
    assert (
        install[:3] == ["/bin/uv", "pip", "install"]
        and install[-len(spark_install.packages()) :] == spark_install.packages()
    )


def test_without_uv_venv_and_pip_make_it(commands, monkeypatch):
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(spark_install.shutil, "which", lambda _: None)

    made = spark_install.install()

    assert [command[:3] for command in commands] == [[sys.executable, "-m", "venv"], [str(made.python), "-m", "pip"]]


def test_the_workers_of_an_environment_without_models_get_them_once(commands, monkeypatch):
    with monkeypatch.context() as without:
        without.setattr(spark_install, "MODELS", ("no-such-package",))
        spark_install.install()
    made = len(commands)

    spark_install.install()
    spark_install.install()

    [added] = commands[made:]
    assert {each.split("==")[0] for each in added} >= {"scikit-learn", "skops", "numpy"}


def test_models_that_cannot_be_added_stop_nothing(commands, monkeypatch, caplog):
    monkeypatch.setattr(spark_install, "MODELS", ("no-such-package",))
    made = spark_install.install()
    monkeypatch.setattr(spark_install, "MODELS", ("skops",))

    def fail(*command):
        raise EngineError("no route to PyPI")

    monkeypatch.setattr(spark_install, "_run", fail)

    assert spark_install.install() == made
    assert "workers cannot score models: no route to PyPI" in caplog.text


def test_workers_find_our_package_and_nothing_beside_it(commands):
    made = spark_install.install()

    assert [each.name for each in made.path.iterdir()] == ["shoplake"]
    assert (made.path / "shoplake").resolve() == Path(shoplake.__file__).parent


def test_what_cannot_be_installed_is_one_line_with_the_installers_last_words(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\n[ "$1" = venv ] || { echo "first" >&2; echo "no route to PyPI" >&2; exit 2; }\n')
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))

    with pytest.raises(
        EngineError, match=r"could not be created \(uv pip\): first no route to PyPI It is created once"
    ) as raised:
        spark_install.install()
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.glob("shoplake/*/packages.txt"))
