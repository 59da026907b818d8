"""Another session's step of the sequencer does not do: it may have looked before the last commit."""

from heliograph.log.steps import bring_up_to_date


class Log:
    """A log whose sequencer another session has some times."""

    def __init__(self, times):
        self.times = times

    def sequence(self):
        self.times -= 1
        return None if self.times >= 0 else 0


def test_a_step_of_ones_own_is_waited_for():
    log = Log(3)
    assert bring_up_to_date(log, seconds=5)
    assert log.times == -1


def test_it_is_told_when_there_was_no_time_for_one():
    assert not bring_up_to_date(Log(10**9), seconds=0.01)
