"""What the checker expects of each crew's receivers."""

from torture.findings import Receiver

MIXED = {
    "shared": Receiver(),
    "alone": Receiver(),
    "whole": Receiver(),
    "divided": Receiver(),
    "outside": Receiver(atomic=False),
    "strict": Receiver(),
    "unordered": Receiver(ordered=False),
    "clumsy": Receiver(),
    "causing": Receiver(),
    "caused": Receiver(signal="caused"),
    "caused alone": Receiver(signal="caused"),
}
