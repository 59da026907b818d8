"""The tables: the log (``SignalName``, ``Event``, ``Position``, ``SequencerStep``) and its readers.

Programs go through ``log`` and ``delivery``; the models are for looking, and so that Django knows of the tables.
"""

from __future__ import annotations

from django.db import models


class SignalName(models.Model):
    """A signal that has been recorded or subscribed to, by a short number."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One recorded sending. PostgreSQL also keeps its transaction, SQLite the hash of its key."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField()
    signal = models.ForeignKey(SignalName, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    sender = models.TextField(null=True)
    key = models.TextField(null=True)
    payload = models.TextField()
    headers = models.TextField(null=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.uuid)


class Position(models.Model):
    """An event's place in the order of becoming visible. SQLite has none: there it is the event's id."""

    position = models.BigIntegerField(primary_key=True)
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    signal = models.ForeignKey(SignalName, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    key_hash = models.IntegerField(null=True)

    class Meta:
        required_db_vendor = "postgresql"

    def __str__(self) -> str:
        return str(self.position)


class SequencerStep(models.Model):
    """How far the sequencer has come. Not on SQLite either."""

    id = models.BigAutoField(primary_key=True)
    last_position = models.BigIntegerField()

    class Meta:
        required_db_vendor = "postgresql"

    def __str__(self) -> str:
        return str(self.last_position)


class Subscription(models.Model):
    """A durable receiver's reading of the log."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class SubscriptionName(models.Model):
    """A name that stands for a subscription: its own, and those that it had."""

    name = models.CharField(max_length=255, primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="names")

    def __str__(self) -> str:
        return self.name


class SubscriptionSignal(models.Model):
    """A signal that a subscription reads."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="signals")
    signal = models.ForeignKey(SignalName, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "signal"], name="heliograph_subscribed_once")]

    def __str__(self) -> str:
        return f"{self.subscription} reads {self.signal}"


class Worker(models.Model):
    """A process, or a thread of one, that runs durable receivers. Times are the database's."""

    id = models.BigAutoField(primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    state = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Partition(models.Model):
    """A share of a subscription: where it stands, and who owns it.

    ``number`` of ``count``; it reads up to ``until`` and no further, where the count is being changed. ``epoch`` goes
    up with each change of owner, so that a former one can commit nothing. ``in_hand`` is the event that an owner going
    one by one is about to run.
    """

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="partitions")
    number = models.IntegerField()
    count = models.IntegerField()
    position = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    epoch = models.BigIntegerField(default=0)
    worker = models.ForeignKey(Worker, models.DO_NOTHING, null=True, db_constraint=False, related_name="partitions")
    in_hand = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "count", "number"], name="heliograph_one_partition")
        ]

    def __str__(self) -> str:
        return f"{self.subscription} {self.number + 1}/{self.count}"


class Delivery(models.Model):
    """The trouble record of one event for one subscription. ``errors`` is a JSON list, an object for each attempt."""

    id = models.BigAutoField(primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    position = models.BigIntegerField()
    key = models.TextField(null=True)
    spread = models.BigIntegerField()
    state = models.CharField(max_length=16)
    attempts = models.IntegerField(default=0)
    kills = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    errors = models.TextField(default="[]")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "position"], name="heliograph_one_delivery"),
        ]
        indexes = [
            models.Index(fields=["subscription", "state", "due_at"], name="heliograph_due"),
            models.Index(fields=["subscription", "key", "position"], name="heliograph_open_keys"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.subscription}: {self.state}"
