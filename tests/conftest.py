"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("attacknet", settings(), deadline=None)
settings.load_profile("attacknet")


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give a module's tests an empty cache that they share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
