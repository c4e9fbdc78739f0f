"""Networks that are analysed together, and the moments of a trial."""

from threefactor.analysis.group import moments


def test_moments_are_the_ends_of_intervals_and_know_periods():
    at = moments(100, 10.0, 20.0)
    assert at.time.tolist() == [20.0 * k for k in range(1, 51)]
    assert at.time[at.within((200.0, 400.0))].tolist() == [220.0 + 20 * k for k in range(10)]
    assert not at.within(None).any()
    assert moments(10, 10.0, 3.0).step.tolist() == list(range(10))
