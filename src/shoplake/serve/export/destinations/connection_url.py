"""The URL of a PostgreSQL database, whose password no output shows."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode

SCHEMES = ("postgresql", "postgres")
MASK = "***"
SECRETS = ("password", "sslpassword", "passfile")
"""Parameters of a URL that are masked too."""


@dataclass(frozen=True)
class ConnectionUrl:
    """A URL such as `postgresql://user:password@host:5432/database`. Its text and `repr` have no password."""

    _url: str

    @property
    def value(self) -> str:
        """The URL with its password, for the driver alone."""
        return self._url

    @property
    def label(self) -> str:
        """The URL with `***` in place of each password, also of one with unescaped characters."""
        scheme, account, rest = self._parts()
        user, colon, _ = account.partition(":")
        host, mark, query = rest.partition("?")
        shown = [(name, MASK if name.lower() in SECRETS else value) for name, value in parse_qsl(query)]
        at = "@" if account else ""
        return f"{scheme}://{user}{colon and f':{MASK}'}{at}{host}{mark}{urlencode(shown, safe='*/')}"

    def mask(self, text: str) -> str:
        """Return a text, such as an error of the driver, without URL and passwords."""
        _, account, rest = self._parts()
        query = parse_qsl(rest.partition("?")[2])
        secrets = [account.partition(":")[2], *(value for name, value in query if name.lower() in SECRETS)]
        text = text.replace(self._url, self.label)
        for secret in sorted({each for raw in secrets for each in (raw, unquote(raw)) if each}, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def _parts(self) -> tuple[str, str, str]:
        """Return the scheme, what is before the last `@`, and what is behind it."""
        scheme, _, rest = self._url.partition("://")
        account, _, host = rest.rpartition("@")
        return scheme, account, host

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"ConnectionUrl({self.label!r})"
