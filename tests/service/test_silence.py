"""service/silence.py: a list that has stopped is noticed, a slow one is left in peace."""

import pytest

from listfold.archive.reader import ListRow
from listfold.service.silence import silent

DAY = 86400
NOW = 1_500 * DAY


def row(records: int, days: int, ago: float) -> ListRow:
    """A list of so many records over so many days, the last one `ago` days before now."""
    last = int(NOW - ago * DAY)
    return ListRow("gardeners", "", "", "public", records, last - days * DAY, last)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (row(1000, 100, 6), False),  # ten a day, silent for less than a week
        (row(1000, 100, 8), True),
        (row(50, 350, 60), False),  # one a week
        (row(50, 350, 75), True),
        (row(20, 1400, 100), False),  # one in two months
        (row(20, 1400, 130), True),
        (row(9, 9, 1000), False),  # no rhythm yet
        (ListRow("new", "", "", "public", 0, None, None), False),
    ],
)
def test_silence_is_measured_by_a_lists_own_rhythm(found: ListRow, told: bool) -> None:
    """Ten times its usual pause, at least a week, at most four months."""
    assert bool(silent([found], NOW)) is told
