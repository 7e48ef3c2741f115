"""Child processes that start fast, never outlive their parent, and end at once when it is stopped.

One server process imports the heavy packages of `PRELOAD` once and forks a child when asked; where the platform has no
fork server (Windows), or its temporary folder's name is too long for a socket, children start the ordinary way. Every
child watches a pipe whose other end only the parent holds: when the parent is gone, however it ended, the pipe closes
and the child ends.
"""

import contextlib
import multiprocessing
import os
import threading

PRELOAD = ["aice_helpers.build.kernel_imports"]
"""Modules that the server imports; `preload` adds to them."""
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()

_lock = threading.Lock()
_running = set()
_stopped = False
_lifeline = None


class StoppedError(Exception):
    """A child was asked for after everything had been stopped."""


class ChildError(Exception):
    """A child ended without a result."""


def context():
    """The multiprocessing context whose server has the packages of `PRELOAD` in memory."""
    if not CAN_FORK:
        return multiprocessing.get_context("spawn")
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(list(PRELOAD))
    return forkserver


def preload(module):
    """Let the server, when it is started, import one more module (a name)."""
    if module not in PRELOAD:
        PRELOAD.append(module)


def start_server():
    """Start the server now, so that its imports run while the caller does something else; children are wanted again."""
    global _stopped, CAN_FORK
    with _lock:
        _stopped = False
    if CAN_FORK:
        from multiprocessing import forkserver

        context()
        try:
            forkserver.ensure_running()
        except OSError as error:
            if error.errno is not None:
                raise
            CAN_FORK = False  # the only refusal without a number: the address of the server's socket is too long


def start(function, *arguments):
    """Start a child that runs ``function(*arguments)``; returns its `multiprocessing.Process`.

    Raises
    ------
    StoppedError
        After `stop_all`, until the server is started anew.
    """
    process = context().Process(target=_run, args=(lifeline(), function, arguments), daemon=True)
    with _lock:
        if _stopped:
            raise StoppedError
        process.start()
        _running.add(process)
    return process


def register(process):
    """Let `stop_all` end a process (with ``kill()``) that was started elsewhere."""
    with _lock:
        if not _stopped:
            _running.add(process)
            return
    process.kill()


def forget(process):
    """The process has ended by itself."""
    with _lock:
        _running.discard(process)


def stop_all():
    """End every child at once; none is started from now on."""
    global _stopped
    with _lock:
        _stopped = True
        processes = list(_running)
        _running.clear()
    for process in processes:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            process.kill()


def lifeline():
    """The pipe's end for children to watch; the other stays open in this process as long as it lives."""
    global _lifeline
    if _lifeline is None:
        _lifeline = context().Pipe(duplex=False)
    return _lifeline[0]


def tie(watched):
    """End this process, without a word, when the other end of the pipe is closed."""

    def watch():
        with contextlib.suppress(EOFError, OSError):
            watched.recv_bytes()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if hasattr(os, "setsid"):
        # Ctrl-C in a terminal reaches every process of its session; what is to become of the children is the parent's word.
        with contextlib.suppress(OSError):
            os.setsid()


def _run(watched, function, arguments):
    tie(watched)
    function(*arguments)


class Task:
    """A function that runs in a child beside the caller; `result` waits for it.

    Parameters
    ----------
    function : callable
        Importable by name; what it returns or raises comes back.
    say : callable, optional
        Called here with each text that the function, which then takes a ``say`` of its own, says there.
    """

    def __init__(self, function, *arguments, say=None):
        self._receiver, sender = context().Pipe(duplex=False)
        self._say = say
        self._process = start(_report, sender, function, arguments, say is not None)
        # The child's copy must be the only one, or its death would not be noticed.
        sender.close()

    def result(self):
        """What the function returned; raises what it raised, or `ChildError` when it ended without a word."""
        try:
            failed, value = self._receiver.recv()
            while failed is None:
                self._say(value)
                failed, value = self._receiver.recv()
        except EOFError:
            self._process.join()
            raise ChildError from None
        except BaseException:
            # Whoever stops waiting has no use for the child, which no signal of a terminal reaches.
            self._process.kill()
            raise
        finally:
            self._process.join()
            forget(self._process)
        if failed:
            raise value
        return value

    def stop(self):
        """End the child if it still runs."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        forget(self._process)


def _report(sender, function, arguments, relayed):
    words = {"say": lambda text: sender.send((None, text))} if relayed else {}
    try:
        sender.send((False, function(*arguments, **words)))
    except Exception as error:
        sender.send((True, error))
