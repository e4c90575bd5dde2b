"""Addresses that people give: only the public internet is called, whatever a name or a redirect leads to."""

import asyncio
import gzip
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from shared import guarded
from shared.errors import DomainError, TooLarge, Upstream
from shared.guarded import RefusedAddress, admins, anybodys, check, fetch, page_client
from tests.support.serving import serving

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fd00:ec2::254",
    "fc00::1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "::127.0.0.1",
    "::10.0.0.1",
    "::",
    "2001:0:5db8:1::5601:5601",  # Teredo: the address of the client, 169.254.169.254, in its complement
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_not_called_for_anybody(address: str) -> None:
    assert not anybodys(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(RefusedAddress):
        check(f"http://{host}/x")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:1"])
def test_what_is_public_is_called(address: str) -> None:
    assert anybodys(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "::169.254.169.254",
        "2002:a9fe:a9fe::",
        "2001:0:5db8:1::5601:5601",
    ],
)
def test_the_clouds_metadata_is_not_even_called_for_admins(address: str) -> None:
    assert not admins(ipaddress.ip_address(address))
    assert admins(ipaddress.ip_address("10.1.2.3"))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://[::1",
        "http://e.org:99999/",
        "http://e.org:abc/",
        "http://10.0.0.1#@example.org/",
        "gopher://x",
        "ftp://example.org/a",
        "//example.org",
        "",
        "http://",
        "http://u:p@e.org",
    ],
)
def test_what_is_no_page_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddress):
        check(url)


async def _page(request: Request) -> Response:
    return Response("Grüße".encode("latin-1"), media_type="text/html; charset=iso-8859-1")


async def _to(request: Request) -> Response:
    return RedirectResponse(request.query_params["url"])


async def _round(request: Request) -> Response:
    return RedirectResponse("/round")


async def _bomb(request: Request) -> Response:
    packed = gzip.compress(b"0" * 30_000_000)
    return Response(packed, headers={"content-encoding": "gzip"}, media_type="text/html")


async def _slow(request: Request) -> Response:
    async def drops() -> Any:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    return StreamingResponse(drops(), media_type="text/html")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    paths = {"/page": _page, "/to": _to, "/round": _round, "/bomb": _bomb, "/slow": _slow}
    with serving(Starlette(routes=[Route(path, page) for path, page in paths.items()])) as url:
        yield url


async def got(url: str, rule: guarded.Rule) -> guarded.Fetched:
    async with page_client(rule) as client:
        return await fetch(client, url, rule=rule)


async def test_a_page_comes_with_its_type_and_charset(site: str) -> None:
    fetched = await got(f"{site}/page", admins)
    assert (fetched.kind, fetched.text) == ("text/html", "Grüße")


@pytest.mark.parametrize(
    "charset",
    [
        "idna",
        "undefined",
        "punycode",
        "utf-7",
        "unicode_escape",
        "raw_unicode_escape",
        "hex",
        "gzip",
        "none",
        "a\0",
        "",
    ],
)
def test_a_page_in_a_charset_that_is_none_is_read_as_utf_8(charset: str) -> None:
    said = "Grüße: \\ud800 +2AA-"
    assert guarded.Fetched("https://e.org", "text/html", charset, said.encode()).text == said


async def test_this_machine_is_refused_by_number_and_by_name(site: str) -> None:
    port = site.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433"):
        with pytest.raises(DomainError) as told:
            await got(f"http://{host}:{port}/page", anybodys)
        assert "not on the public internet" in told.value.detail or "cannot be reached" in told.value.detail, host


async def test_a_redirect_to_a_private_address_is_refused(site: str) -> None:
    for place in ("http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/"):
        with pytest.raises(RefusedAddress):
            await got(f"{site}/to?url={place}", admins)


async def test_a_name_is_looked_up_once_and_reached_at_what_was_checked(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers something else the second time leads nowhere else."""
    port, answers = int(site.rpartition(":")[2]), iter(["127.0.0.1"])

    async def look_up(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    assert (await got(f"http://rebinding.example:{port}/page", admins)).text == "Grüße"


async def test_too_much_too_slow_and_in_circles_end_in_words(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="10 MB"):
        await got(f"{site}/bomb", admins)
    with pytest.raises(Upstream, match="without an end"):
        await got(f"{site}/round", admins)
    with pytest.raises(Upstream, match="404"):
        await got(f"{site}/none", admins)
    monkeypatch.setattr(guarded, "TOTAL_SECONDS", 0.3)
    with pytest.raises(Upstream, match="too long"):
        await got(f"{site}/slow", admins)


async def test_a_host_is_looked_up_for_services_that_load_in_our_place() -> None:
    with pytest.raises(RefusedAddress):
        await guarded.check_host("http://localhost/x")
    assert httpx2.URL(await guarded.check_host("http://93.184.216.34/x")).host == "93.184.216.34"


@pytest.mark.parametrize(
    "url", ["http://\x00", "http://e.org\nHost: x", "http://%31%32%37.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://a..b/"]
)
async def test_odd_addresses_end_in_words(url: str) -> None:
    with pytest.raises(DomainError):
        await got(url, anybodys)
