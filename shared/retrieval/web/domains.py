"""Which sites an admin lets web search use."""

from collections.abc import Iterable

from shared.addresses import parts_of


def allowed(url: str, rules: Iterable[str]) -> bool:
    """Whether a page may be used: its site is on the list, or there is none, and is not on it with a `!` before.

    A rule is a domain, which stands for those below it too: `example.org`, `!ads.example.org`.
    """
    host = (parts_of(url).hostname or "").lower().rstrip(".")
    wanted: list[str] = []
    barred: list[str] = []
    for rule in rules:
        name = rule.strip().lower()
        domain = name.lstrip("!").removeprefix("*.").strip(".")
        if domain:
            (barred if name.startswith("!") else wanted).append(domain)
    if not host or any(_below(host, domain) for domain in barred):
        return False
    return not wanted or any(_below(host, domain) for domain in wanted)


def _below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
