"""A local preview of one book: a server on this machine only, and pages that follow what is edited.

Whatever the book depends on is watched (its pages and notebooks, the study file, the data); a change makes the site anew
in this process, which stays warm, and every open page loads itself again. What stands in the way of a book is shown on the page.
"""

import html
import http.server
import json
import mimetypes
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aice_helpers.build import making, pages, processes, site, sites
from aice_helpers.build.inputs import Wish, inputs_of, joined
from aice_helpers.core.problems import BookError, StudyError
from aice_helpers.study.reader import read_study

HOST = "127.0.0.1"

SETTLED = 30
"""Milliseconds without a further change after which a change is built."""

_SCRIPT = """<script>(() => {
const events = new EventSource("%s");
events.addEventListener("reload", () => location.reload());
events.addEventListener("fault", (event) => {
  const box = document.getElementById("aice-fault") || document.body.appendChild(document.createElement("pre"));
  box.id = "aice-fault";
  box.setAttribute("role", "alert");
  box.style.cssText = "position:fixed;inset:auto 1rem 1rem;max-height:60vh;overflow:auto;z-index:9999;padding:1rem;"
    + "white-space:pre-wrap;background:#fff;color:#8b0000;border:2px solid #8b0000";
  box.textContent = JSON.parse(event.data);
});
})();</script>"""

