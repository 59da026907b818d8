"""A worker: ``python -m workshop.work [--drain] [--threads N] [--only NAME]``."""

import argparse

import django

if __name__ == "__main__":
    django.setup()
    from heliograph.delivery.worker.process import run

    parser = argparse.ArgumentParser()
    parser.add_argument("--drain", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", action="append", default=[])
    run(**vars(parser.parse_args()))
