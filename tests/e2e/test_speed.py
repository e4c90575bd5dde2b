"""Writing on screen keeps the page responsive."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open
from tests.integration.answers_site import Person, Site
from tests.support.model_server import Behaviour

SECTION = [
    "## ", "A ", "part\n\n", "Some ", "**bold** ", "words ", "with ", "`code`, ", "a ", "[link](https://example.org) ",
    "and ", "more.\n\n", "```python\n", "def ", "part(", "x: ", "int) ", "-> ", "int:\n", "    return ", "2 * ", "x\n",
    "```\n\n", "- one\n", "- two\n\n", "| a ", "| b |\n", "| --- | --- |\n", "| 1 ", "| 2 |\n\n",
]  # fmt: skip
TOKENS = (SECTION * 167)[:5000]
LIMIT_MS = 100

OBSERVE = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => ({
    start: entry.startTime, duration: entry.duration,
  })))).observe({ type: 'longtask', buffered: false });
}"""


@pytest.mark.timeout(300)
def test_five_thousand_tokens_make_no_long_task(open_screen: Open, person: Person, site: Site) -> None:
    site.server.default = Behaviour(tokens=TOKENS, tokens_per_second=250)
    screen = open_screen(person)
    screen.ask("Write a lot")
    expect(screen.text).to_be_visible()
    begun = screen.page.evaluate("performance.now()")
    screen.page.evaluate(OBSERVE)
    expect(screen.stop_button).to_have_count(0, timeout=120_000)
    tasks = screen.page.evaluate("window.longTasks")
    late = [task for task in tasks if task["start"] > begun + 1000]
    worst = max((task["duration"] for task in late), default=0)
    print(f"{len(late)} tasks over 50 ms after the first second, the longest {worst:.0f} ms")
    assert worst <= LIMIT_MS
