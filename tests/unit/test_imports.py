"""Cold starts: a handler's own code adds little to what its libraries take to import."""

import pytest

from tests.support.import_times import LIMIT, handlers, measure


@pytest.mark.parametrize("handler", handlers())
def test_a_handler_imports_nearly_as_fast_as_its_libraries_alone(handler: str) -> None:
    found = measure(handler)
    assert found.ratio <= LIMIT, (
        f"{handler} takes {found.handler * 1000:.0f} ms, its libraries {found.libraries * 1000:.0f} ms "
        f"({found.ratio:.2f} ×, limit {LIMIT} ×): import less, or later"
    )
