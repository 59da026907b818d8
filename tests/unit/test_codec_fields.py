"""The snapshot of a model instance: which fields it has, and how they come back."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.functional import SimpleLazyObject
from gallery.models import Bronze, Painting, SmallPainting, Visit

from heliograph.errors import PayloadError
from heliograph.events.codec.decode import decode
from heliograph.events.codec.encode import encode


class Money:
    """What a field of a third party gives."""

    def __init__(self, cents):
        self.cents = cents

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents

    __hash__ = None


class Coin(Money):
    """A kind of it that equals nothing but itself."""

    def __eq__(self, other):
        return self is other

    __hash__ = None


class MoneyEncoder(json.JSONEncoder):
    """How a project writes it as JSON."""

    def default(self, o):
        return {"cents": o.cents}


class MoneyDecoder(json.JSONDecoder):
    """How a project reads it."""

    def __init__(self):
        super().__init__(object_hook=lambda read: Money(read["cents"]))


class MoneyField(models.IntegerField):
    """Such a field, which can write its value and read it."""

    def to_python(self, value):
        if isinstance(value, Money):
            return value
        try:
            return Money(int(value))
        except ValueError:
            raise ValidationError("no money") from None

    def value_to_string(self, obj):
        return str(self.value_from_object(obj).cents)


class Frozen(datetime):
    """A datetime as tools that stop the clock give it."""


class Exhibit(models.Model):
    """A model with every kind of field that needs care."""

    name = models.CharField(max_length=20)
    upper = models.GeneratedField(
        expression=Upper("name"), output_field=models.CharField(max_length=20), db_persist=True
    )
    price = MoneyField(null=True)
    weight = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    label = models.FileField(null=True)
    notes = models.JSONField(null=True)
    typed = models.JSONField(null=True, encoder=MoneyEncoder, decoder=MoneyDecoder)
    scan = models.BinaryField(null=True)
    code = models.UUIDField(null=True)
    lent_for = models.DurationField(null=True)
    shown_at = models.DateTimeField(null=True)
    password = models.CharField(max_length=20, default="secret")
    owner = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        app_label = "gallery"


class Priced(models.Model):
    """A model whose primary key has a type that the codec does not know."""

    price = MoneyField(primary_key=True)

    class Meta:
        app_label = "gallery"


def body(instance, **options):
    return encode(instance, argument="instance", **options)["$model"]


def fields(instance, **options):
    return body(instance, **options)["fields"]


def through(instance):
    return decode(json.loads(json.dumps(encode(instance, argument="instance"))), "other")


def test_a_reference_with_a_snapshot():
    assert encode(Visit(pk=3, note="a", painting_id=7), argument="visit") == {
        "$model": {"label": "gallery.Visit", "pk": 3, "fields": {"note": "a", "painting_id": 7}}
    }


@pytest.mark.parametrize(("alias", "database"), [("archive", {}), ("default", {"db": "archive"}), (None, {})])
def test_a_reference_names_the_database_that_is_not_the_events(alias, database):
    written = body(Visit.from_db("archive", ["id"], [1]), alias=alias)
    assert written == {"label": "gallery.Visit", "pk": 1, "fields": {}, **database}
    assert "db" not in body(Visit(pk=1), alias=alias)


def test_one_that_would_be_written_to_the_events_database_is_at_home_there(settings):
    settings.DATABASE_ROUTERS = [SimpleNamespace(db_for_write=lambda model, **hints: "primary")]
    replicated = Visit.from_db("replica", ["id"], [1])
    assert "db" not in body(replicated, alias="primary")
    assert "db" not in body(replicated, alias="replica")
    assert body(replicated, alias="archive")["db"] == "primary"


def test_an_instance_in_a_fields_value_names_its_database_too():
    exhibit = Exhibit(pk=1, notes=[Visit.from_db("archive", ["id"], [1])])
    assert fields(exhibit, alias="default")["notes"][0]["$model"]["db"] == "archive"


def test_fields_with_values_of_every_kind_come_back():
    sent = Exhibit(
        name="a",
        price=Money(120),
        weight=Decimal("1.20"),
        notes={"a": [1, None], "$b": {}},
        scan=b"\0\xff",
        code=UUID(int=5),
        lent_for=timedelta(days=3),
        shown_at=datetime(2026, 3, 1, tzinfo=UTC),
        owner_id=4,
    )
    back = through(sent)
    for name in ("name", "price", "weight", "notes", "scan", "code", "lent_for", "shown_at", "owner_id"):
        assert getattr(back, name) == getattr(sent, name), name
        assert type(getattr(back, name)) is type(getattr(sent, name)), name


def test_an_instance_without_a_row_is_as_one_from_the_database():
    back = through(Visit(note="a"))
    assert (back.pk, back._state.db, back._state.adding) == (None, "other", False)


def test_a_password_is_never_in_a_snapshot():
    for options in ({}, {"snapshot": ["password", "name"]}):
        assert "secret" not in json.dumps(body(Exhibit(name="a"), **options))
    assert "password" not in fields(User(password="secret"))
    assert through(Exhibit(name="a")).get_deferred_fields() >= {"password"}


def test_deferred_fields_are_left_out_without_asking_for_them():
    deferred = Visit.from_db("default", ["id", "note"], [5, "a"])
    assert fields(deferred) == {"note": "a"}


def test_what_only_the_database_knows_is_left_out():
    written = fields(Exhibit(name=models.F("label"), shown_at=Now(), notes=models.Value(1), weight=Decimal(1)))
    assert written.keys() & {"name", "upper", "shown_at", "notes", "weight"} == {"weight"}
    assert body(Visit(pk=models.F("pk"), note="a"))["pk"] is None


def test_a_generated_field_that_is_known_is_in_the_snapshot():
    known = Exhibit.from_db("default", ["id", "name", "upper"], [1, "a", "A"])
    assert fields(known) == {"name": "a", "upper": "A"}
    assert through(Exhibit.from_db("default", ["id", "name", "upper"], [None, "a", "A"])).upper == "A"


@pytest.mark.parametrize("label", ["a/b.txt", ContentFile(b"", name="a/b.txt")])
def test_a_file_is_recorded_by_its_name(label):
    sent = Exhibit(label=label)
    assert fields(sent)["label"] == "a/b.txt"
    assert str(sent.label) == "a/b.txt"
    assert fields(sent)["label"] == "a/b.txt"
    assert through(sent).label.name == "a/b.txt"


def test_no_file_stays_none():
    sent = Exhibit()
    assert not sent.label
    assert not through(sent).label


def test_json_that_the_field_can_write_comes_back_as_the_database_would_give_it():
    assert through(Exhibit(typed=[Money(5)])).typed == [Money(5)]
    with pytest.raises(ValueError, match="cannot read its value"):
        decode({"$model": {"label": "gallery.Exhibit", "pk": None, "fields": {"typed": {"$field": "[" * 9999}}}}, "")


class Brittle(models.TextField):
    """A field of a third party whose own code raises what it likes."""

    raised: Exception

    def value_to_string(self, obj):
        raise self.raised


class Cracked(models.Model):
    """A model with such a field."""

    note = Brittle()

    class Meta:
        app_label = "gallery"


@pytest.fixture
def told(monkeypatch, caplog):
    """What is logged of fields that have not been told of yet."""
    monkeypatch.setattr("heliograph.events.codec.snapshots._told", set())
    return caplog


@pytest.mark.parametrize("raised", [KeyError("x"), AssertionError(), NotImplementedError(), RecursionError()])
def test_whatever_a_fields_own_code_raises_it_is_left_out(raised, monkeypatch, told):
    monkeypatch.setattr(Brittle, "raised", raised, raising=False)
    assert fields(Cracked(pk=1, note=Money(5))) == {}
    assert type(raised).__name__ in told.text


def test_what_is_left_out_is_logged_once_for_each_field_without_its_value(told):
    for price in (Coin("secret"), Coin("secret")):
        assert "price" not in fields(Exhibit(price=price, notes={"of": Money("secret")}))
    assert [each.name for each in told.records] == ["heliograph.payload"] * 2
    assert told.messages[0].startswith(
        "gallery.Exhibit.price is not recorded: neither the payload's codec nor the field itself can write a "
        f"{__name__}.Coin (ValidationError). Give the field a value_to_string()"
    )
    assert told.messages[1].startswith("gallery.Exhibit.notes is not recorded")
    assert "secret" not in told.text


def test_what_only_the_database_knows_is_not_worth_a_line(told):
    fields(Exhibit(name=models.F("label"), notes=models.Value(1)))
    assert told.messages == []


@pytest.mark.parametrize("notes", [object(), {"a": object()}, {1, object()}])
def test_a_value_that_nobody_can_write_is_left_out(notes):
    assert "notes" not in fields(Exhibit(notes=notes))
    assert "name" not in fields(Exhibit(name=object()))
    assert "price" not in fields(Exhibit(price=object()))
    assert "typed" not in fields(Exhibit(typed=object()))


def test_json_that_contains_itself_is_left_out():
    notes = {}
    notes["again"] = notes
    assert "notes" not in fields(Exhibit(notes=notes))


def test_an_instance_in_a_fields_value_is_a_reference_only():
    exhibit = Exhibit(pk=1)
    exhibit.notes = [exhibit, exhibit]
    assert [part["$model"] for part in fields(exhibit)["notes"]] == 2 * [{"label": "gallery.Exhibit", "pk": 1}]


def test_a_subclass_of_what_the_field_gives_comes_back_as_the_field_gives_it():
    assert type(through(Exhibit(shown_at=Frozen(2026, 3, 1, tzinfo=UTC))).shown_at) is datetime
    assert through(Exhibit(price=Coin(5))).price == Money(5)
    assert through(Bronze(weight=Fraction(5))).weight == 5


def test_a_snapshot_of_some_fields():
    visit = Visit(pk=3, note="a", painting_id=7)
    assert fields(visit, snapshot=["note"]) == {"note": "a"}
    assert fields(visit, snapshot=["painting", "unknown"]) == {"painting_id": 7}
    assert fields(visit, snapshot=["painting_id"]) == {"painting_id": 7}
    assert fields(visit, snapshot=[]) == {}


def test_no_snapshot():
    assert body(Visit(pk=3, note="a"), snapshot=False) == {"label": "gallery.Visit", "pk": 3}


def test_a_proxy_keeps_its_own_label():
    assert body(SmallPainting(title="a"))["label"] == "gallery.SmallPainting"
    assert type(through(SmallPainting(title="a"))) is SmallPainting


def test_a_child_with_a_table_of_its_own_has_its_parents_fields():
    back = through(Bronze(title="a", weight=7))
    assert (back.title, back.weight, back.pk, back.id) == ("a", 7, None, None)
    assert fields(Bronze(pk=5, id=5, title="a")) == {"id": 5, "title": "a", "weight": 1}


def test_a_lazy_object_counts_as_the_instance_that_it_wraps():
    assert body(SimpleLazyObject(lambda: Visit(note="a")))["label"] == "gallery.Visit"


def test_a_model_is_recorded_by_its_label():
    assert encode(Painting, argument="model") == {"$class": "gallery.Painting"}
    assert decode({"$class": "gallery.Painting"}, "default") is Painting
    through_model = User.groups.through
    assert decode(encode(through_model, argument="model"), "default") is through_model


def test_fields_that_the_model_has_no_longer_are_passed_over():
    gone = {"label": "gallery.Visit", "pk": None, "fields": {"note": "a", "colour": {"$nope": 1}}}
    assert decode({"$model": gone}, "default").note == "a"


def test_a_primary_key_that_only_its_field_can_write():
    assert body(Priced(price=Money(5)))["pk"] == {"$field": "5"}


def test_a_primary_key_that_nobody_can_write_is_refused():
    with pytest.raises(PayloadError, match=r"^items\[0\] has a primary key that cannot be recorded"):
        encode([Visit(pk=object())], argument="items")
