"""What has been done for many orders, and how often: counted where it took effect."""

from collections import Counter
from typing import Any

from demo.mail_server import MailServer
from loyalty.models import PointsEntry
from warehouse.models import StockMovement


class Tally:
    """Counts the effects of each order.

    Args:
        numbers: of the orders.
        mail_server: where their mail arrives.
    """

    def __init__(self, numbers: frozenset[int], mail_server: MailServer) -> None:
        self.numbers = numbers
        self._subjects = {f"Your order {number}" for number in numbers}
        self._mail_server = mail_server

    def stock_book(self) -> Counter[int]:
        """Lines of the stock book, by order."""
        booked = StockMovement.objects.filter(order_number__in=self.numbers)
        return Counter(booked.values_list("order_number", flat=True))

    def points(self) -> Counter[int]:
        """Entries of points, by order."""
        booked = PointsEntry.objects.filter(order_number__in=self.numbers)
        return Counter(booked.values_list("order_number", flat=True))

    def mails(self) -> Counter[str]:
        """Mails in the customers' mailboxes, by subject, which has the order's number."""
        subjects = (mail["Subject"] for mail in list(self._mail_server.mail))
        return Counter(subject for subject in subjects if subject in self._subjects)

    def has_begun(self) -> bool:
        """Whether each of the three effects has been seen."""
        return bool(self.mails() and self.points() and self.stock_book())

    def is_complete(self) -> bool:
        """Whether no order lacks any of them."""
        return all(len(count) == len(self.numbers) for count in (self.mails(), self.points(), self.stock_book()))

    def __str__(self) -> str:
        counted = {"stock book": self.stock_book(), "points": self.points(), "mails": self.mails()}
        lines = [f"  {what:<12}{self._told(count)}" for what, count in counted.items()]
        if again := len(self._mail_server.sent_again):
            lines[-1] += f" ({again} was sent again, and known by its Message-ID)"
        return "\n".join(lines)

    def _told(self, count: Counter[Any]) -> str:
        again = count.total() - len(count)
        return f"{len(count):4} of {len(self.numbers)}, {again or 'none'} twice"
