import re

import pytest
import yaml

from tools.release import ROOT, ReleaseError, release_notes

VERSION = '[project]\nversion = "1.2.0"\n'
CHANGELOG = (
    "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-27\n\n- Faster\n\n## [1.1.0] - 2026-01-01\n\n- Slower\n"
)


@pytest.fixture
def checkout(tmp_path):
    """A function that makes a checkout with a changelog."""

    def make(changelog=CHANGELOG):
        (tmp_path / "pyproject.toml").write_text(VERSION)
        (tmp_path / "CHANGELOG.md").write_text(changelog)
        return tmp_path

    return make


def test_the_notes_are_the_section_of_the_version(checkout):
    assert release_notes("v1.2.0", checkout()) == "- Faster\n"


def test_a_tag_of_another_version_cannot_be_released(checkout):
    with pytest.raises(ReleaseError, match=r"tag is 'v1.3.0', and the version .* is 1.2.0. Tag it v1.2.0"):
        release_notes("v1.3.0", checkout())


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        ("## [Unreleased]\n", "no section of 1.2.0"),
        ("## [1.2.0]\n\n- Without a day\n", "no section of 1.2.0"),
        ("## [1.2.0] - 2026-11-27\n\n## [1.1.0] - 2026-01-01\n\n- Slower\n", "1.2.0 in CHANGELOG.md is empty"),
    ],
)
def test_a_changelog_without_a_dated_section_with_text_cannot_be_released(checkout, changelog, message):
    with pytest.raises(ReleaseError, match=message):
        release_notes("v1.2.0", checkout(changelog))


@pytest.fixture
def jobs():
    """The jobs of the release workflow."""
    return yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]


def test_each_action_of_the_release_is_pinned_by_a_commit(jobs):
    uses = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]

    assert len(uses) > 5
    assert [each for each in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each)] == []


def test_only_the_job_without_code_of_the_project_can_publish(jobs):
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert not any("checkout" in step.get("uses", "") for step in jobs["publish"]["steps"])
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert "secrets." not in str(jobs)
