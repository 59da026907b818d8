"""A receiver that fails twice and then succeeds: the customer's mail server does not know the shop yet."""

from demo.acts.stage import Stage
from demo.progress import wait_until
from demo.purchase import buy_something, register

TIMES = 2


def play(stage: Stage) -> None:
    terminal, mail_server = stage.terminal, stage.mail_server
    terminal.title("A receiver fails, and is tried again.")
    with terminal.only("send_confirmation"):
        client = stage.silent_client()
        customer = register(client, "grete")
        mail_server.put_off[customer.email] = TIMES
        terminal.say(f"The mail server of {customer.email} puts strangers off: the first {TIMES} times it says no.\n")
        order = buy_something(client, customer)
        wait_until(lambda: terminal.has_heard(f"order {order['id']} confirmed"), "the mail was sent")
    mails = len(mail_server.mail_to(customer.email))
    terminal.say(f"\nOrder {order['id']}: {TIMES + 1} attempts, {mails} mail.")
