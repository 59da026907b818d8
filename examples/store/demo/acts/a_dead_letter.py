"""An event in the dead letters, and its retry after the reason is gone."""

from typing import Any

from core.models import User
from demo.acts.stage import Stage
from demo.progress import told_by, wait_until
from demo.purchase import Customer, buy_something, register

MISTYPED, MEANT = "custmers.example", "customers.example"


def play(stage: Stage) -> None:
    terminal = stage.terminal
    terminal.title("A receiver cannot succeed, and its event waits in the dead letters.")
    with terminal.only("confirmed to"):
        client = stage.silent_client()
        stage.mail_server.unknown_domains.add(MISTYPED)
        customer = register(client, "jonas", MISTYPED)
        terminal.say(f"{customer.email} is mistyped: no mail server has it, and trying again would not help.")
        order = buy_something(client, customer)
        letter = wait_until(lambda: dead_letter(customer), "the event was a dead letter")
        terminal.run("signals", "dead")

        meant = f"{customer.username}@{MEANT}"
        User.objects.filter(username=customer.username).update(email=meant)
        terminal.say(f"The address is put right in the database: {meant}")
        terminal.run("signals", "retry", str(letter["id"]))
        wait_until(lambda: terminal.has_heard(f"order {order['id']} confirmed"), "the mail was sent")


def dead_letter(customer: Customer) -> Any:
    """Return the dead letter that is about this customer's mail, once there is one."""
    letters = (letter for letter in told_by("dead") if customer.email in letter["errors"][-1]["message"])
    return next(letters, None)
