"""The pytest plugin, in processes of its own: found by its entry point, quiet where there is no Django."""

from integration.projects import Project

WITHOUT_DJANGO = """
    import sys

    def test_that_the_plugin_is_there_and_has_woken_nothing(request):
        assert request.config.pluginmanager.has_plugin("heliograph")
        assert "heliograph.testing.plugin" in sys.modules
        assert "django.db" not in sys.modules
        assert "django.conf" not in sys.modules
"""

RECEIVERS = """
    from django.db import models
    from heliograph import Signal, receiver

    opened = Signal()
    closed = Signal()

    class Note(models.Model):
        text = models.CharField(max_length=50)

    @receiver(opened, durable=True)
    def clerk(text, **named):
        Note.objects.create(text=text)
"""

WITH_DJANGO = """
    import pytest
    from django.db import transaction
    from django.test import TestCase
    from heliograph import testing
    from shop.models import Note, clerk, closed, opened

    def test_captured(capture_signals):
        sent = capture_signals(closed)
        closed.send(None, text="a")
        assert sent.one()["text"] == "a"

    def test_it_is_over_with_the_test(capture_signals):
        assert closed.receivers == []

    def test_delivered(deliver):
        with transaction.atomic():
            opened.send(None, text="a")
        assert len(deliver()) == 1
        assert Note.objects.get().text == "a"

    def test_delivered_to_one(deliver):
        assert Note.objects.count() == 0
        with transaction.atomic():
            opened.send(None, text="a")
        assert len(deliver(clerk)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_delivered_where_the_test_commits(deliver):
        with transaction.atomic():
            opened.send(None, text="a")
        assert len(deliver()) == 1

    class Cases(TestCase):
        def test_delivered_in_a_test_case(self):
            with transaction.atomic():
                opened.send(None, text="a")
            assert len(testing.deliver()) == 1
"""


def test_where_there_is_no_django(run, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    folder.joinpath("test_plain.py").write_text("\n".join(line[4:] for line in WITHOUT_DJANGO.splitlines()))
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_its_fixtures_are_shown_with_what_they_do(run, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    done = run(folder, "--fixtures")
    assert "Deliver what is owed" in done.stdout
    assert "Keep what is sent" in done.stdout
    assert done.stderr == ""


def test_in_a_project(run, tmp_path):
    project = Project(tmp_path / "project", "shop", "heliograph")
    project.write("shop/models.py", RECEIVERS)
    project.write("test_shop.py", "\n".join(line[4:] for line in WITH_DJANGO.splitlines()))
    done = run(project.folder, "--ds=settings")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
