import json
import os
import re
import subprocess
import tarfile
import zipfile

import pytest
from deploy.environments import ROOT, find_uv

pytestmark = pytest.mark.slow
SPARK = re.compile(r"(^|/)(spark|pyspark|jars|delta-spark)[^/]*(\.jar$|/jars/)|\.jar$|\.tgz$")


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The folder of a release: built twice, compared and checked by the script of the release workflow."""
    folder = tmp_path_factory.mktemp("release") / "dist"
    done = subprocess.run(
        ["sh", ROOT / "tools/build_release.sh", folder],
        env=os.environ | {"UV": find_uv()},
        capture_output=True,
        text=True,
        check=False,
    )
    if "error sending request" in done.stderr or "Failed to fetch" in done.stderr:
        pytest.skip(f"no package index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_two_builds_are_equal_and_the_files_are_checked(dist):
    assert [each.name.split("-")[0] for each in sorted(dist.glob("*.whl"))] == ["shoplake"]
    assert len(list(dist.glob("*.tar.gz"))) == 1


def test_the_wheel_has_the_package_and_nothing_else(dist):
    [wheel] = dist.glob("*.whl")

    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"shoplake"}
    assert not [name for name in names if re.search(r"(^|/)(tests?|(?<!cli/)lab|tools|benchmarks)/(?!.*\.txt$)", name)]
    assert [name for name in names if SPARK.search(name)] == []
    assert "shoplake/deploy/orchestrators/templates/run.service.txt" in names


def test_the_wheel_is_small(dist):
    [wheel] = dist.glob("*.whl")

    assert wheel.stat().st_size < 5_000_000


def test_the_source_has_no_file_of_another_folder(dist):
    [source] = dist.glob("*.tar.gz")

    with tarfile.open(source) as archive:
        names = archive.getnames()

    left_out = r"^[^/]+/(\.venv|\.uv|build|demo|dist|lake|landing)/|__pycache__"
    assert not [name for name in names if re.search(left_out, name)]


def test_the_list_of_packages_names_what_a_lake_needs(dist):
    bill = json.loads((dist / "sbom.cdx.json").read_text())

    names = {component["name"] for component in bill["components"]}
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert {"deltalake", "pyarrow", "pysail"} <= names
    assert "pytest" not in names
