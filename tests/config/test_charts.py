"""The geometry of charts and of the two-threshold control."""

from hypothesis import given
from hypothesis import strategies as st

from config import charts


def test_lines_and_bars_share_one_scale_from_zero() -> None:
    plot = charts.draw_plot(["Mon", "Tue"], [("Opened", [4, 8]), ("Solved", [0, None])], bars=False)
    assert plot.ticks == ("10", "5", "0")
    assert plot.series[0].points == "0,60 100,20"
    assert plot.series[1].points == "0,100"
    assert plot.rows == (("Mon", (4, 0)), ("Tue", (8, None)))


def test_a_chart_of_nothing_is_drawn_and_long_labels_are_thinned() -> None:
    assert charts.draw_plot([], [("None", [])], bars=True).series[0].bars == ()
    many = charts.draw_plot([str(day) for day in range(31)], [("Cases", [1] * 31)], bars=True)
    assert len(many.labels) == 8
    assert (many.labels[0], many.labels[-1], len(many.rows)) == ("0", "30", 31)


def test_shares_between_two_bars_add_up_to_all() -> None:
    counts = [0] * 10 + [10] * 10
    assert charts.share_counts(counts, 50, 75) == (50, 50, 0)
    assert charts.share_counts([], 50, 75) == (0, 0, 100)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.integers(0, 100), st.integers(0, 100))
def test_whatever_was_counted_the_bars_stay_in_the_track(counts: list[int], one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert all(float(bar.y) >= 0 and float(bar.height) <= charts.TRACK for bar in charts.draw_histogram(counts))
    shares = charts.share_counts(counts, low, high)
    assert sum(shares) == 100
    assert min(shares) >= 0
