"""Subscriptions, their partitions and deliveries, and the workers that run them."""

from __future__ import annotations

from django.db import migrations, models

from heliograph.log.schema import Script


class Migration(migrations.Migration):
    dependencies = [("heliograph", "0001_log")]
    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255, unique=True)),
                ("paused", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="SubscriptionName",
            fields=[
                ("name", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("subscription", models.ForeignKey("heliograph.subscription", models.CASCADE, related_name="names")),
            ],
        ),
        migrations.CreateModel(
            name="SubscriptionSignal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subscription", models.ForeignKey("heliograph.subscription", models.CASCADE, related_name="signals")),
                ("signal", models.ForeignKey("heliograph.signalname", models.CASCADE, related_name="+")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "signal"), name="heliograph_subscribed_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=255)),
                ("pid", models.IntegerField()),
                ("started_at", models.DateTimeField()),
                ("heartbeat_at", models.DateTimeField()),
                ("state", models.CharField(max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name="Partition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "subscription",
                    models.ForeignKey("heliograph.subscription", models.CASCADE, related_name="partitions"),
                ),
                ("number", models.IntegerField()),
                ("count", models.IntegerField()),
                ("position", models.BigIntegerField()),
                ("until", models.BigIntegerField(null=True)),
                ("epoch", models.BigIntegerField(default=0)),
                (
                    "worker",
                    models.ForeignKey(
                        "heliograph.worker",
                        models.DO_NOTHING,
                        db_constraint=False,
                        null=True,
                        related_name="partitions",
                    ),
                ),
                ("in_hand", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "count", "number"), name="heliograph_one_partition")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "subscription",
                    models.ForeignKey("heliograph.subscription", models.CASCADE, related_name="deliveries"),
                ),
                (
                    "event",
                    models.ForeignKey(
                        "heliograph.event", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("key", models.TextField(null=True)),
                ("spread", models.BigIntegerField()),
                ("state", models.CharField(max_length=16)),
                ("attempts", models.IntegerField(default=0)),
                ("kills", models.IntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("errors", models.TextField(default="[]")),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(fields=["subscription", "state", "due_at"], name="heliograph_due"),
                    models.Index(fields=["subscription", "key", "position"], name="heliograph_open_keys"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("subscription", "position"), name="heliograph_one_delivery")
                ],
            },
        ),
        Script("0002"),
    ]
