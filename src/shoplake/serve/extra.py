"""Checks that the packages of an extra are installed."""

from importlib.util import find_spec

from shoplake.errors import ShoplakeError

PACKAGES = {"serve": ("duckdb", "fastapi", "granian", "jinja2", "orjson")}


class MissingExtraError(ShoplakeError):
    """A feature needs packages that are not installed."""

    def __init__(self, feature: str, extra: str, package: str) -> None:
        super().__init__(f"{feature} needs the package {package}. Install it: pip install 'shoplake[{extra}]'")
        self.feature, self.extra, self.package = feature, extra, package


def check_extra(feature: str, extra: str = "serve") -> None:
    """Raise MissingExtraError where a package of the extra is not installed."""
    for package in PACKAGES[extra]:
        if find_spec(package) is None:
            raise MissingExtraError(feature, extra, package)
