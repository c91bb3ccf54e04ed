"""The lease of a lake in a catalog: a row that one of two writers may change."""

from datetime import timedelta

import pytest

from shoplake.engine.state.catalog_lease import CatalogLeaseBackend
from shoplake.engine.storage.locks.lease_backends import LeaseHeldError, LeaseRecord

ADA, BOB = LeaseRecord("a", owner="ada"), LeaseRecord("b", owner="bob")


@pytest.fixture
def backends(catalog_engine):
    """Two processes' backends on one catalog."""
    session = catalog_engine.session
    return [CatalogLeaseBackend(session, "spark_catalog") for _ in range(2)]


def test_one_holds_the_lease_until_it_releases_it(backends):
    mine, theirs = backends
    mine.acquire(ADA)
    with pytest.raises(LeaseHeldError) as raised:
        theirs.acquire(BOB)
    mine.renew(ADA)
    mine.release()
    theirs.acquire(BOB)

    assert raised.value.holder == ADA


def test_a_lease_without_a_heartbeat_expires_and_its_former_owner_learns_of_it(catalog_engine, backends):
    mine, _ = backends
    mine.acquire(ADA)
    CatalogLeaseBackend(catalog_engine.session, "spark_catalog", timedelta(0)).acquire(BOB)

    with pytest.raises(LeaseHeldError) as raised:
        mine.renew(ADA)
    assert raised.value.holder == BOB
