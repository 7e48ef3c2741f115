"""An interactive figure on a bare page, for the browser."""

import json
import re

from aice_helpers.build import pages

SCRIPTS = pages.ROOT / "book" / "_static" / "play"


def write_page(play, folder):
    """Write a page that holds one figure and its scripts; return its address."""
    scripts = "".join(
        f"<script>{(SCRIPTS / f'{name}.js').read_text(encoding='utf-8')}</script>" for name in ("core", play.kind)
    )
    page = folder / f"{play.kind}.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><body>{play._repr_html_()}{scripts}</body></html>',
        encoding="utf-8",
    )
    return page.as_uri()


def values(page):
    """What the figure on the open page says it shows."""
    return json.loads(page.run("document.querySelector('figure.aice-play').dataset.values"))


def said(page):
    """The sentence that is read out."""
    return page.run("document.querySelector('figure.aice-play [role=status]').textContent")


def press(page, key, times=1):
    """Press a key as a reader without a mouse does: Tab, Space, Enter, ArrowRight, ..."""
    codes = {
        "Tab": 9,
        "Enter": 13,
        "Space": 32,
        "ArrowLeft": 37,
        "ArrowUp": 38,
        "ArrowRight": 39,
        "ArrowDown": 40,
        "Home": 36,
        "End": 35,
        "Escape": 27,
    }
    text = {"Enter": "\r", "Space": " "}.get(key, "")
    name = " " if key == "Space" else key
    for _ in range(times):
        more = {"text": text} if text else {}
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            page.call("Input.dispatchKeyEvent", type=kind, key=name, code=key, windowsVirtualKeyCode=codes[key], **more)
            more = {}


def without_scripts(page):
    """Text of the figure where scripts are off."""
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
