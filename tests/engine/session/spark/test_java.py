import pytest

from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A JAVA_HOME whose java says what a test wants."""

    def saying(text):
        found = tmp_path / "bin" / "java"
        found.parent.mkdir(exist_ok=True)
        found.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
        found.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        return found

    return saying


def test_the_java_of_java_home_comes_first(home):
    assert home('openjdk version "21.0.2" 2024-01-16') == java()


def test_a_java_that_is_too_old_is_named_with_what_is_needed(home):
    found = home('openjdk version "11.0.21"')

    with pytest.raises(EngineError, match=f"{found} is Java 11. Spark needs Java 17 or newer: install one"):
        java()


def test_a_java_that_says_nothing_is_refused(home):
    home("")

    with pytest.raises(EngineError, match="does not print its version: no output"):
        java()


def test_without_java_one_line_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EngineError, match=r"There is no Java: JAVA_HOME is not set.*install.*needs none") as raised:
        java()
    assert "\n" not in str(raised.value)


def test_a_java_home_without_java_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(EngineError, match="bin/java cannot be started: No such file"):
        java()
