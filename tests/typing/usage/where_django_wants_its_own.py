"""Heliograph's signals stand where type stubs want Django's."""

from typing import Any

import django.dispatch
from django.contrib.auth.models import User
from django.db.models.signals import ModelSignal, post_save
from django.dispatch import receiver as djangos_receiver

import heliograph
from heliograph import muted, receiver, signal

opened = heliograph.Signal()


@signal
def closed(*, door: int) -> None: ...


def watch(signal: django.dispatch.Signal) -> None: ...
def watch_models(signal: ModelSignal) -> None: ...


watch(opened)
watch(closed)
watch(post_save)
signals: list[django.dispatch.Signal] = [opened, closed, post_save]


@djangos_receiver(opened)
@djangos_receiver([opened, closed], sender=User, weak=False)
def hear(**named: Any) -> None: ...


@receiver(post_save, sender=User, dispatch_uid="hear")
@receiver([post_save, opened], sender="auth.User", on_commit=True, subclasses=True)
def hear_all(instance: User, **named: Any) -> int:
    return 1


number: int = hear_all(User())
text: str = hear_all(User())  # error
with muted(post_save, opened, hear):
    post_save.send(User, instance=User())
