"""References to model instances, resolved on each database."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connections, models
from django.utils.functional import SimpleLazyObject
from gallery.models import Bronze, Painting, SmallPainting, Visit

from heliograph.errors import PayloadDecodeError
from heliograph.events.codec.payload import decode_payload, encode_payload

pytestmark = pytest.mark.django_db(databases="__all__")


class Seat(models.Model):
    """A model with a composite primary key."""

    pk = models.CompositePrimaryKey("row", "number")
    row = models.CharField(max_length=5)
    number = models.IntegerField()
    taken = models.BooleanField(default=False)

    class Meta:
        app_label = "gallery"


class Visible(models.Manager):
    """A manager that hides rows."""

    def get_queryset(self):
        return super().get_queryset().filter(hidden=False)


class Shown(models.Model):
    """A model whose managers hide rows, and whose instances are false."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    hidden = models.BooleanField(default=False)

    objects = Visible()

    class Meta:
        app_label = "gallery"

    def __bool__(self):
        return False


def write(**named):
    return encode_payload("shop.opened", named, max_bytes=10_000)


def through(instance, alias):
    return decode_payload(write(instance=instance), alias)["instance"]


@pytest.fixture
def visit(alias):
    return Visit.objects.using(alias).create(note="as sent")


def test_the_row_as_it_is_now(alias, visit):
    text = write(visit=visit)
    Visit.objects.using(alias).update(note="changed")
    read = decode_payload(text, alias)["visit"]
    assert (read, read.note, read._state.db, read._state.adding) == (visit, "changed", alias, False)


def test_a_row_that_is_gone_as_it_was_sent(alias, visit, django_assert_num_queries):
    text = write(visit=visit)
    Visit.objects.using(alias).all().delete()
    with django_assert_num_queries(1, connection=connections[alias]):
        read = decode_payload(text, alias)["visit"]
        assert (type(read), read.pk, read.note, read.painting_id) == (Visit, visit.pk, "as sent", None)
    assert (read._state.db, read._state.adding) == (alias, False)


def test_an_instance_that_is_deleted_has_no_key_and_comes_back(alias, visit, django_assert_num_queries):
    visit.delete()
    with django_assert_num_queries(0, connection=connections[alias]):
        read = through(visit, alias)
    assert (read.pk, read.note, read._state.db) == (None, "as sent", alias)


def test_an_instance_that_is_not_saved_yet(alias):
    read = through(Visit(note="new"), alias)
    assert (read.pk, read.note) == (None, "new")


def test_neither_row_nor_snapshot_is_an_error(alias, visit):
    text = encode_payload("shop.opened", {"visit": visit}, max_bytes=1000, snapshot=False)
    assert decode_payload(text, alias)["visit"].note == "as sent"
    Visit.objects.using(alias).all().delete()
    with pytest.raises(PayloadDecodeError, match=r"the gallery.Visit that was sent is gone, and there is no snapshot"):
        decode_payload(text, alias)


def test_only_the_events_own_database_is_asked(alias, visit):
    other = "archive"
    Visit.objects.using(other).create(pk=visit.pk, note="another one")
    assert through(visit, alias).note == "as sent"
    assert through(visit, other).note == "another one"


@pytest.fixture
def elsewhere(visit):
    """A row in another database, with the primary key that one has here."""
    return Visit.objects.using("archive").create(pk=visit.pk, note="elsewhere")


def test_an_instance_of_another_database_is_read_there(alias, visit, elsewhere):
    text = encode_payload("shop.opened", {"visit": visit, "elsewhere": elsewhere}, max_bytes=1000, alias=alias)
    Visit.objects.using("archive").update(note="changed")
    read = decode_payload(text, alias)
    assert (read["visit"].note, read["visit"]._state.db) == ("as sent", alias)
    assert (read["elsewhere"].note, read["elsewhere"]._state.db) == ("changed", "archive")


def test_one_that_is_gone_there_comes_from_its_snapshot(alias, elsewhere):
    text = encode_payload("shop.opened", {"visit": elsewhere}, max_bytes=1000, alias=alias)
    Visit.objects.using("archive").all().delete()
    read = decode_payload(text, alias)["visit"]
    assert (read.note, read._state.db) == ("elsewhere", "archive")


@pytest.mark.parametrize("snapshot", [True, False])
def test_a_database_that_is_configured_no_longer_has_no_rows(alias, visit, snapshot, django_assert_num_queries):
    removed = Visit.from_db("removed", ["id", "note"], [visit.pk, "as it was"])
    text = encode_payload("shop.opened", {"visit": removed}, max_bytes=1000, alias=alias, snapshot=snapshot)
    with django_assert_num_queries(0, connection=connections[alias]):
        if snapshot:
            read = decode_payload(text, alias)["visit"]
            assert (read.note, read._state.db) == ("as it was", "removed")
        else:
            with pytest.raises(PayloadDecodeError, match="is gone, and there is no snapshot"):
                decode_payload(text, alias)


@pytest.mark.parametrize("database", [7, ["archive"], {"a": 1}, True])
def test_a_database_that_is_no_name(alias, visit, database):
    reference = {"label": "gallery.Visit", "pk": visit.pk, "db": database}
    with pytest.raises(PayloadDecodeError, match="stands where a database belongs"):
        decode_payload({"visit": {"$model": reference}}, alias)


