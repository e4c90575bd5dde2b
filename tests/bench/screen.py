"""How soon the composer can be typed into, for somebody who is signed in."""

import os
import shutil

from playwright.sync_api import BrowserContext, sync_playwright

from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import Site

ROUNDS = 5
COLD, WARM = 0.8, 0.4

# Since the navigation began (performance.now), once the field takes text.
_USABLE = """() => {
  const field = document.querySelector('textarea')
  return field && !field.disabled && performance.now()
}"""


def composer(site: Site) -> list[Figure]:
    """Cold: an empty browser; warm: the app opened once more in it. Medians."""
    person, cold, warm = site.person(), [], []
    with sync_playwright() as driver:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(ROUNDS):
            context = browser.new_context(base_url=site.url)
            context.add_cookies([{"name": "token", "value": person.token, "url": site.url, "httpOnly": True}])
            cold.append(_opened(context))
            warm.append(_opened(context))
            context.close()
        browser.close()
    return [_figure("cold", cold, COLD), _figure("warm", warm, WARM)]


def _opened(context: BrowserContext) -> float:
    page = context.new_page()
    page.goto("/", wait_until="commit")
    usable = page.wait_for_function(_USABLE, polling="raf").json_value()
    page.wait_for_load_state("networkidle")
    page.close()
    return float(usable) / 1000


def _figure(name: str, seconds: list[float], limit: float) -> Figure:
    median = percentile(seconds, 50)
    return Figure(
        f"composer usable, {name}", milliseconds(median), "", None, f"≤ {milliseconds(limit)}", median <= limit
    )
