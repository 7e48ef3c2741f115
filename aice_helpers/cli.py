"""The ``aice`` command.

Exit codes: 0 done; 1 the study file or its data are at fault; 2 wrong usage; 3 the book itself failed.
"""

import argparse
import ast
import shlex
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
    build.add_argument(
        "--mask-below",
        type=_limit,
        default=0,
        metavar="K",
        help="for a book to be shared: tell no count of fewer than K patients, nor what would give it away (K from 2 on)",
    )
    check = commands.add_parser("check", help="list every fault of a study file and its data")
    check.add_argument("study", help="study file")
    init = commands.add_parser("init", help="read a table of patients and draft its study file")
    init.add_argument("file", help="table of patients: CSV, Excel, SPSS, Stata, SAS or Parquet")
    init.add_argument("--events", help="table of adverse events, one row an event")
    init.add_argument("--sheet", default="", help="sheet of the workbook (default: the first with content)")
    init.add_argument("--out", help="study file to write (default: study.yml beside the table)")
    template = commands.add_parser("template", help="write an empty workbook to fill in, and its study file")
    template.add_argument("--out", default="cohort.xlsx", help="workbook to write (default: cohort.xlsx)")
    deal = commands.add_parser(
        "class", help="deal a class: a synthetic cohort and the lessons for each student, with answer keys"
    )
    deal.add_argument("--students", type=int, required=True, help="how many")
    deal.add_argument(
        "--seed", type=int, required=True, help="a whole number; the same one deals the same cohorts again"
    )
    deal.add_argument("--study", help="synthetic study to draw from (default: the book's own)")
    deal.add_argument("--out", default="class", help="folder to make (default: class)")
    grade = commands.add_parser("grade", help="grade what a class handed in: notebooks, or a table of answers")
    grade.add_argument("folder", help="folder of the class")
    grade.add_argument(
        "--answers", help="folder of notebooks, or CSV or Excel with the columns student, exercise, answer"
    )
    grade.add_argument("--out", help="table to write (default: grades.csv in the folder of the class)")
    key = commands.add_parser("key", help="write the answers to all exercises for one cohort")
    key.add_argument("study", nargs="?", help="study file (default: the synthetic cohort of this book)")
    key.add_argument("--out", default="key.csv", help="table to write (default: key.csv)")
    commands.add_parser("refresh", help="execute the committed notebooks and write their outputs back")
    chosen = parser.parse_args(arguments)
    # A polite end (a closed terminal, a scheduler's stop) must unwind as Ctrl-C does, so that nothing is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return {
            "build": _build,
            "check": _check,
            "init": _init,
            "template": _template,
            "class": _class,
            "grade": _grade,
            "key": _key,
            "refresh": _refresh,
        }[chosen.command](chosen)
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
            mask_below=chosen.mask_below,
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


def _limit(text):
    """The K of ``--mask-below``: below 2 there is nothing to mask."""
    if not (text.isascii() and text.isdigit() and 2 <= int(text) < 10**6):
        raise argparse.ArgumentTypeError(f"a whole number of at least 2 is needed, not {text!r}")
    return int(text)


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


def _init(chosen):
    from pathlib import Path

    from aice_helpers.draft import draft_study
    from aice_helpers.study_text import ExistsError, write_new

    out = Path(chosen.out) if chosen.out else Path(chosen.file).parent / "study.yml"
    if out.exists():
        print(
            f"aice: {out.name} is already there and is never overwritten; name another file with --out", file=sys.stderr
        )
        return 2
    draft = draft_study(chosen.file, events=chosen.events, sheet=chosen.sheet, folder=out.parent)
    try:
        write_new(out, draft.text)
    except (ExistsError, OSError) as error:
        print(f"aice: {_reason(error)}", file=sys.stderr)
        return 2
    print(f"{out} is drafted. Found:")
    print(*(f"- {sentence}" for sentence in draft.found), sep="\n")
    print(f"{len(draft.confirm)} points to confirm stand at the head of the file. Then run:")
    print(f"  aice check {shlex.quote(str(out))}")
    print(f"  aice build {shlex.quote(str(out))} --out book")
    return 0


def _template(chosen):
    from aice_helpers import template
    from aice_helpers.study_text import ExistsError

    try:
        workbook, study = template.write_template(chosen.out)
    except (ExistsError, OSError, ValueError) as error:
        print(f"aice: {_reason(error)}", file=sys.stderr)
        return 2
    print(f"{workbook} is to be filled in; its sheet 'dictionary' explains every column. Then run:")
    print(f"  aice check {shlex.quote(str(study))}")
    print(f"  aice build {shlex.quote(str(study))} --out book")
    return 0


def _class(chosen):
    from aice_helpers.book import UsageError
    from aice_helpers.course import classroom

    try:
        classroom.make_class(
            chosen.out,
            students=chosen.students,
            seed=chosen.seed,
            study=chosen.study,
            say=lambda line: print(line, flush=True),
        )
    except (UsageError, OSError, ValueError) as error:
        print(f"aice: {_reason(error)}", file=sys.stderr)
        return 2
    print(f"{chosen.out} is made; its README says how to hand out, collect and grade.")
    return 0


def _grade(chosen):
    from pathlib import Path

    from aice_helpers.book import UsageError
    from aice_helpers.course import classroom
    from aice_helpers.course.grade import summary_lines

    out = Path(chosen.out) if chosen.out else Path(chosen.folder) / "grades.csv"
    try:
        table, unread = classroom.grade_class(chosen.folder, chosen.answers, say=lambda line: print(line, flush=True))
        classroom.write_grades(table, out)
    except (UsageError, OSError) as error:
        print(f"aice: {_reason(error)}", file=sys.stderr)
        return 2
    print(*summary_lines(table), sep="\n")
    for sentence in unread:
        print(f"look at: {sentence}", file=sys.stderr)
    print(f"written to {out}")
    return 0


def _key(chosen):
    from aice_helpers.book import UsageError
    from aice_helpers.course import classroom

    try:
        classroom.write_key(chosen.study, chosen.out)
    except (UsageError, OSError) as error:
        print(f"aice: {_reason(error)}", file=sys.stderr)
        return 2
    print(f"written to {chosen.out}")
    return 0


def _reason(error):
    if isinstance(error, OSError):
        return f"the file cannot be written ({error.strerror})"
    return str(error)


def _refresh(chosen):
    from aice_helpers import book

    book.refresh(say=lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