def test_one_row_is_read_once_and_is_one_instance(alias, visit, django_assert_num_queries):
    again = Visit.objects.using(alias).get()
    text = write(visit=visit, more=[again, {"visit": visit}])
    with django_assert_num_queries(1, connection=connections[alias]):
        read = decode_payload(text, alias)
    assert read["visit"] is read["more"][0] is read["more"][1]["visit"]


def test_one_instance_too_when_the_row_is_gone(alias, visit, django_assert_num_queries):
    text = write(visit=visit, more=[visit])
    Visit.objects.using(alias).all().delete()
    with django_assert_num_queries(1, connection=connections[alias]):
        read = decode_payload(text, alias)
    assert read["visit"] is read["more"][0]


def test_each_event_reads_anew(alias, visit):
    text = write(visit=visit)
    assert decode_payload(text, alias)["visit"] is not decode_payload(text, alias)["visit"]


@pytest.mark.parametrize("load", [lambda visits: visits.only("id").get(), lambda visits: visits.defer("note").get()])
def test_deferred_fields_are_not_read_for_an_event(alias, visit, load, django_assert_num_queries):
    deferred = load(Visit.objects.using(alias))
    with django_assert_num_queries(0, connection=connections[alias]):
        text = write(visit=deferred)
    assert "note" not in text
    Visit.objects.using(alias).all().delete()
    assert "note" in decode_payload(text, alias)["visit"].get_deferred_fields()


def test_an_expression_is_left_out_and_the_row_has_its_value(alias):
    bronze = Bronze.objects.using(alias).create(title="a", weight=1)
    bronze.weight = models.F("weight") + 1
    text = write(bronze=bronze)
    assert "weight" not in text
    bronze.save()
    assert decode_payload(text, alias)["bronze"].weight == 2


def test_a_password_is_never_recorded(alias):
    user = User.objects.db_manager(alias).create_user("ada", password="secret")
    text = write(user=SimpleLazyObject(lambda: user))
    assert user.password not in text
    assert "password" not in text
    assert decode_payload(text, alias)["user"].check_password("secret")
    User.objects.using(alias).all().delete()
    assert decode_payload(text, alias)["user"].username == "ada"


def test_a_child_with_a_table_of_its_own(alias, django_assert_num_queries):
    bronze = Bronze.objects.using(alias).create(title="a", weight=7)
    text = write(bronze=bronze)
    assert decode_payload(text, alias)["bronze"] == bronze
    Bronze.objects.using(alias).all().delete()
    with django_assert_num_queries(1, connection=connections[alias]):
        read = decode_payload(text, alias)["bronze"]
        assert (read.pk, read.id, read.sculpture_ptr_id, read.title, read.weight) == (*3 * [bronze.pk], "a", 7)


def test_a_proxy_comes_back_as_the_proxy(alias):
    painting = Painting.objects.using(alias).create(title="a")
    proxy = SmallPainting.objects.using(alias).get()
    read = decode_payload(write(painting=painting, proxy=proxy), alias)
    assert [type(read[name]) for name in ("painting", "proxy")] == [Painting, SmallPainting]
    assert read["proxy"].pk == painting.pk


def test_a_composite_primary_key(alias):
    seat = Seat.objects.using(alias).create(row="A", number=0)
    text = write(seat=seat)
    assert '"pk":["A",0]' in text
    Seat.objects.using(alias).update(taken=True)
    assert decode_payload(text, alias)["seat"].taken is True
    Seat.objects.using(alias).all().delete()
    read = decode_payload(text, alias)["seat"]
    assert (read.pk, read.row, read.number, read.taken) == (("A", 0), "A", 0, False)


def test_a_composite_primary_key_without_a_part(alias):
    read = through(Seat(row="A"), alias)
    assert (read.row, read.number, read.taken) == ("A", None, False)


def test_a_row_that_its_manager_hides_in_an_instance_that_counts_as_false(alias, django_assert_num_queries):
    shown = Shown.objects.using(alias).create()
    Shown.objects.using(alias).update(hidden=True)
    with django_assert_num_queries(1, connection=connections[alias]):
        read = decode_payload(write(one=shown, two=shown), alias)
    assert read["one"] is read["two"]
    assert (read["one"].pk, read["one"].hidden) == (shown.pk, True)


def test_a_primary_key_that_the_field_does_not_take(alias):
    with pytest.raises(PayloadDecodeError, match=r"gallery.Shown has no primary key like the one recorded"):
        decode_payload({"shown": {"$model": {"label": "gallery.Shown", "pk": "x"}}}, alias)


@pytest.mark.parametrize(
    "pk", ["abc", {"$tuple": [1]}, {"$bytes": "/w=="}, {"$float": "nan"}, {"$float": "inf"}, {"$int": "0x" + "f" * 99}]
)
def test_a_primary_key_of_another_kind(alias, pk):
    reference = {"label": "gallery.Visit", "pk": pk}
    with pytest.raises(PayloadDecodeError):
        decode_payload({"visit": {"$model": reference}}, alias)


@pytest.mark.parametrize(
    "pk", [[], ["A"], ["A", 1, 2], "A", ["A", "x"], [{"$str": "AA=="}, 1], ["A", {"$list": 1}], {"a": 1}]
)
def test_a_composite_primary_key_of_another_kind(alias, pk):
    with pytest.raises(PayloadDecodeError):
        decode_payload({"seat": {"$model": {"label": "gallery.Seat", "pk": pk}}}, alias)
