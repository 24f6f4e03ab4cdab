"""What the generated pages and bars say about a chapter."""

import pytest

from attacknet.chapters import pages


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (119, 1), (120, 2), (1190, 10)])
def test_reading_takes_as_long_as_the_text_is(words: int, minutes: int) -> None:
    """At 119 words a minute, rounded up: nobody is promised less time than it takes."""
    assert pages.time_to_read("word\n" * words) == f"{minutes} min to read"
