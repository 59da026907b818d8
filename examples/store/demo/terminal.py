"""What is seen of the demo: its own words, the commands that it runs, and the log of receivers and workers."""

import logging
import shutil
import textwrap
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO

from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.core.management.color import color_style

# A log's line that is too long goes on below its message.
WIDEST = 130
MESSAGE_COLUMN = 35

KEPT_LINES = 100


class Terminal:
    """Writes whole lines, from whatever thread."""

    def __init__(self, stdout: OutputWrapper) -> None:
        self._stdout = stdout
        self._wanted: tuple[str, ...] = ("",)
        self._heard: deque[str] = deque(maxlen=KEPT_LINES)

    def say(self, text: str = "") -> None:
        self._stdout.write(text)

    def title(self, text: str) -> None:
        self.say(f"\n{color_style().MIGRATE_HEADING(text) if self._stdout.isatty() else text}")

    def run(self, *words: str) -> None:
        """Run a command of `manage.py` and show what it prints."""
        printed = StringIO()
        with suppress(SystemExit):  # its exit code says that it has found problems, which is what it prints
            call_command(*words, stdout=printed, no_color=True)
        self.say(f"\n  $ manage.py {' '.join(words)}\n{textwrap.indent(printed.getvalue(), '  ')}\n")

    def log(self, line: str) -> None:
        """Show a line of a worker's log, if it is wanted."""
        if any(part in line for part in self._wanted):
            self.say(self._folded(line) if self._stdout.isatty() else line)
        self._heard.append(line)

    def has_heard(self, *parts: str) -> bool:
        """Tell whether each of the parts has been in a line of a worker's log lately, shown or not."""
        lines = self._heard.copy()
        return all(any(part in line for line in lines) for part in parts)

    @contextmanager
    def only(self, *parts: str) -> Iterator[None]:
        """Want no line of the logs apart from workers' lines that have one of these parts in them."""
        before, self._wanted = self._wanted, parts
        logging.disable(logging.INFO)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            self._wanted = before

    def _folded(self, line: str) -> str:
        width = min(WIDEST, shutil.get_terminal_size().columns)
        if len(line) <= width or width < 2 * MESSAGE_COLUMN:
            return line
        return textwrap.fill(
            line,
            width,
            subsequent_indent=" " * MESSAGE_COLUMN,
            drop_whitespace=True,
            break_long_words=False,
            break_on_hyphens=False,
        )