_FAULT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>No book yet</title></head>
<body><h1>No book yet</h1><pre role="alert" style="white-space:pre-wrap">%s</pre></body></html>"""


class Preview:
    """The book that is shown: where its pages lie, how often it was made, and what stands in its way.

    Parameters
    ----------
    wish : Wish
    work : Path
        Folder for what is needed on the way.
    say : callable
    """

    def __init__(self, wish, work, say):
        self.wish, self.work, self.say = wish, work, say
        self.folder, self.version, self.fault, self._last = None, 0, "", None
        self.changed = threading.Condition()

    def make(self):
        """Make the site anew, or say why that cannot be."""
        started, fault = time.perf_counter(), ""
        run = Path(tempfile.mkdtemp(dir=self.work))
        try:
            self.folder = self._made(run)
            if self._last is not None:
                shutil.rmtree(self._last)
            self._last = run
        except StudyError as error:
            fault = "\n".join(f"- {problem}" for problem in error.problems)
        except (BookError, OSError) as error:
            fault = str(error)
        if fault:
            shutil.rmtree(run, ignore_errors=True)
        with self.changed:
            self.version, self.fault = self.version + 1, fault
            self.changed.notify_all()
        seconds = f"{time.perf_counter() - started:.1f} s"
        self.say(f"not built, {seconds}\n{fault}" if fault else f"built in {seconds}")

    def warm_up(self):
        """Have the analysis ready, so that the first changed cell need not wait for it."""
        if not self.fault:
            found = inputs_of(self.wish)
            making.hand_over(
                Path(tempfile.mkdtemp(dir=self.work)) / "results", self.wish, found, self._handed(found), self.say
            )

    def _handed(self, found):
        return self.work / f"analysis-{joined(found.program, found.study, self.wish.of_cohort())[:16]}"

    def _made(self, run):
        found = inputs_of(self.wish)
        making.prepare(
            run,
            self.wish,
            found,
            handed=self._handed(found),
            results=run / "results",
            fresh=False,
            keep=True,
            say=lambda line: None,
        )
        with sites.kept(joined(self.wish.site_key(), "preview"), run, say=self.say) as folder:
            site.build(run / "source", folder)
        return folder / "site" / "html"

    @property
    def first(self):
        """The address of the first page, below the token."""
        return pages.pages()[0].with_suffix(".html").as_posix()

    def watched(self):
        """Files and folders whose change makes the book another one."""
        found = [pages.ROOT / name for name in ("book", "notebooks", "_toc.yml", "_config.yml")]
        try:
            study = read_study(self.wish.study)
        except StudyError:
            return {*found, self.wish.study}
        return {*found, *(study.folder / name for name in study.files)}


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests from this machine that know the token, and no others."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        preview, token = self.server.preview, self.server.token
        if self.headers.get("Host", "") not in self.server.hosts:
            return self._send(403, "text/plain", b"wrong host")
        place = unquote(urlsplit(self.path).path)
        start = f"/{token}/"
        if not secrets.compare_digest(place[: len(start)].encode(), start.encode()):
            return self._send(403, "text/plain", b"the address lacks its token")
        place = place[len(start) :]
        if place == "events":
            return self._events(preview)
        if preview.folder is None:
            return self._send(200, "text/html; charset=utf-8", self._with_script(_FAULT % html.escape(preview.fault)))
        if not place:
            return self._send(302, "text/plain", b"", {"Location": f"{start}{preview.first}"})
        return self._file(preview.folder, place)

    def _file(self, folder, place):
        path = (folder / place).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            return self._send(404, "text/plain", b"there is no such page")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content = path.read_bytes()
        if path.suffix == ".html":
            kind, content = "text/html; charset=utf-8", self._with_script(content.decode("utf-8"))
        return self._send(200, kind, content)

    def _with_script(self, text):
        script = _SCRIPT % f"/{self.server.token}/events"
        before, mark, after = text.rpartition("</body>")
        return f"{before}{script}{mark}{after}".encode()

    def _events(self, preview):
        """What happens to the book from now on, as server-sent events; what stands in its way is told at once."""
        self.send_response(200)
        for name, value in {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        seen, fault = preview.version, preview.fault
        try:
            while True:
                if fault:
                    self._tell("fault", fault)
                with preview.changed:
                    while preview.version == seen:
                        preview.changed.wait(15)
                        if preview.version == seen:
                            self.wfile.write(b": still here\n\n")
                            self.wfile.flush()
                    seen, fault = preview.version, preview.fault
                if not fault:
                    self._tell("reload", "")
        except OSError:
            return

    def _tell(self, event, text):
        self.wfile.write(f"event: {event}\ndata: {json.dumps(text)}\n\n".encode())
        self.wfile.flush()

    def _send(self, code, kind, content, headers=()):
        self.send_response(code)
        sent = {"Content-Type": kind, "Content-Length": str(len(content)), "Cache-Control": "no-store"} | dict(headers)
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Requests are not worth a line."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, preview, port):
        super().__init__((HOST, port), _Handler)
        self.preview, self.token = preview, secrets.token_urlsafe(16)
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self):
        return f"http://{HOST}:{self.server_port}/{self.token}/"


def serve(study=None, *, mask_below=0, part="", port=0, stand_ins=None, say=print, ready=None):
    """Show the book of a study at an address of this machine, until it is stopped.

    Parameters
    ----------
    study : path-like, optional
        Study file; the book's own synthetic cohort if left out.
    mask_below : int
    part : str
        As for `book.build`.
    port : int
        0 takes a free one.
    stand_ins, say
        As for `book.build`.
    ready : callable, optional
        Receives the address as soon as it answers.
    """
    from watchfiles import watch

    wish = Wish(Path(study or pages.DEFAULT_STUDY).resolve(), {}, mask_below, part=part, stand_ins=stand_ins)
    with tempfile.TemporaryDirectory(prefix="aice-preview-") as work:
        preview = Preview(wish, Path(work), say)
        server = _Server(preview, port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # All of it: whoever is told the address may end the preview before this line is left.
        try:
            site.import_builder()
            shown = _states(preview.watched())
            preview.make()
            say(f"open {server.address} (only this machine can; Ctrl-C ends it)")
            if ready is not None:
                ready(server.address)
            preview.warm_up()
            while True:
                # Taken before the site is made, so that what changes meanwhile is seen afterwards.
                if (states := _states(preview.watched())) != shown:
                    shown = states
                    preview.make()
                    continue
                ticks = watch(
                    *_there(preview.watched()), debounce=SETTLED, step=10, rust_timeout=1000, yield_on_timeout=True
                )
                next(ticks)
                ticks.close()
        except KeyboardInterrupt:
            say("stopped")
        finally:
            server.shutdown()
            processes.stop_all()


def _there(paths):
    """Paths that exist, a folder in the place of each that does not."""
    return {path if path.exists() else path.parent for path in paths if path.parent.exists()}


def _states(paths):
    """Path -> time and size of each watched file, folders with all that is below."""
    found = {}
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else [path]:
            try:
                known = file.stat()
            except OSError:
                continue
            if file.suffix != ".pyc" and ".ipynb_checkpoints" not in file.parts:
                found[file] = known.st_mtime_ns, known.st_size
    return found
