"""Run the Python of a Markdown file, block after block in one module, and compare what it prints with the file.

Usage: python run_document.py FILE, in the folder of the example store. A block of text behind a block of Python holds
what that one prints.
"""

import contextlib
import difflib
import io
import os
import re
import sys
import types
from pathlib import Path

import django
from django.core.management import call_command

BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(path: Path) -> int:
    sys.path.insert(0, os.getcwd())
    django.setup()
    call_command("migrate", verbosity=0)
    module = sys.modules["document"] = types.ModuleType("document")
    blocks = [(kind, text, start) for kind, text, start in _blocks(path.read_text())]
    failures = 0
    for (kind, source, line), (next_kind, expected, _) in zip(blocks, [*blocks[1:], ("", "", 0)], strict=True):
        if kind == "python":
            printed = _run(source, module, path, line)
            if printed != (expected if next_kind == "text" else ""):
                failures += 1
                difference = difflib.unified_diff(
                    expected.splitlines(), printed.splitlines(), "shown", "printed", "", "", 1
                )
                print(f"{path.name}:{line}", *difference, sep="\n")
    assert blocks, f"{path.name} shows nothing that runs"
    return 1 if failures else 0


def _blocks(text: str) -> list[tuple[str, str, int]]:
    return [(match[1], match[2], text.count("\n", 0, match.start()) + 2) for match in BLOCK.finditer(text)]


def _run(source: str, module: types.ModuleType, path: Path, line: int) -> str:
    output = io.StringIO()
    code = compile("\n" * (line - 1) + source, str(path), "exec")
    with contextlib.redirect_stdout(output):
        exec(code, vars(module))
    return output.getvalue()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
