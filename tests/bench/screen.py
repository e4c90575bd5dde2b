"""How soon the app can be used in Chromium, by somebody who is signed in.

Each measurement has a profile on disk, as people's browsers do: a private window keeps no compiled code between visits.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from infra.local.bootstrap import browser as installed_browser
from tests.bench.opening import LONG, SHORT, new_chat
from tests.bench.report import Figure, milliseconds, percentile
from tests.bench.site import Person, Site

ROUNDS = 5
COLD, WARM, PAINTED = 0.8, 0.4, 0.5

# Since the navigation began (performance.now), once the field takes text.
_USABLE = """() => {
  const field = document.querySelector('textarea')
  return field && !field.disabled && performance.now()
}"""

# Since the navigation or a click in the sidebar, once the message is painted: the frame after that with it.
_PAINTED = """([id, chat]) => new Promise(resolve => {
  const link = chat && document.querySelector(`a[href$="/c/${chat}"]`)
  const begun = link ? performance.now() : 0
  link?.click()
  const look = () => document.querySelector(`[data-message="${id}"]`)
    ? requestAnimationFrame(() => resolve(performance.now() - begun))
    : requestAnimationFrame(look)
  look()
})"""


def composer(site: Site) -> list[Figure]:
    """Cold: an empty browser; warm: the app opened once more in it. Medians."""
    person, cold, warm = site.person(), [], []
    with sync_playwright() as driver:
        for _ in range(ROUNDS):
            with _browser(driver, site, person) as context:
                cold.append(_opened(context))
                warm.append(_opened(context))
        long, short = _painted(driver, site, LONG), _painted(driver, site, SHORT)
    target = f"≤ {milliseconds(PAINTED)}"
    painted = [
        Figure(
            f"{LONG:,} messages painted, {way} (direct: {SHORT})",
            milliseconds(here),
            milliseconds(beside),
            here / beside,
            target,
            here <= PAINTED,
        )
        for way, here, beside in zip(("by a click", "by their address"), long, short, strict=True)
    ]
    return [_figure("cold", cold, COLD), _figure("warm", warm, WARM), *painted]


@contextmanager
def _browser(driver: Playwright, site: Site, person: Person) -> Iterator[BrowserContext]:
    """A browser that has never been anywhere, in which somebody is signed in."""
    path = installed_browser()
    with tempfile.TemporaryDirectory() as profile:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=path, args=["--no-sandbox"], base_url=site.url
        )
        context.add_cookies([{"name": "token", "value": person.token, "url": site.url, "httpOnly": True}])
        yield context
        context.close()


def _painted(driver: Playwright, site: Site, count: int) -> tuple[float, float]:
    """Seconds to the first paint of the end of a chat with so many messages: by a click, and by its address."""
    person = site.person()
    chat_id, last = new_chat(site, person, count)
    clicked, times = [], []
    with _browser(driver, site, person) as context:
        _opened(context)
        for _ in range(ROUNDS):
            page = context.new_page()
            page.goto("/", wait_until="networkidle")
            clicked.append(float(page.evaluate(_PAINTED, [last, chat_id])) / 1000)
            page.close()
            page = context.new_page()
            page.goto(f"/c/{chat_id}", wait_until="commit")
            times.append(float(page.evaluate(_PAINTED, [last, None])) / 1000)
            page.wait_for_load_state("networkidle")
            page.close()
    return percentile(clicked, 50), percentile(times, 50)


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
