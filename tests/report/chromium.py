"""Headless Chromium, through the scripts in `browser/`."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = Path(__file__).resolve().parent / "browser"


def fetch_driver(folder: Path) -> Path:
    """Put the scripts into `folder`, beside what they need from the npm registry (pinned, with integrity)."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm and node are needed to fetch axe-core")
    for path in BROWSER.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    fetched = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if fetched.returncode:
        pytest.skip(
            f"the npm registry cannot be reached: {(fetched.stderr.strip().splitlines() or ['no message'])[-1]}"
        )
    return folder


def opened(driver: Path, page: str) -> dict:
    """Return what different readers see who open a page (open_report.mjs)."""
    return _run(driver / "open_report.mjs", page)


def used(driver: Path, page: str, steps: list, folder: Path) -> dict:
    """Return {"errors", "requests", "values"} of somebody who uses a page step by step (use_page.mjs)."""
    (folder / "steps.json").write_text(json.dumps(steps))
    return _run(driver / "use_page.mjs", page, str(folder / "steps.json"))


def _run(script: Path, *given: str) -> dict:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("Chromium is not installed")
    done = subprocess.run(["node", str(script), chromium, *given], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
