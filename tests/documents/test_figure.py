"""The figure of a delivery's states in the documents is the one that the code draws."""

import re
from pathlib import Path

from heliograph.delivery.decisions.states import figure

OPERATING = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


def test_the_figure_shown_is_the_one_that_the_table_draws():
    assert re.findall(r"^```mermaid\n(.*?)\n```$", OPERATING.read_text(), re.MULTILINE | re.DOTALL) == [figure()]
