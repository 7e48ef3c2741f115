"""Notebook kernels that start fast: one server process imports the heavy packages once and forks a kernel when asked.

Where the platform has no fork server (Windows), kernels start the ordinary way.
"""

import multiprocessing
import os
import time

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

PRELOAD = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib_inline.backend_inline",
    "aice_helpers.kernel_imports",
)
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()


def context():
    """The multiprocessing context whose server has the packages of `PRELOAD` in memory."""
    if not CAN_FORK:
        return multiprocessing.get_context("spawn")
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(list(PRELOAD))
    return forkserver


def start_server():
    """Start the server now, so that its imports run while the caller does something else."""
    if CAN_FORK:
        from multiprocessing import forkserver

        context()
        forkserver.ensure_running()


def _run_kernel(arguments, folder, environment):
    """Body of a forked kernel process."""
    os.environ.clear()
    os.environ.update(environment)
    if folder:
        os.chdir(folder)
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=arguments)


class _ForkedProcess:
    """The part of `subprocess.Popen` that jupyter_client uses, over a forked process."""

    stdout = stderr = stdin = None

    def __init__(self, process):
        self._process = process
        self.pid = process.pid

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def wait(self, timeout=None):
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number):
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self):
        self._process.terminate()

    def kill(self):
        self._process.kill()


class ForkProvisioner(LocalProvisioner):
    """Starts a Python kernel by asking the fork server instead of running a new interpreter."""

    async def launch_kernel(self, cmd, **kwargs):
        place = cmd.index("-f")
        process = context().Process(
            target=_run_kernel,
            args=(
                [*cmd[place : place + 2], f"--IPKernelApp.parent_handle={os.getpid()}", "--log-level=CRITICAL"],
                kwargs.get("cwd"),
                dict(kwargs.get("env") or os.environ),
            ),
            daemon=True,
        )
        process.start()
        self.process = _ForkedProcess(process)
        self.pid, self.pgid = process.pid, None
        return self.connection_info

    async def wait(self):
        """Wait for the kernel to end; it was asked to, so this takes milliseconds."""
        while self.process is not None and self.process.poll() is None:
            time.sleep(0.01)
        self.process = None
        return 0


class ForkKernelManager(AsyncKernelManager):
    """Kernel manager that nbclient can be handed: kernels come from the fork server where there is one."""

    async def _async_pre_start_kernel(self, **kwargs):
        if CAN_FORK and self.provisioner is None and self.kernel_spec.language == "python":
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self, connection_info={}
            )
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel
