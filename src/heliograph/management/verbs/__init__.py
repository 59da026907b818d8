"""The verbs of ``manage.py signals``, a module for each."""

from __future__ import annotations

from collections.abc import Mapping

from heliograph.management.verbs.dead import DEAD
from heliograph.management.verbs.drop import DROP
from heliograph.management.verbs.events import EVENTS
from heliograph.management.verbs.explaining import EXPLAIN
from heliograph.management.verbs.listing import LIST
from heliograph.management.verbs.pausing import PAUSE, RESUME
from heliograph.management.verbs.prune import PRUNE
from heliograph.management.verbs.reject import REJECT
from heliograph.management.verbs.replay import REPLAY
from heliograph.management.verbs.retry import RETRY
from heliograph.management.verbs.status import STATUS
from heliograph.management.verbs.verb import Verb
from heliograph.management.verbs.worker import WORKER

#: In the order in which the help shows them.
VERBS: Mapping[str, Verb] = {
    "list": LIST,
    "explain": EXPLAIN,
    "worker": WORKER,
    "status": STATUS,
    "events": EVENTS,
    "dead": DEAD,
    "retry": RETRY,
    "reject": REJECT,
    "pause": PAUSE,
    "resume": RESUME,
    "replay": REPLAY,
    "prune": PRUNE,
    "drop": DROP,
}
