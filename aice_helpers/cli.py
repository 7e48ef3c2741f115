"""The ``aice`` command.

Exit codes: 0 done; 1 the study file or its data are at fault; 2 wrong usage; 3 the book itself failed.
"""

import argparse
import ast
import signal
import sys

from aice_helpers.problems import StudyError


def main(arguments=None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="aice", description="Make the analysis book of a cohort.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="execute the notebooks, build the site, export the result tables")
    build.add_argument("study", nargs="?", help="study file (default: the synthetic cohort of this book)")
    build.add_argument("--out", help="folder for the book (default: _build/book beside the book's source)")
    build.add_argument("--fresh", action="store_true", help="execute notebooks even when nothing has changed")
    build.add_argument(
        "-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="notebook parameter"
    )
    check = commands.add_parser("check", help="list every fault of a study file and its data")
    check.add_argument("study", help="study file")
    commands.add_parser("refresh", help="execute the committed notebooks and write their outputs back")
    chosen = parser.parse_args(arguments)
    # A polite end (a closed terminal, a scheduler's stop) must unwind as Ctrl-C does, so that nothing is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return {"build": _build, "check": _check, "refresh": _refresh}[chosen.command](chosen)
    except StudyError as error:
        count = sum(problem.count for problem in error.problems)
        print(f"{count} fault{'s' if count > 1 else ''} found; nothing was written.", file=sys.stderr)
        for problem in error.problems:
            print(f"- {problem}", file=sys.stderr)
        return 1


def _build(chosen):
    from aice_helpers import book

    parameters = {}
    for text in chosen.parameter:
        name, mark, value = text.partition("=")
        if not mark:
            print(f"aice: {text!r} is not of the form NAME=VALUE", file=sys.stderr)
            return 2
        parameters[name] = _literal(value)
    try:
        page = book.build(
            chosen.study,
            chosen.out,
            parameters=parameters,
            fresh=chosen.fresh,
            say=lambda line: print(line, flush=True),
        )
    except book.UsageError as error:
        print(f"aice: {error}", file=sys.stderr)
        return 2
    except book.BookError as error:
        print(f"aice: {error}", file=sys.stderr)
        return 3
    print(f"open {page}")
    return 0


def _literal(text):
    """A number, truth value or list as written in Python; anything else is text."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def _check(chosen):
    from aice_helpers.cohort import load_cohort

    cohort = load_cohort(chosen.study)
    for remark in cohort.remarks:
        print(f"- {remark}")
    print(f"{cohort.n} patients, no fault, {len(cohort.remarks)} remark{'' if len(cohort.remarks) == 1 else 's'}.")
    return 0


def _refresh(chosen):
    from aice_helpers import book

    book.refresh(say=lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
