"""The ``aice`` command.

Exit codes: 0 done; 1 the study file or its data are at fault; 2 wrong usage; 3 the book itself failed or the disk is
full; 130 and 143 stopped from outside (Ctrl-C, a polite end).
"""

import ast
import contextlib
import errno
import os
import shlex
import signal
import sys
import tempfile
from pathlib import Path

import click

from aice_helpers.core.problems import BookError, StudyError, UsageError

_say = click.echo


def main(arguments=None) -> int:
    """Run the command line and return its exit code; every error becomes words and a code here."""
    for name in ("SIGTERM", "SIGHUP"):
        # A polite end (a closed terminal, a scheduler's stop) must unwind as Ctrl-C does, so that nothing is left behind.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    _do_without_home()
    try:
        return aice.main(args=arguments, prog_name="aice", standalone_mode=False) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except BrokenPipeError:
        # Whoever read what is printed has gone; Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StudyError, UsageError, BookError, OSError) as error:
        return _told(error)
    except (click.Abort, KeyboardInterrupt):
        _complain("aice: stopped; what was there before is untouched")
        return 130
    except SystemExit as end:
        _complain("aice: stopped; what was there before is untouched")
        return end.code


def _told(error):
    """Print what went wrong; returns the exit code for it."""
    if isinstance(error, StudyError):
        count = sum(problem.count for problem in error.problems)
        _complain(f"{count} fault{'s' if count > 1 else ''} found; nothing was written.")
        for problem in error.problems:
            _complain(f"- {problem}")
        return 1
    _complain(f"aice: {_os_words(error) if isinstance(error, OSError) else error}")
    return 2 if isinstance(error, UsageError) else 3


def _do_without_home():
    """Where the home folder cannot be written, the programs below would each make a temporary folder and complain."""
    home = Path.home()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if os.access(there, os.W_OK) or not hasattr(os, "getuid"):
        return
    spare = Path(tempfile.gettempdir()) / f"aice-{os.getuid()}"
    with contextlib.suppress(OSError):
        spare.mkdir(mode=0o700, exist_ok=True)
        if spare.stat().st_uid == os.getuid() and not spare.is_symlink():
            os.environ.setdefault("MPLCONFIGDIR", str(spare))
            os.environ.setdefault("IPYTHONDIR", str(spare))


def _stop(number, _frame):
    sys.exit(128 + number)


def _complain(text):
    click.echo(text, err=True)


def _os_words(error):
    """What the system refused, without the folders of this machine."""
    full = (errno.ENOSPC, errno.EDQUOT)
    # shutil.Error collects the refusals of a copied folder as words, and has no number of its own.
    if error.errno in full or any(os.strerror(number) in str(error) for number in full):
        return "no space is left on the disk; what was there before is untouched"
    name = Path(os.fsdecode(error.filename)).name if isinstance(error.filename, str | bytes) else "a file"
    return f"{name}: {error.strerror or 'it cannot be read or written'}"


@click.group(help="Make the analysis book of a cohort.", context_settings={"help_option_names": ["-h", "--help"]})
def aice():
    """All commands."""


def _limit(_context, _option, value):
    """The K of ``--mask-below``: below 2 there is nothing to mask."""
    if value is None:
        return 0
    if not (value.isascii() and value.isdigit() and 2 <= int(value) < 10**6):
        raise click.BadParameter(f"a whole number of at least 2 is needed, not {value!r}")
    return int(value)


def _named_values(_context, _option, texts):
    """NAME=VALUE: a number, truth value or list as written in Python; anything else is text."""
    values = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE")
        try:
            values[name] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            values[name] = value
    return values


@aice.command()
@click.argument("studies", nargs=-1)
@click.option(
    "--out", help="Folder for the book, or for a folder a book (default: _build/book beside the book's source)."
)
@click.option("--fresh", is_flag=True, help="Execute notebooks even when nothing has changed.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_named_values,
    help="Notebook parameter.",
)
@click.option(
    "--mask-below", metavar="K", callback=_limit,
    help="For a book to be shared: tell no count of fewer than K patients, nor what would give it away (K from 2 on).",
)  # fmt: skip
@click.option(
    "--exact-curves",
    is_flag=True,
    help="Write survival curves by group with a step at every event into results/, which tells single patients apart.",
)
@click.option(
    "--part",
    default="",
    type=click.Choice(["", "analysis"]),
    help="analysis: the chapters on the cohort, without the course.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Resample on a dask.distributed cluster: tcp://host:port, or local (needs the extra cluster).",
)
def build(studies, out, scheduler, **options):
    """Execute the notebooks, build the site, export the result tables.

    STUDIES are study files (default: the synthetic cohort of this book). Of several each gets a folder of its own in --out, and
    one that cannot be built does not stop the others.
    """
    from aice_helpers.core import workers

    with workers.scheduled(scheduler):
        return _build(studies, out, options)


