"""Measure retrieval on a file of questions with known answers."""

import json
import signal
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from knowledge import calibration, evaluation

SHARES = ("hit@1", "hit@3", "hit@5", "mrr@10", "ndcg@10", "answer@1", "answer@5", "answer_in_content", "refused", "falsely_refused")  # fmt: skip
HEADINGS = {"answer_in_content": "content", "falsely_refused": "false ref.", "search_ms_p50": "search p50", "search_ms_p95": "p95", "embed_ms_p50": "embed p50", "embed_ms_p95": "p95", "passages_per_second": "psg/s"}  # fmt: skip
COSTS = ("hit@1", "hit@5", "answer_in_content", "falsely_refused")


class Command(BaseCommand):
    help = (
        "Asks the questions of FILE of throw-away personas with the documents of FILE, through the ordinary path and "
        "without the cache, prints how good the answers were, and removes everything after. With --heard every question "
        "is asked a second time as a bad ear hands it on: letters wrong, words run together, no punctuation, “um”. With "
        "--foreign every persona is asked questions of the others, too, and the strictness dial is turned."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help='JSON: {"personas": [{slug, name, language, documents, questions}]}')
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of a table.")
        parser.add_argument("--heard", action="store_true", help="Also ask as misheard, and print what that costs.")

        parser.add_argument("--foreign", type=int, default=0, metavar="N", help="Ask each N questions of the others.")

    def handle(self, file, **options):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed then, too
        try:
            plans = evaluation.load(file)
            evaluation.remove_left_behind()
            runs = self.run(plans, Path(file).resolve().parent, options["heard"], options["foreign"])
        except evaluation.Malformed as problem:
            raise CommandError(str(problem)) from problem
        figures = summarise(runs)
        if options["heard"]:
            figures["heard"] = summarise(runs, heard=True)
            figures["cost"] = {name: _points(figures, name) for name in COSTS}
        if options["foreign"]:
            figures["dial"] = calibration.turn(runs.values())
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2))
        else:
            self.print_tables(figures)

    def run(self, plans, folder, heard, foreign):
        """{slug: Run}, persona after persona."""
        runs, strangers = {}, calibration.draw(plans, foreign)
        steps = sum(len(plan["documents"]) + len(plan["questions"]) for plan in plans)
        quiet = 0.5 if sys.stderr.isatty() else 10
        with tqdm(total=steps, file=sys.stderr, unit="step", mininterval=quiet) as progress:
            for plan in plans:
                progress.set_description(plan["slug"][:24], refresh=False)
                with evaluation.throw_away(plan) as persona:
                    runs[plan["slug"]] = evaluation.run(
                        persona, plan, folder, progress.update, heard, strangers[plan["slug"]]
                    )
        return runs

    def print_tables(self, figures):
        self.print_table(figures)
        if "heard" in figures:
            self.stdout.write("\nAs heard:")
            self.print_table(figures["heard"])
            costs = [f"{HEADINGS.get(name, name)} {_signed(points)}" for name, points in figures["cost"].items()]
            self.stdout.write(f"\nWhat mishearing changes, in points: {', '.join(costs)}")
        if "dial" in figures:
            self.stdout.write("\nStrictness            foreign questions refused   own questions falsely refused")
            for strictness, shares in figures["dial"].items():
                refused, falsely = (_cell(name, shares[name]) for name in ("refused", "falsely_refused"))
                self.stdout.write(f"{strictness:20}  {refused:>25}   {falsely:>27}")

    def print_table(self, figures):
        rows = {**figures["personas"], "overall": figures["overall"]}
        names = list(figures["overall"])
        width = max(len(slug) for slug in rows)
        headings = [HEADINGS.get(name, name) for name in names]
        self.stdout.write("  ".join([" " * width, *(heading.rjust(8) for heading in headings)]))
        for slug, row in rows.items():
            cells = [
                _cell(name, row[name]).rjust(max(8, len(heading)))
                for name, heading in zip(names, headings, strict=True)
            ]
            self.stdout.write("  ".join([slug.ljust(width), *cells]))


def _cell(name, value):
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if name in SHARES else f"{value:g}"


def summarise(runs, heard=False):
    """The figures overall and of each persona."""
    return {
        "overall": evaluation.summarise(runs.values(), heard),
        "personas": {slug: evaluation.summarise([run], heard) for slug, run in runs.items()},
    }


def _points(figures, name):
    """Points by which a share is higher as heard; None where nothing was asked."""
    written, heard = figures["overall"][name], figures["heard"]["overall"][name]
    return None if written is None else round(100 * (heard - written), 2)


def _signed(points):
    return "–" if points is None else f"{points:+.1f}"
