"""Roles: what the holder of a key may read."""

from dataclasses import dataclass

from shoplake.errors import ShoplakeError, hint


@dataclass(frozen=True)
class Role:
    """What the holder of a key may read besides aggregates and gold tables without personal columns.

    `can_see_personal` opens personal columns and look-ups of one customer, `can_query_sql` the SQL route, and
    `can_see_operations` metrics of the server.
    """

    name: str
    can_see_personal: bool = False
    can_query_sql: bool = False
    can_see_operations: bool = False


ANALYST = Role("analyst", can_query_sql=True)
SERVICE = Role("service", can_see_personal=True, can_see_operations=True)
ADMIN = Role("admin", can_see_personal=True, can_query_sql=True, can_see_operations=True)
ROLES = {role.name: role for role in (ANALYST, SERVICE, ADMIN)}


class UnknownRoleError(ShoplakeError):
    """No role has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown role '{name}'. {hint(name, ROLES)}")
        self.name = name


def find_role(name: str) -> Role:
    """Return the role of that name. Raises UnknownRoleError with the nearest one."""
    if name not in ROLES:
        raise UnknownRoleError(name)
    return ROLES[name]
