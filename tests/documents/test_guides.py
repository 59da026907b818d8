"""What the guides say of the code is so: links, commands, tables, times, the unit of systemd."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

from heliograph.delivery.declaration.options import DurableOptions
from heliograph.management.commands.signals import Command

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = [DOCS / name for name in ("guarantees.md", "deploying.md", "comparison.md")]
DEPLOYING = (DOCS / "deploying.md").read_text()

LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
COMMAND = re.compile(r"manage\.py[ \",]+signals[ \",]+((?:-*[\w-]+[ \",]*)+)")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_links_lead_somewhere(guide):
    links = LINK.findall(guide.read_text())
    for path, anchor in links:
        target = (guide.parent / path) if path else guide
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


def anchors(document):
    """The names by which the headings of a document can be linked to."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_each_promise_has_its_tests():
    _, *promises = re.split(r"^## ", (DOCS / "guarantees.md").read_text(), flags=re.MULTILINE)
    for promise in promises[1:]:
        assert "**How.**" in promise
        assert "**Not promised.**" in promise
        assert re.search(r"\*\*Shown by\*\* \[`test_", promise), promise.splitlines()[0]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_tables_that_are_named_are_there(guide):
    named = set(re.findall(r"\bheliograph_\w+", guide.read_text()))
    assert named <= {model._meta.db_table for model in apps.get_app_config("heliograph").get_models()}


def test_the_commands_that_are_shown_are_commands():
    shown = [re.sub(r"[\",]", " ", words).split() for words in COMMAND.findall(DEPLOYING)]
    assert len(shown) > 5
    for words in shown:
        Command().create_parser("manage.py", "signals").parse_args(words)


def test_a_worker_is_given_the_time_that_a_receiver_may_take():
    given = re.findall(r"(?:TimeoutStopSec=|stop_grace_period: |terminationGracePeriodSeconds: )(\d+)", DEPLOYING)
    assert len(given) == 3
    assert all(int(seconds) > DurableOptions().timeout for seconds in given)


def test_the_unit_is_one(tmp_path):
    (text,) = re.findall(r"^```ini\n(.*?)^```$", DEPLOYING, re.MULTILINE | re.DOTALL)
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    assert unit.sections() == ["Unit", "Service", "Install"]
    command = unit["Service"]["ExecStart"]
    assert command.endswith("manage.py signals worker --threads 2")
    if verifier := shutil.which("systemd-analyze"):
        file = tmp_path / "shop-worker@.service"
        file.write_text(text.replace(command.split()[0], "/bin/true"))
        ran = subprocess.run([verifier, "verify", file], capture_output=True, text=True, timeout=60, check=False)
        assert "shop-worker" not in ran.stderr, ran.stderr


def test_what_needs_a_package_of_others_is_python_at_least():
    blocks = re.findall(r"^```py\n(.*?)^```$", (DOCS / "comparison.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        compile(block, "comparison.md", "exec")
