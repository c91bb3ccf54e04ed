import pytest

from tests.serve.answers.small_shop import SmallShop


@pytest.fixture(scope="session")
def shop():
    return SmallShop()


@pytest.fixture(scope="session")
def generation(shop):
    return shop.generation()
