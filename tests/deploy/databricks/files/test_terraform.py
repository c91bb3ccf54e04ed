"""The Terraform module: formatted, and without an argument that its provider does not have."""

import json
import re
import shutil
import subprocess

import pytest

ARGUMENTS = {
    "databricks_catalog": {"name", "comment", "storage_root", "force_destroy"},
    "databricks_schema": {"for_each", "catalog_name", "name", "comment"},
    "databricks_volume": {"for_each", "catalog_name", "schema_name", "name", "volume_type"},
    "databricks_storage_credential": {"name", "comment", "aws_iam_role"},
    "databricks_external_location": {"name", "url", "credential_name", "comment"},
    "databricks_service_principal": {"display_name"},
    "databricks_grants": {"catalog", "external_location", "grant"},
}
"""Of the provider; the slow test compares them with its own list."""
META = {"for_each"}


@pytest.fixture(scope="module")
def module(bundle):
    return sorted((bundle / "terraform").glob("*.tf"))


def resources(module):
    """The resources of the module: type and arguments."""
    for path in module:
        for kind, body in re.findall(r'(?ms)^resource "(\w+)" "\w+" \{\n(.*?)^\}', path.read_text()):
            yield kind, set(re.findall(r"(?m)^  (\w+) +[={]", body))


def test_every_argument_of_every_resource_is_known(module):
    found = list(resources(module))

    assert {kind for kind, _ in found} == set(ARGUMENTS)
    assert [(kind, names - ARGUMENTS[kind]) for kind, names in found if names - ARGUMENTS[kind]] == []


@pytest.mark.slow  # its parser takes seconds to make
def test_a_parser_of_terraform_reads_every_file_with_the_same_arguments(module):
    import hcl2

    parsed = [
        (kind.strip('"'), {name for name in body if not name.startswith("__")})
        for path in module
        for each in hcl2.loads(path.read_text()).get("resource", [])
        for kind, named in each.items()
        for body in named.values()
    ]

    assert parsed == list(resources(module))


def test_every_variable_that_is_used_is_declared(module):
    text = "\n".join(path.read_text() for path in module)

    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(re.findall(r'(?m)^variable "(\w+)"', text))


def test_nothing_is_destroyed_by_force(module):
    assert not any("force_destroy = true" in path.read_text() for path in module)


def test_equal_signs_of_neighbouring_lines_are_below_each_other(module):
    assert [line for path in module for line in unaligned(path.read_text())] == []


@pytest.mark.parametrize("text", ["a = 1\nlong = 2\n", "a  = 1\n\nlong = 2\n", "b {\n    a = 1\n}\n"])
def test_a_line_that_is_not_formatted_is_found(text):
    assert unaligned(text)


def unaligned(text):
    """Lines that are not where `terraform fmt` puts them: two spaces a level, equal signs of a block aligned."""
    found, depth, block = [], 0, []
    for line in [*text.splitlines(), ""]:
        opens, closes = len(re.findall(r"[{\[(]", line)), len(re.findall(r"[}\])]", line))
        indent = depth - (1 if line.strip()[:1] in ("}", "]", ")") else 0)
        if line.strip() and not line.startswith("  " * indent + line.strip()[0]):
            found.append(line)
        if re.match(r"\s*\w+\s+= ", line) and opens == closes:
            block.append(line)
        else:
            found += block if len({each.index(" = ") for each in block}) > 1 or too_wide(block) else []
            block = []
        depth += opens - closes
    return found


def too_wide(block):
    """Whether even the longest name of a block has more than one space behind it."""
    return bool(block) and all("  = " in each for each in block)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on this machine")
def test_terraform_finds_it_formatted(bundle):
    command = ["terraform", "fmt", "-check", "-diff", bundle / "terraform"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


PROBE = """
import inspect, json, pulumi_databricks, sys
names = {"databricks_catalog": "Catalog", "databricks_schema": "Schema", "databricks_volume": "Volume",
    "databricks_storage_credential": "StorageCredential", "databricks_external_location": "ExternalLocation",
    "databricks_service_principal": "ServicePrincipal", "databricks_grants": "Grants"}
print(json.dumps({kind: list(inspect.signature(getattr(pulumi_databricks, name)._internal_init).parameters)
    for kind, name in names.items()}))
"""


@pytest.mark.slow
def test_the_providers_own_list_has_every_argument(tmp_path):
    uv = shutil.which("uv") or "/tmp/uv/uv"
    command = [uv, "run", "--no-project", "--isolated", "--with", "pulumi-databricks==1.118.*", "python", "-c", PROBE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode and "pulumi" in done.stderr and "No solution" not in done.stderr and "fetch" in done.stderr:
        pytest.skip("no package registry")
    assert done.returncode == 0, done.stderr[-1000:]

    known = json.loads(done.stdout)
    plural = {"databricks_grants": {"grant": "grants"}}
    missing = {
        (kind, name)
        for kind, names in ARGUMENTS.items()
        for name in names - META
        if plural.get(kind, {}).get(name, name) not in known[kind]
    }
    assert missing == set()
