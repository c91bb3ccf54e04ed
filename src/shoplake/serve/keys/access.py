"""Who asks."""

from dataclasses import dataclass

from shoplake.serve.keys.role import Role


@dataclass(frozen=True)
class Access:
    """Who asks: the id of the key, or of the login, with its role."""

    holder: str
    role: Role
    is_session: bool = False
