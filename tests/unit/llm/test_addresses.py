"""Which addresses a connection may lead to."""

import ipaddress

import pytest

from shared.llm import http
from shared.llm.errors import ProviderError

NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fd00:ec2::254",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "::ffff:169.254.169.254",
]
LOOPBACK = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("name", ["local", "dev"])
@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_link_local_addresses_are_refused_everywhere(
    stage: pytest.MonkeyPatch, name: str, address: str
) -> None:
    stage.setenv("STAGE", name)
    assert not http.allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_is_allowed_in_the_local_stage_only(stage: pytest.MonkeyPatch, address: str) -> None:
    stage.setenv("STAGE", "dev")
    assert not http.allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", [*LOOPBACK, "10.0.0.5", "93.184.216.34"])
def test_a_laptop_may_call_itself_and_its_network(stage: pytest.MonkeyPatch, address: str) -> None:
    stage.setenv("STAGE", "local")
    assert http.allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ["ftp://host/v1", "file:///etc/passwd", "host:8080", "", "http://169.254.169.254/v1"])
def test_an_address_that_can_never_work_is_refused_when_entered(url: str) -> None:
    with pytest.raises(ProviderError):
        http.check_url(url)
