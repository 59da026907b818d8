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
        """Mails, by Message-ID: a mail that comes again has the one that it had."""
        ours = (mail for mail in list(self._mail_server.mail) if mail["Subject"] in self._subjects)
        return Counter(mail["Message-ID"] for mail in ours)

    def has_begun(self) -> bool:
        """Whether each of the three effects has been seen."""
        return bool(self.mails() and self.points() and self.stock_book())

    def __str__(self) -> str:
        counted = {"stock book": self.stock_book(), "points": self.points(), "mails": self.mails()}
        return "\n".join(f"  {what:<12}{self._told(count)}" for what, count in counted.items())

    def _told(self, count: Counter[Any]) -> str:
        again = count.total() - len(count)
        return f"{len(count):4} of {len(self.numbers)}, {again or 'none'} twice"
