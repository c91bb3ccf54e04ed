import pytest

from tools.soak.simulation import make_templates


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Lakes without rows, by the families of their tables."""
    return make_templates(tmp_path_factory.mktemp("templates"))
