"""Writing on screen keeps the page responsive."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Open
from tests.e2e.screen import Screen
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

SECTION = [
    "## ", "A ", "part\n\n", "Some ", "**bold** ", "words ", "with ", "`code`, ", "a ", "[link](https://example.org) ",
    "and ", "more.\n\n", "```python\n", "def ", "part(", "x: ", "int) ", "-> ", "int:\n", "    return ", "2 * ", "x\n",
    "```\n\n", "- one\n", "- two\n\n", "| a ", "| b |\n", "| --- | --- |\n", "| 1 ", "| 2 |\n\n",
]  # fmt: skip
TOKENS = (SECTION * 167)[:5000]
LIMIT_MS = 100
"""On a processor that takes `SPIN_MS` for `SPIN`; on a slower one it is as much longer."""
SPIN_MS = 30
SPIN = """() => {
  const begun = performance.now();
  let sum = 0;
  for (let i = 0; i < 20_000_000; i++) sum = (sum * 31 + i) | 0;
  return [performance.now() - begun, sum];
}"""
FIRST_SECOND = 1_000_000
"""In a trace's microseconds."""

ENDED = "() => !document.querySelector('[aria-busy=true]')"


@pytest.mark.timeout(300)
def test_five_thousand_tokens_make_no_long_task(
    open_screen: Open, person: Person, site: Site, browser: Browser
) -> None:
    site.server.default = Behaviour(tokens=TOKENS, tokens_per_second=250)
    screen = open_screen(person)
    slowness = max(1, min(screen.page.evaluate(SPIN)[0] for _ in range(10)) / SPIN_MS)
    longest = longest_task(screen, browser)
    if longest > LIMIT_MS * slowness:  # once more: the browser does work of its own, and no two times the same
        longest = longest_task(screen, browser)
    print(f"longest task after the first second: {longest:.0f} ms, on a processor {slowness:.1f} times too slow")
    assert longest <= LIMIT_MS * slowness


def longest_task(screen: Screen, browser: Browser) -> float:
    """Asks, and returns the longest task after the first second of writing, in ms of processor time.

    By the clock it could be longer by what other programs on this machine take away.
    """
    screen.ask("Write a lot")
    expect(screen.text).to_be_visible()
    browser.start_tracing(page=screen.page, categories=["toplevel"])
    # Looking for a role costs the page more than writing does, so the end is looked for cheaply and seldom.
    screen.page.wait_for_function(ENDED, polling=1000, timeout=120_000)
    tasks = main_tasks(json.loads(browser.stop_tracing())["traceEvents"])
    begun = min(task["ts"] for task in tasks)
    return max(float(task["tdur"]) for task in tasks if task["ts"] > begun + FIRST_SECOND) / 1000


def main_tasks(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks of the pages' main threads."""
    named = [event for event in events if event.get("name") == "thread_name"]
    threads = {(event["pid"], event["tid"]) for event in named if event["args"]["name"] == "CrRendererMain"}
    return [
        event
        for event in events
        if (event["pid"], event["tid"]) in threads and event["name"].endswith("RunTask") and "tdur" in event
    ]
