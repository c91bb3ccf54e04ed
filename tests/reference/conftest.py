import pytest

from tools.docs.sources import load_catalog


@pytest.fixture(scope="session")
def catalog():
    return load_catalog()
