"""The checker: what was committed beside what was delivered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Note(NamedTuple):
    """An event that was committed."""

    token: str
    signal: str
    key: str | None
    number: int | None


class Effect(NamedTuple):
    """What a receiver has done, in the order of doing."""

    receiver: str
    token: str
    key: str | None
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """What a receiver is to get.

    Attributes:
        signal: whose events.
        atomic: whether none may come twice.
        ordered: whether those of one key come in order.
    """

    signal: str = "made"
    atomic: bool = True
    ordered: bool = True


@dataclass(slots=True, kw_only=True)
class Findings:
    """What is wrong, and how much there was. Each wrong thing is named by its receiver and its event."""

    committed: int = 0
    delivered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    phantoms: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    dead: list[Any] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return them as a few lines to read."""
        return [
            f"committed {self.committed}, delivered {self.delivered} (to all receivers together)",
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, phantoms {len(self.phantoms)}, "
            f"out of order {len(self.out_of_order)}, dead letters {len(self.dead)}",
            f"repeated outside a transaction {len(self.repeated)}",
        ]

    def assert_clean(self, *, repeats: int = 0) -> None:
        """Fail if anything is wrong.

        Args:
            repeats: how many events may have come again to receivers outside a transaction.
        """
        for what in ("lost", "doubled", "phantoms", "out_of_order", "dead"):
            found = getattr(self, what)
            assert not found, f"{len(found)} {what}: {found[:10]}"
        assert len(self.repeated) <= repeats, f"{len(self.repeated)} repeated, at most {repeats}: {self.repeated[:10]}"


def compare(
    receivers: dict[str, Receiver], notes: Iterable[Note], effects: Iterable[Effect], dead: Iterable[Any] = ()
) -> Findings:
    """Compare what was committed with what each receiver has done."""
    sent: dict[str, dict[str, Note]] = defaultdict(dict)
    for note in notes:
        sent[note.signal][note.token] = note
    done: dict[str, list[Effect]] = {name: [] for name in receivers}
    for effect in effects:
        done[effect.receiver].append(effect)
    findings = Findings(committed=sum(map(len, sent.values())), dead=list(dead))
    for name, receiver in receivers.items():
        _compare(findings, name, receiver, sent[receiver.signal], done[name])
    return findings


def _compare(findings: Findings, name: str, receiver: Receiver, sent: dict[str, Note], done: list[Effect]) -> None:
    times = Counter(effect.token for effect in done)
    findings.delivered += len(times)
    findings.lost += [f"{name}: {token}" for token in sent if token not in times]
    findings.phantoms += [f"{name}: {token}" for token in times if token not in sent]
    again = [f"{name}: {token}" for token, count in times.items() for _ in range(count - 1)]
    (findings.doubled if receiver.atomic else findings.repeated).extend(again)
    if receiver.ordered:
        last: dict[str, int] = {}
        seen: set[str] = set()
        for effect in done:
            if effect.key is None or effect.number is None or effect.token in seen:
                continue
            seen.add(effect.token)
            if effect.number < last.get(effect.key, 0):
                findings.out_of_order.append(f"{name}: {effect.key} {effect.number} after {last[effect.key]}")
            last[effect.key] = effect.number
