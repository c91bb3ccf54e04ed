"""Access to files: a path on this machine, or `s3://bucket/key` in an object store.

One set of settings, the usual `AWS_…` of the environment, for all that reads or writes there: Sail, Delta's library,
Arrow and the lease. The machine's own role and profiles in files are not asked.
"""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pyarrow import fs

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage.catalog.address import check_folder
from shoplake.errors import StorageAccessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import S3Config, S3Store

SCHEME = "s3://"
DEFAULT_REGION = "us-east-1"
"""The region, where none is named; stores outside of AWS do not care."""
CONNECT_S = 3
ANSWER_S = 30
"""How long one request may take once a store has answered the first."""
TRIES = 4
REFUSALS = ("403 Forbidden", "401 Unauthorized", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")


@dataclass(frozen=True)
class S3Settings:
    """How to reach the object store; `endpoint` is None for AWS itself."""

    region: str
    endpoint: str | None
    key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    allows_http: bool = False
    is_virtual_hosted: bool = False

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> S3Settings:
        """Return what the environment sets. Raises StorageAccessError without a key, or for http without permission."""
        endpoint = (
            variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL") or variables.get("AWS_ENDPOINT")
        )
        key, secret = variables.get("AWS_ACCESS_KEY_ID"), variables.get("AWS_SECRET_ACCESS_KEY")
        if not key or not secret:
            raise StorageAccessError(
                "An object store is to be used, but the environment names no key for it. "
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        allows_http = _is_true(variables.get("AWS_ALLOW_HTTP"))
        if endpoint and not endpoint.startswith("https://") and not allows_http:
            raise StorageAccessError(
                f"The object store's address is {endpoint}, which is not encrypted. "
                "Set AWS_ENDPOINT_URL to an https:// address, or AWS_ALLOW_HTTP=true if that is meant."
            )
        region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
        hosted = _is_true(variables.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST"))
        return cls(region, endpoint, key, secret, variables.get("AWS_SESSION_TOKEN"), allows_http, hosted)

    @property
    def environment(self) -> dict[str, str]:
        """The same as Sail and Delta's library read it."""
        variables = {
            "AWS_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_ALLOW_HTTP": str(self.allows_http).lower(),
            "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": str(self.is_virtual_hosted).lower(),
        }
        return {name: value for name, value in variables.items() if value}


def is_remote(url: str) -> bool:
    """Whether a place lies in an object store."""
    return "://" in url


def check_writable(url: str) -> None:
    """Raise OSError if files cannot be written to a folder of this machine; Delta's library panics there."""
    if not is_remote(url) and not os.access(url, os.W_OK):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), url)


def delta_options(url: str) -> dict[str, str] | None:
    """Return the storage options of delta-rs for a location; None for one on this machine.

    Raises StorageAccessError.
    """
    if not is_remote(url):
        return None
    limits = {"timeout": f"{ANSWER_S}s", "connect_timeout": f"{CONNECT_S}s"}
    return check_access(url).environment | limits | {"max_retries": str(TRIES), "retry_timeout": f"{ANSWER_S}s"}


def filesystem_for(url: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a location, and its path there.

    Raises StorageAccessError, and UnsupportedFeatureError for a table in a catalog.
    """
    check_folder(url)
    if not is_remote(url):
        local: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(url)
        return local
    return _file_system(check_access(url)), url.removeprefix(SCHEME)


def object_store(url: str, *, tries: int = TRIES) -> S3Store:
    """Return the objects below a place in an object store, for what no file system knows: puts under a condition."""
    from obstore.store import S3Store

    access = S3Settings.from_environment(os.environ)
    known = {name.lower(): value for name, value in access.environment.items() if name != "AWS_ALLOW_HTTP"}
    limits: Any = {"timeout": f"{CONNECT_S * 2}s", "connect_timeout": f"{CONNECT_S}s"}
    return S3Store.from_url(
        url,
        config=cast("S3Config", known),
        client_options=limits | {"allow_http": access.allows_http},
        retry_config={"max_retries": tries, "retry_timeout": timedelta(seconds=ANSWER_S)},
    )


def remove(url: str) -> None:
    """Delete a folder and all below it, if it exists."""
    if is_remote(url):
        import obstore

        check_access(url)
        below = object_store(url)
        for page in obstore.list(below):
            obstore.delete(below, [each["path"] for each in page])
    elif (folder := Path(url)).is_dir():
        shutil.rmtree(folder)


def remove_file(url: str) -> None:
    """Delete a file, if it exists."""
    files, path = filesystem_for(url)
    if files.get_file_info(path).type is not fs.FileType.NotFound:
        files.delete_file(path)


def check_access(url: str) -> S3Settings:
    """Return how to reach the object store of a location; each bucket is tried once per process and credentials.

    Raises StorageAccessError within seconds where it cannot be reached, knows no such bucket or refuses the key.
    """
    if not url.startswith(SCHEME):
        raise StorageAccessError(f"{url} is in no store that is known here. Write a path, or s3://bucket/folder.")
    bucket = url.removeprefix(SCHEME).split("/", 1)[0]
    access = S3Settings.from_environment(os.environ)
    _try(access, bucket)
    return access


def export_credentials() -> None:
    """Write the object-store settings into the environment under the names that Sail reads.

    Sail runs inside the process and reads nothing else; it does not know all spellings, such as `AWS_ENDPOINT_URL_S3`.
    """
    os.environ.update(S3Settings.from_environment(os.environ).environment)
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")


@lru_cache
def _try(access: S3Settings, bucket: str) -> None:
    """Ask for one object; what was reached once is not asked again."""
    import obstore

    try:
        next(iter(obstore.list(object_store(f"{SCHEME}{bucket}", tries=1), chunk_size=1)), None)
    except library_errors() as error:
        raise _refused(access, bucket, str(error)) from None  # the cause tells of requests, line upon line


def _refused(access: S3Settings, bucket: str, message: str) -> StorageAccessError:
    where = access.endpoint or f"AWS in {access.region}"
    if "NoSuchBucket" in message or "404 Not Found" in message:
        return StorageAccessError(
            f"There is no bucket '{bucket}' at {where}. Make it, or mend the address s3://{bucket}."
        )
    if any(word in message for word in REFUSALS):
        return StorageAccessError(
            f"{where} refuses the key for the bucket '{bucket}'. "
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to one that may read and write there."
        )
    first = message.splitlines()[0].removeprefix("Generic S3 error: ")
    return StorageAccessError(
        f"The object store at {where} cannot be reached: {first}. Set AWS_ENDPOINT_URL and AWS_REGION to where it is."
    )


@lru_cache
def _file_system(access: S3Settings) -> fs.FileSystem:
    scheme, _, address = (access.endpoint or "").rpartition("://")
    return fs.S3FileSystem(
        access_key=access.key,
        secret_key=access.secret,
        session_token=access.token,
        region=access.region,
        scheme=scheme or "https",
        endpoint_override=address or None,
        force_virtual_addressing=access.is_virtual_hosted,
        connect_timeout=CONNECT_S,
        request_timeout=ANSWER_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
    )


def _is_true(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "yes", "on")
