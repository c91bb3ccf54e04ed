import os
import time

import obstore
import pytest
from pyarrow import fs

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.filesystem import S3Settings
from shoplake.errors import StorageAccessError

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "canary-secret"}


@pytest.fixture
def put(bucket):
    """Put an object into a bucket."""

    def put_in(name, content=b"x"):
        obstore.put(filesystem.object_store(bucket), name, content)
        return f"{bucket}/{name}"

    return put_in


@pytest.fixture
def refusal(bucket, monkeypatch):
    """The error about a bucket with another environment, long before the retries of a request are over."""

    def refused(url=bucket, **output):
        for name, value in output.items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
        began = time.monotonic()
        with pytest.raises(StorageAccessError) as error:
            filesystem.filesystem_for(url)
        assert time.monotonic() - began < 20
        return str(error.value)

    return refused


def test_a_path_on_this_machine_needs_no_options(tmp_path):
    assert filesystem.delta_options(str(tmp_path)) is None
    assert filesystem.filesystem_for(str(tmp_path))[1] == str(tmp_path)


def test_an_object_is_read_by_its_address(put):
    where, name = filesystem.filesystem_for(put("a folder/50%.json", b"{}"))

    with where.open_input_stream(name) as stream:
        assert stream.read() == b"{}"


def test_what_lies_below_an_address_is_listed(put, bucket):
    put("drop/events/one.json")
    where, root = filesystem.filesystem_for(f"{bucket}/drop")

    found = where.get_file_info(fs.FileSelector(root, recursive=True))

    assert [info.path for info in found if info.is_file] == [f"{bucket.removeprefix('s3://')}/drop/events/one.json"]


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"])
def test_the_address_of_a_store_has_three_names(name):
    assert S3Settings.from_environment({**KEYS, name: "https://store"}).endpoint == "https://store"


@pytest.mark.parametrize(
    ("output", "region"),
    [({}, "us-east-1"), ({"AWS_DEFAULT_REGION": "a"}, "a"), ({"AWS_DEFAULT_REGION": "a", "AWS_REGION": "b"}, "b")],
)
def test_the_region_has_two_names_and_a_default(output, region):
    assert S3Settings.from_environment(KEYS | output).region == region


def test_all_that_read_and_write_get_the_same_settings(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", os.environ["AWS_ENDPOINT_URL"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", os.environ["AWS_REGION"])
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)

    filesystem.export_credentials()
    reported = filesystem.delta_options(bucket)

    assert reported["AWS_ENDPOINT_URL"] == os.environ["AWS_ENDPOINT_URL"] == os.environ["AWS_ENDPOINT_URL_S3"]
    assert reported["AWS_REGION"] == os.environ["AWS_REGION"] == "eu-west-2"


def test_a_bucket_that_is_not_there_is_named(object_store, refusal):
    assert refusal("s3://nowhere/lake").startswith(f"There is no bucket 'nowhere' at {object_store}. Make it")


def test_a_key_that_is_refused_is_reported(refusal):
    output = refusal(AWS_ACCESS_KEY_ID="wrong")

    assert "refuses the key for" in output
    assert "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in output


def test_a_store_without_an_answer_is_out_of_reach(refusal):
    output = refusal(AWS_ENDPOINT_URL="http://127.0.0.1:9")

    assert "The object store at http://127.0.0.1:9 cannot be reached" in output
    assert "Set AWS_ENDPOINT_URL" in output
    assert "\n" not in output


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_without_a_key_none_is_looked_for_elsewhere(refusal, name):
    assert "the environment names no key for it" in refusal(**{name: ""})


def test_a_store_without_encryption_has_to_be_meant(refusal):
    assert "AWS_ALLOW_HTTP=true if that is meant" in refusal(AWS_ALLOW_HTTP="")


@pytest.mark.parametrize("url", ["gs://bucket/lake", "file:///lake", "https://host/lake"])
def test_other_stores_are_refused(url):
    with pytest.raises(StorageAccessError, match="Write a path, or s3://bucket/folder"):
        filesystem.delta_options(url)


def test_the_secret_is_in_no_error_and_in_no_repr(refusal):
    output = refusal(AWS_ACCESS_KEY_ID="wrong") + refusal(AWS_ENDPOINT_URL="http://127.0.0.1:9")

    assert "canary-secret" not in output + repr(
        S3Settings.from_environment(KEYS | {"AWS_SESSION_TOKEN": "canary-secret"})
    )


@pytest.mark.parametrize("is_remote", [True, False])
def test_a_folder_is_deleted_with_all_below_it_and_no_other(is_remote, bucket, tmp_path):
    root = bucket if is_remote else str(tmp_path)
    for name in ("a/b/one", "a/two", "ab/three"):
        where, path = filesystem.filesystem_for(f"{root}/{name}")
        where.create_dir(path.rpartition("/")[0])
        where.open_output_stream(path).close()

    for _ in range(2):
        filesystem.remove(f"{root}/a")

    where, path = filesystem.filesystem_for(root)
    found = where.get_file_info(fs.FileSelector(path, recursive=True))
    assert [info.path.removeprefix(f"{path}/") for info in found if info.is_file] == ["ab/three"]
