"""Notebook kernels that start fast: forked from the server of `processes` where there is one."""

import gc
import os
import time
from typing import ClassVar

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from aice_helpers.analysis import HANDED_OVER
from aice_helpers.build import processes

QUIET = ("--log-level=CRITICAL", "--HistoryManager.enabled=False")
"""Options of a kernel that leaves no trace of a cohort's cells in the home folder."""


def _run_kernel(arguments, folder, environment):
    """Body of a forked kernel process."""
    os.environ.clear()
    os.environ.update(environment)
    if folder:
        os.chdir(folder)
    from ipykernel.kernelapp import IPKernelApp

    # What is imported already stays; searching it for garbage would take a tenth of the time.
    gc.freeze()
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
        arguments = [*cmd[place : place + 2], *QUIET]
        process = processes.start(_run_kernel, arguments, kwargs.get("cwd"), dict(kwargs.get("env") or os.environ))
        self.process = _ForkedProcess(process)
        self.pid, self.pgid = process.pid, None
        return self.connection_info

    async def wait(self):
        """Wait for the kernel to end; it was asked to, so this takes milliseconds."""
        while self.process is not None and self.process.poll() is None:
            time.sleep(0.01)
        if self.process is not None:
            processes.forget(self.process._process)
        self.process = None
        return 0


class BookKernelManager(AsyncKernelManager):
    """Kernel manager that nbclient can be handed: its kernels fork where they can, and end with the build.

    ``environment`` holds the variables of its kernels beside those of this process.
    """

    environment: ClassVar = {}

    async def _async_pre_start_kernel(self, **kwargs):
        kwargs["env"] = {**(kwargs.get("env") or os.environ), **self.environment}
        if processes.CAN_FORK and self.provisioner is None and self.kernel_spec.language == "python":
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self, connection_info={}
            )
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel

    async def _async_launch_kernel(self, kernel_cmd, **kwargs):
        await super()._async_launch_kernel(kernel_cmd, **kwargs)
        if not isinstance(self.provisioner, ForkProvisioner):
            processes.register(self.provisioner.process)

    _launch_kernel = _async_launch_kernel


def manager_class(settings, handed=None):
    """A `BookKernelManager` for one build.

    Parameters
    ----------
    settings : Path
        A new folder for the kernels' own settings: nobody's home folder is read or written.
    handed : Path, optional
        Folder with the analysis that `analysis.open_analysis` may take over.
    """
    settings.mkdir()
    environment = {"IPYTHONDIR": str(settings)} | ({HANDED_OVER: str(handed)} if handed else {})
    return type("BookKernelManager", (BookKernelManager,), {"environment": environment})
