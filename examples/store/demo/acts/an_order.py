"""A customer comes by, and every receiver is seen at work."""

from demo.acts.stage import Stage
from demo.client import StoreClient
from demo.progress import wait_until
from demo.purchase import buy_something, register
from demo.worker import Worker


def play(stage: Stage, worker: Worker) -> None:
    wait_until(worker.is_running, "the worker was running")
    stage.terminal.title("A customer comes by. Under each request: which receivers it made run, in which mode.")
    stage.terminal.say()
    client = StoreClient(stage.address, stage.terminal.say)
    order = buy_something(client, register(client, "lena"))
    number = order["id"]
    lines = (f"Order {number} is in the stock book", f"points for Order {number},", f"order {number} confirmed")
    wait_until(lambda: stage.terminal.has_heard(*lines), "the order's durable receivers were done")
    stage.terminal.say(f"\nOrder {number} is placed: {len(order['items'])} lines, {order['total']} EUR.")
