"""The arguments of Django's own signals: by fixed rules, and never a reason to fail."""

import json

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.signals import got_request_exception, request_finished, request_started
from django.db.models import signals
from django.http import HttpRequest
from django.test.signals import template_rendered
from django.utils.functional import SimpleLazyObject
from gallery.models import Painting, Visit

from heliograph.errors import PayloadError
from heliograph.events.codec.arguments import rules_of
from heliograph.events.codec.payload import decode_payload, encode_payload
from heliograph.events.names import DJANGO_SIGNALS, qualified, signal_name


def recorded(signal, **named):
    text = encode_payload(signal_name(signal), {"signal": signal, "sender": Visit, **named}, max_bytes=10_000)
    return json.loads(text)


@pytest.mark.parametrize(
    ("signal", "named", "kept"),
    [
        (request_started, {"environ": {"SECRET": "a"}}, {}),
        (request_started, {"scope": {"headers": []}}, {}),
        (request_finished, {}, {}),
        (got_request_exception, {"request": HttpRequest()}, {}),
        (signals.pre_init, {"args": (1, "hash"), "kwargs": {"password": "hash"}}, {}),
        (user_login_failed, {"credentials": {"username": "a"}, "request": None}, {"credentials": {"username": "a"}}),
        (user_logged_out, {"user": None, "request": HttpRequest()}, {"user": None}),
        (user_logged_out, {"user": SimpleLazyObject(AnonymousUser), "request": HttpRequest()}, {}),
        (template_rendered, {"template": object(), "context": {"a": object()}}, {}),
    ],
)
def test_what_is_recorded(signal, named, kept):
    assert recorded(signal, **named) == kept


def test_a_login():
    user = SimpleLazyObject(lambda: User(pk=3, username="a", password="hash"))
    written = recorded(user_logged_in, user=user, request=HttpRequest())["user"]["$model"]
    assert (written["label"], written["pk"], written["fields"]["username"]) == ("auth.User", 3, "a")


def test_a_save():
    written = recorded(
        signals.post_save,
        instance=Visit(pk=1, note="a"),
        created=True,
        raw=False,
        using="default",
        update_fields=frozenset({"note"}),
    )
    assert written.pop("instance")["$model"]["pk"] == 1
    assert written == {"created": True, "raw": False, "using": "default", "update_fields": {"$frozenset": ["note"]}}


@pytest.mark.parametrize("signal", [signals.pre_delete, signals.post_delete])
@pytest.mark.parametrize("origin", [Painting(pk=1), Painting.objects.filter(title="a"), Painting])
def test_the_origin_of_a_deletion_is_the_model(signal, origin):
    written = recorded(signal, origin=origin)
    assert written == {"origin": {"$class": "gallery.Painting"}}
    assert decode_payload(written, "default") == {"origin": Painting}


def test_a_change_of_many_to_many():
    named = {"action": "post_add", "reverse": False, "using": "default", "pk_set": {1, 2}, "model": Painting}
    written = recorded(signals.m2m_changed, instance=Visit(pk=1, note="a"), **named)
    del written["instance"]
    assert decode_payload(written, "default") == named


@pytest.mark.parametrize("named", [{"origin": object()}, {"instance": Visit(pk=object())}, {"a\0": 1}])
def test_what_cannot_be_recorded_is_left_out(named):
    assert recorded(signals.post_delete, using="default", **named) == {"using": "default"}


def test_every_signal_of_django_has_rules_before_and_after_the_apps_are_ready(monkeypatch):
    for ready in (True, False):
        monkeypatch.setattr(apps, "apps_ready", ready)
        for module, attributes in DJANGO_SIGNALS.items():
            for attribute in attributes:
                assert "request" in rules_of(qualified(module, attribute)).left_out
    assert rules_of("auth.user_logged_in") is None  # not yet its name


def test_rules_follow_the_apps_that_a_test_leaves_installed():
    apps.set_available_apps(["gallery", "heliograph"])
    try:
        assert rules_of("auth.user_logged_in") is None
        assert rules_of("django.contrib.auth.signals.user_logged_in")
    finally:
        apps.unset_available_apps()
    assert rules_of("auth.user_logged_in")


def test_other_signals_have_none():
    assert rules_of("store.post_save") is None
    with pytest.raises(PayloadError, match=r"store.post_save: request is of type"):
        encode_payload("store.post_save", {"request": HttpRequest()}, max_bytes=1000)


def test_over_the_limit_snapshots_are_left_out_and_references_kept():
    named = {"instance": Visit(pk=1, note="a" * 1000), "using": "default"}
    text = encode_payload("django.db.models.signals.post_save", named, max_bytes=1000)
    assert json.loads(text) == {
        "instance": {"$model": {"label": "gallery.Visit", "pk": 1}},
        "using": "default",
    }


def test_what_is_too_large_without_snapshots_is_recorded_all_the_same():
    named = {"pk_set": set(range(1000))}
    text = encode_payload("django.db.models.signals.m2m_changed", named, max_bytes=1000)
    assert decode_payload(text, "default") == named
