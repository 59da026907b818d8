"""Runs Django's runtests.py in this process, after the swap. run.py starts it in the `tests` of a source tree.

Usage: python child.py LABEL...
"""

import os
import runpy
import sys

import swap


def main() -> None:
    if swap.PLAIN_VARIABLE not in os.environ:
        swap.install()
    sys.path.insert(0, os.getcwd())
    # One process: the children of a parallel run could be fresh interpreters, without the swap.
    sys.argv = ["runtests.py", "--settings=suite_settings", "--parallel=1", "--noinput", *sys.argv[1:]]
    runpy.run_path("runtests.py", run_name="__main__")


main()
