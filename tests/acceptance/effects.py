"""What the store's durable receivers have written."""

from typing import Any

from acceptance.facts import facts
from acceptance.visitor import Visitor


def history(visitor: Visitor) -> list[tuple[Any, ...]]:
    """Order, points and balance of each entry, in the order of booking."""
    customer = visitor.get("/store/customers/me/").json()["id"]
    return facts(
        visitor.store.database,
        "SELECT entry.order_number, entry.points, entry.balance FROM loyalty_pointsentry entry "
        "JOIN loyalty_pointsaccount account ON account.id = entry.account_id "
        f"WHERE account.customer_id = {customer} ORDER BY entry.id",
    )


def stock_book(visitor: Visitor, number: int) -> list[tuple[Any, ...]]:
    return facts(
        visitor.store.database,
        "SELECT product.title, movement.quantity FROM warehouse_stockmovement movement "
        "JOIN store_product product ON product.id = movement.product_id "
        f"WHERE movement.order_number = {number} ORDER BY movement.id",
    )
