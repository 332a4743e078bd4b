"""A small client of Chromium's DevTools protocol, over a pipe: opens pages, measures, types. Standard library only."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds for one answer: a page of the site takes one or two on a busy machine
WIDE, NARROW = 1400, 390
_SWITCHES = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run --no-default-browser-check --mute-audio "
    "--disable-renderer-backgrounding --process-per-site "
    # without BackForwardCache a page follows another in the same process; a new one for each takes longer than the page
    "--disable-features=Translate,OptimizationHints,MediaRouter,BackForwardCache --remote-debugging-pipe"
)
_NO_HOSTS = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def chromium() -> str | None:
    """Where the browser is; None where there is none, or no pipe to it (Windows)."""
    if os.name != "posix":
        return None
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """A headless browser that no host name resolves in."""

    def __init__(self, program: str, folder: str) -> None:
        import fcntl

        command = [program, *_SWITCHES.split(), f"--user-data-dir={folder}", _NO_HOSTS]
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        # the browser reads from file descriptor 3 and writes to 4: copies out of the way first
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (to_read, to_write)]

        def placed() -> None:
            for number, end in zip((3, 4), ends, strict=True):
                os.dup2(end, number)

        # descriptors of Python end with the call of a program; only those placed stay open
        self._process = subprocess.Popen(
            command, close_fds=False, preexec_fn=placed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for end in (to_read, to_write, *ends):
            os.close(end)
        self._number, self._rest = 0, b""
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Ask, and wait for the answer; what is told meanwhile is kept in `events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._next(end)
            if answer is None:
                raise TimeoutError(f"{method}: no answer in {PATIENCE:.0f} s")
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self.events.append(answer)

    def wait_for(self, method: str, **parameters: Any) -> None:
        """Wait until something is told."""
        end = time.monotonic() + PATIENCE
        seen = 0
        while True:
            for told in self.events[seen:]:
                if told.get("method") == method and parameters.items() <= told["params"].items():
                    return
            seen = len(self.events)
            answer = self._next(end)
            if answer is None:
                raise TimeoutError(f"{method} {parameters} was not told in {PATIENCE:.0f} s")
            self.events.append(answer)

    def _next(self, end: float) -> dict[str, Any] | None:
        """The next message; None when the time is over."""
        while b"\0" not in self._rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                return None
            found = os.read(self._read, 1 << 20)
            if not found:
                raise RuntimeError("the browser ended")
            self._rest += found
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def page(self) -> Page:
        """A new, empty page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session)


class Page:
    """One tab: what it loads and complains of since it was last opened."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session, self._address = browser, session, ""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask this tab."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, address: str, *, width: int = WIDE, dark: bool = False, height: int = 900) -> None:
        """Open an address at a width in pixels, in light or dark, and wait until it is loaded."""
        self.shown(width=width, dark=dark, height=height)
        # by way of an empty page where only what stands behind # is another: else it is no new page
        hop = address.partition("#")[0] == self._address.partition("#")[0]
        for place in (*(["about:blank"] if hop else []), address):
            self._browser.events.clear()
            loader = self.call("Page.navigate", url=place)["loaderId"]
            self._browser.wait_for("Page.lifecycleEvent", name="load", loaderId=loader)
        self._address = address

    def shown(self, *, width: int, dark: bool, height: int = 900) -> None:
        """Show what is open at a width in pixels, in light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, still])

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = 20.0) -> Any:
        """The value of an expression as soon as it is true; the last value when the time is over."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(expression)) and time.monotonic() < end:
            time.sleep(0.1)
        return value

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> None:
        """Save what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _told(self, method: str) -> Iterator[dict[str, Any]]:
        """What was told since the page was opened."""
        for event in self._browser.events:
            if event.get("method") == method and event.get("sessionId") == self._session:
                yield event["params"]

    @property
    def requests(self) -> list[str]:
        """Addresses that were asked for."""
        return [event["request"]["url"] for event in self._told("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """Exceptions, and errors in the console."""
        thrown = [str(event["exceptionDetails"]) for event in self._told("Runtime.exceptionThrown")]
        entries = [e["entry"] for e in self._told("Log.entryAdded")]
        logged = [f"{one['text']} {one.get('url', '')}" for one in entries if one["level"] == "error"]
        said = [str(e["args"]) for e in self._told("Runtime.consoleAPICalled") if e["type"] in ("error", "assert")]
        return thrown + logged + said


class _Silent(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *told: object) -> None:
        return


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a folder that is served to this computer alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def browsing() -> Iterator[Page]:
    """A page of a fresh browser."""
    program = chromium()
    if program is None:
        raise FileNotFoundError("no chromium on the path")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder)
        try:
            yield browser.page()
        finally:
            browser.close()
