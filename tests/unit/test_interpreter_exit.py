"""A process ends in silence, whatever is still connected."""

import os
import subprocess
import sys

import pytest

MODULE = """
from django.dispatch import Signal as DjangoSignal
from heliograph import Signal, receiver, signal

opened = Signal()
djangos = DjangoSignal()
kept = []

class Clerk:
    def hear(self, **named): ...
    def __call__(self, **named): ...

class Closing:
    def __call__(self, **named): ...
    def __del__(self):
        opened.disconnect(self)
        opened.send(None)

def make():
    def local(**named): ...
    async def asynchronous(**named): ...
    opened.connect(local)
    receiver(djangos)(local)
    receiver(opened)(asynchronous)
    cycle = Clerk()
    cycle.itself = cycle
    opened.connect(cycle.hear)
    receiver(djangos)(cycle.hear)
    opened.connect(cycle, sender=Clerk)
    return local, asynchronous, cycle

@receiver([opened, djangos], sender=Clerk)
def module_level(**named): ...

@signal
def typed(*, door: int) -> None: ...

typed.connect(module_level)
kept.extend(make() for _ in range(20))
kept.append(Closing())
opened.connect(kept[-1])
held = opened.receivers
typed.send_robust(None, door=1)
"""


@pytest.mark.parametrize("script", ["import shop", "from shop import *; import sys; sys.modules.pop('shop')", MODULE])
@pytest.mark.parametrize("first", ["", "import heliograph.signals.signal\n", "import django.db.models.signals\n"])
def test_nothing_is_printed_when_the_process_ends(script, first, tmp_path):
    (tmp_path / "shop.py").write_text(MODULE)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", first + script],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