def _build(studies, out, options):
    from aice_helpers.build import book

    if len(studies) < 2:
        _say(f"open {book.build(*(studies or (None,)), out, say=_say, **options)}")
        return 0
    codes = []
    for study, folder in _folders(studies, out).items():
        _say(f"== {study}")
        try:
            _say(f"open {book.build(study, folder, say=_say, **options)}")
        except (StudyError, UsageError, BookError, OSError) as error:
            codes.append(_told(error))
    failed = f"{len(codes)} of {len(studies)} could not be built" if codes else "none failed"
    _say(f"{len(studies) - len(codes)} books built, {failed}")
    return max(codes, default=0)


@aice.command()
@click.argument("study", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of this machine (default: a free one).")
@click.option("--mask-below", metavar="K", callback=_limit, help="As for build.")
@click.option("--part", default="", type=click.Choice(["", "analysis"]), help="As for build.")
def serve(study, port, mask_below, part):
    """Show the book on this machine while it is edited: pages follow every change.

    STUDY is a study file (default: the synthetic cohort of this book). Nothing is written but what the book keeps to be fast.
    """
    from aice_helpers.build import serving

    serving.serve(study, port=port, mask_below=mask_below, part=part, say=_say)


def _folders(studies, out):
    """Study file -> folder of its book, named like the file, or like its folder where it is called study.yml."""
    if not out:
        raise UsageError("several books need a folder: --out FOLDER")
    names = {study: Path(study).stem for study in studies}
    names = {study: Path(study).resolve().parent.name if name == "study" else name for study, name in names.items()}
    if len(set(names.values())) < len(studies):
        raise UsageError("two of the studies would be built into one folder; give their files different names")
    return {study: Path(out) / name for study, name in names.items()}


@aice.command()
@click.argument("study")
def check(study):
    """List every fault of a study file and its data."""
    from aice_helpers.analysis import Analysis
    from aice_helpers.data.load import load_cohort
    from aice_helpers.show import tables

    cohort = load_cohort(study)
    for remark in cohort.remarks:
        _say(f"- {remark}")
    analysis = Analysis(cohort)
    shown = [tables.derivation, tables.follow_up] if len(analysis.table("derivation")) else []
    if cohort.derivation is not None and cohort.derivation.analyses:
        shown.append(tables.estimands)
    for view in shown:
        _say(f"\n{view(analysis.table(view.__name__), cohort.study)}\n")
    _say(
        f"{cohort.n} patient{'' if cohort.n == 1 else 's'}, no fault, {len(cohort.remarks)} remark{'' if len(cohort.remarks) == 1 else 's'}."
    )


@aice.command("audit-abstract")
@click.argument("file")
def audit_abstract(file):
    """Say what arithmetic alone tells of the numbers of an abstract.

    FILE holds the numbers as they are printed (its part `numbers`; see the page on the arithmetic of an abstract).
    """
    from aice_helpers.ledger.arithmetic import findings_table
    from aice_helpers.show.tables import arithmetic_lines
    from aice_helpers.study.published import read_published

    published = read_published(file)
    for line in arithmetic_lines(findings_table(published.numbers), published.source):
        _say(line)


@aice.command()
@click.argument("file")
@click.option("--events", help="Table of adverse events, one row an event.")
@click.option("--sheet", default="", help="Sheet of the workbook (default: the first with content).")
@click.option(
    "--factor", "factors", multiple=True, metavar="COLUMN",
    help="A column that is known at time zero and that the draft does not know by its name; may be given several times.",
)  # fmt: skip
@click.option("--out", help="Study file to write (default: study.yml beside the table).")
def init(file, events, sheet, factors, out):
    """Read a table of patients and draft its study file.

    FILE is the table of patients: CSV, Excel, OpenDocument, SPSS, Stata, SAS, R or Parquet.
    """
    from aice_helpers.core.writing import ExistsError, write_new
    from aice_helpers.draft.draft import draft_study

    out = Path(out) if out else Path(file).parent / "study.yml"
    if out.exists():
        raise ExistsError(out)
    draft = draft_study(file, events=events, sheet=sheet, folder=out.parent, factors=factors)
    _written(lambda: write_new(out, draft.text))
    _say(f"{out} is drafted. Found:")
    for line in draft.found:
        _say(f"  {line}")
    asked = sum(guess.is_question for guess in draft.guesses)
    if asked:
        _say(
            f"{asked} question{'s are' if asked > 1 else ' is'} open under unconfirmed; no book is made until answered:"
        )
        for guess in draft.guesses:
            if guess.is_question:
                _say(f"  {guess.what}{': ' + guess.guess if guess.guess else ''} ({guess.reason})")
    _say(f"{len(draft.guesses) - asked} other guesses stand there too. Then run:")
    _next_steps(out)


@aice.command()
@click.option("--out", default="cohort.xlsx", help="Workbook to write (default: cohort.xlsx).")
@click.option(
    "--dates", is_flag=True, help="Endpoints follow from the sheet of dates instead of times computed by you."
)
def template(out, dates):
    """Write an empty workbook to fill in, and its study file."""
    from aice_helpers.study import template

    workbook, study = _written(lambda: template.write_template(out, dates=dates))
    _say(f"{workbook} is to be filled in; its sheet 'dictionary' explains every column. Then run:")
    _next_steps(study)


@aice.command("class")
@click.option("--students", type=int, required=True, help="How many.")
@click.option("--seed", type=int, required=True, help="A whole number; the same one deals the same cohorts again.")
@click.option("--study", help="Synthetic study to draw from (default: the book's own).")
@click.option("--out", default="class", help="Folder to make (default: class).")
def class_folder(students, seed, study, out):
    """Deal a class: a synthetic cohort and the lessons for each student, with answer keys."""
    from aice_helpers.course.classroom import assign

    assign.make_class(out, students=students, seed=seed, study=study, say=_say)
    _say(f"{out} is made; its README says how to hand out, collect and grade.")


@aice.command()
@click.argument("folder")
@click.option("--answers", help="Folder of notebooks, or CSV or Excel with the columns student, exercise, answer.")
@click.option(
    "--out", help="Table to write (default: grades.csv in the folder of the class, or grades-2.csv and so on)."
)
def grade(folder, answers, out):
    """Grade what a class handed in: notebooks, or a table of answers.

    FOLDER is the folder of the class.
    """
    from aice_helpers.core.writing import ExistsError
    from aice_helpers.course.classroom import assign
    from aice_helpers.course.classroom.grade import summary_lines

    if out and Path(out).exists():
        raise ExistsError(out)
    table, unread = assign.grade_class(folder, answers, say=_say)
    out = _written(lambda: assign.write_grades(table, Path(out) if out else assign.free_name(Path(folder))))
    for line in summary_lines(table):
        _say(line)
    for sentence in unread:
        _complain(f"look at: {sentence}")
    _say(f"written to {out}")


@aice.command()
@click.argument("study", required=False)
@click.option("--out", default="key.csv", help="Table to write (default: key.csv).")
def key(study, out):
    """Write the answers to all exercises for one cohort.

    STUDY is a study file (default: the synthetic cohort of this book).
    """
    from aice_helpers.course.classroom import assign

    _written(lambda: assign.write_key(study, out))
    _say(f"written to {out}")


@aice.command()
def refresh():
    """Execute the committed notebooks and write their outputs back."""
    from aice_helpers.build import refreshing

    refreshing.refresh(say=_say)


@aice.command()
def clean():
    """Remove what was built at the usual places; what is yours stays."""
    from aice_helpers.build import book

    left = book.clean()
    for path in left:
        _say(f"left, as no run has written it: {path}")


def _written(write):
    """Write at a place that the user has named; a place that cannot be written is wrong usage."""
    try:
        return write()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UsageError(f"the file cannot be written ({error.strerror})") from None


def _next_steps(study):
    _say(f"  aice check {shlex.quote(str(study))}")
    _say(f"  aice build {shlex.quote(str(study))} --out book")


if __name__ == "__main__":
    sys.exit(main())
