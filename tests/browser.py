"""A headless Chromium driven over its debugging protocol: open a page, run a script in it, take a picture."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", "--allow-file-access-from-files",
    "--remote-allow-origins=*", "--hide-scrollbars",
)  # fmt: skip


class Page:
    """One browser tab. ``requests`` holds the URLs it asked for, ``errors`` what went wrong in its scripts."""

    def __init__(self, address):
        self._socket = websocket.create_connection(address, timeout=60)
        self._count = 0
        self._loaded = False
        self.requests = []
        self.errors = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Send one command and return its result."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._count:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]
            self._note(message)

    def _note(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Page.loadEventFired":
            self._loaded = True

    def open(self, url, *, width=1280, height=900, dark=False, scripts=True):
        """Load a page at a viewport width (CSS pixels), its scripts on or off, and wait until it is complete."""
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.requests, self.errors, self._loaded = [], [], False
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        while not self._loaded:
            self._note(json.loads(self._socket.recv()))
        if scripts:
            self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    def close(self):
        """Let go of the tab."""
        self._socket.close()

    def run(self, script):
        """Value of a JavaScript expression in the page (a promise is awaited)."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def wait_for(self, script, seconds=10):
        """Value of a JavaScript expression as soon as it is neither empty nor false."""
        for _ in range(int(seconds * 10)):
            value = self.run(script)
            if value:
                return value
            time.sleep(0.1)
        raise RuntimeError(f"nothing came of {script}")

    def picture(self, path, *, whole=True):
        """Save a PNG of the page, or of the part in view."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **self._clip(whole))
        Path(path).write_bytes(base64.b64decode(answer["data"]))

    def _clip(self, whole):
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}


@contextlib.contextmanager
def open_browser():
    """A fresh Chromium with an empty profile; yields its `Page`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            page = Page(_address(Path(profile) / "DevToolsActivePort"))
            yield page
            page.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(file):
    import urllib.request

    for _ in range(300):
        if file.is_file() and len(file.read_text().split()) == 2:
            port = file.read_text().split()[0]
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
                tabs = json.load(answer)
            return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        time.sleep(0.1)
    raise RuntimeError("Chromium did not start")
