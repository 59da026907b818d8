"""The event log."""

from __future__ import annotations

from django.db import migrations, models

from heliograph.log.schema import Script


def _points_at(model: str) -> models.ForeignKey:
    return models.ForeignKey(model, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="SignalName",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255, unique=True)),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[Script("0001")],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("uuid", models.UUIDField()),
                        ("signal", _points_at("heliograph.signalname")),
                        ("sender", models.TextField(null=True)),
                        ("key", models.TextField(null=True)),
                        ("payload", models.TextField()),
                        ("headers", models.TextField(null=True)),
                        ("sent_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Position",
                    fields=[
                        ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("event", _points_at("heliograph.event")),
                        ("signal", _points_at("heliograph.signalname")),
                        ("key_hash", models.IntegerField(null=True)),
                    ],
                    options={"required_db_vendor": "postgresql"},
                ),
                migrations.CreateModel(
                    name="SequencerStep",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("last_position", models.BigIntegerField()),
                    ],
                    options={"required_db_vendor": "postgresql"},
                ),
            ],
        ),
    ]
