"""Inside Django's `TestCase`, whose transaction is never committed, `captureOnCommitCallbacks` shows and runs them."""

from conformance.visits import rolled_back
from django.db.models.signals import post_save
from django.test import TestCase
from gallery.models import Painting

from heliograph import Signal, receiver


class OnCommitInTestCase(TestCase):
    databases = "__all__"

    def setUp(self):
        self.opened, self.ran = Signal(), []

        @receiver([self.opened, post_save], on_commit=True)
        def after(**kwargs):
            self.ran.append(kwargs.get("instance"))

        self.after = after
        self.addCleanup(post_save.disconnect, after)

    def test_it_waits_for_a_commit_that_never_comes(self):
        self.opened.send(None)
        assert self.ran == []

    def test_captured_callbacks_are_those_of_the_receivers(self):
        with self.captureOnCommitCallbacks() as callbacks:
            self.opened.send(None)
            Painting.objects.create(title="Nocturne")
        assert len(callbacks) == 2
        assert self.ran == []

    def test_executed_callbacks_call_the_receivers(self):
        with self.captureOnCommitCallbacks(execute=True):
            painting = Painting.objects.create(title="Nocturne")
            assert self.ran == []
        assert self.ran == [painting]

    def test_callbacks_are_captured_on_the_alias_that_is_sent(self):
        with self.captureOnCommitCallbacks(using="archive", execute=True) as archived:
            self.opened.send(None, using="archive")
            self.opened.send(None, using="default")
        assert len(archived) == 1
        assert self.ran == [None]

    def test_a_savepoint_that_is_rolled_back_takes_its_callbacks_along(self):
        with self.captureOnCommitCallbacks(execute=True) as callbacks, rolled_back("default"):
            self.opened.send(None)
        assert callbacks == []
        assert self.ran == []

    def test_an_error_of_one_is_logged_and_the_others_are_called(self):
        @receiver(self.opened, on_commit=True)
        def broken(**kwargs):
            raise ValueError

        with self.assertLogs("heliograph.on_commit", "ERROR") as logs, self.captureOnCommitCallbacks(execute=True):
            self.opened.send(None)
            self.opened.send(None)
        assert self.ran == [None, None]
        assert len(logs.records) == 2
