"""The limit: the same inserts in a plain loop of transactions, with no queue."""

from django.db import transaction

from durable_delivery.players.player import Player, deliver


class Plain(Player):
    """Options: `together`, how many inserts a transaction has."""

    def preload(self, count: int) -> None:
        """There is nothing to send: the loop knows its numbers."""

    def work(self) -> None:
        together = self.stage.options["together"]
        effect = deliver(self.stage)
        for first in range(0, self.stage.events, together):
            with transaction.atomic():
                for number in range(first, min(first + together, self.stage.events)):
                    effect(number)


player = Plain
