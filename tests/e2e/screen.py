"""The chat screen as a person uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

CHAT = re.compile(r"/c/[\w-]+$")


class Screen:
    """One open page of the app."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @property
    def composer(self) -> Locator:
        """The field for the question."""
        return self.page.get_by_label("Your question")

    @property
    def answers(self) -> Locator:
        """The answers of the shown branch."""
        return self.page.get_by_role("article").filter(has_not=self.page.locator(".whitespace-pre-wrap"))

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.answers.last

    @property
    def text(self) -> Locator:
        """The written part of the last answer."""
        return self.answer.locator(".markdown").last

    @property
    def stop_button(self) -> Locator:
        """Stop, while an answer is being written."""
        return self.page.get_by_role("button", name="Stop", exact=True)

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def ask(self, question: str) -> None:
        """Types a question and sends it with Enter."""
        expect(self.button("Send").or_(self.stop_button)).to_be_visible()
        self.composer.fill(question)
        expect(self.button("Send")).to_be_enabled()
        self.composer.press("Enter")
        self.page.wait_for_url(CHAT)

    def wait_until_done(self) -> None:
        """Returns when no answer is being written any more."""
        expect(self.stop_button).to_have_count(0)
        expect(self.answer).to_have_attribute("aria-busy", "false")


def drag(moved: Locator, target: Locator, told: str) -> None:
    """Drags with the mouse until the server is told.

    The list may be drawn anew under the mouse, which ends a drag; then a person would drag again.
    """
    expect(moved.locator("xpath=ancestor-or-self::*[@draggable='true']").last).to_be_visible()
    for patience in (5_000, 10_000, 60_000):
        try:
            with moved.page.expect_response(re.compile(told), timeout=patience):
                moved.drag_to(target)
            return
        except TimedOut:
            if patience == 60_000:
                raise
