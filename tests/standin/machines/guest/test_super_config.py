"""What `iotedge config apply` takes, and what it says of what it does not."""

from __future__ import annotations

import pytest

from edge.machine.edge_config import EdgeConfig, config_toml
from standin.machines.guest.super_config import ConfigError, parse

OURS = config_toml(
    EdgeConfig(hub_host="hub.azure-devices.net", device_id="edge-01", key_file="/k", agent_image="a:1"), "a test"
)
MANUAL = '[provisioning]\nsource = "manual"\n'


def test_our_own_config_is_taken() -> None:
    assert parse(OURS.encode())["provisioning"]["device_id"] == "edge-01"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[edge_ca]", "hostnam = 1\n[edge_ca]", "provisioning.authentication.hostnam: unknown key"),
        ("# Made", 'hostnam = "x"\n# Made', "hostnam: unknown key; known: additional_info"),
        ('image = "a:1"', 'image = "a:1"\nimage2 = 3', "agent.config.image2: unknown key"),
        ('"sas"', '"saas"', "authentication.method: 'saas' is not sas"),
        ('"1d"', '"1h"', "cleanup_recurrence: '1h' is not a multiple of days"),
        ('"03:00"', '"25:99"', "cleanup_time: '25:99' is not a time of day"),
        ('"on-create"', '"Always"', "imagePullPolicy: 'Always' is not on-create or never"),
        ("file:///k", "/k", "device_id_pk.uri: '/k' is no URL of file://"),
        ("auto_generated_edge_ca_expiry_days = 365", "auto_generated_edge_ca_expiry_days = 0", "at least 1 is wanted"),
        ('device_id = "edge-01"', "", "missing field `device_id` in [provisioning]"),
        ("[edge_ca]", "[edge_ca", "could not parse config file"),
    ],
)
def test_what_is_not_known_or_wrong_is_refused_by_its_key(old: str, new: str, words: str) -> None:
    assert old in OURS
    with pytest.raises(ConfigError) as refused:
        parse(OURS.replace(old, new).encode())
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        MANUAL + 'connection_string = "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=AAAA"',
        OURS.replace('{ uri = "file:///k" }', '{ value = "AAAA" }'),
        OURS.replace("[edge_ca]\nauto_generated_edge_ca_expiry_days = 365", '[edge_ca]\ncert = "file:///c"\npk = "file:///p"'),
        'trust_bundle_cert = "file:///t"\n' + OURS,
    ],
    ids=["connection string", "inline key", "a CA of one's own", "a trust bundle"],
)  # fmt: skip
def test_other_ways_that_the_template_shows_are_taken(text: str) -> None:
    assert parse(text.encode())["provisioning"]["source"] == "manual"


def test_a_key_is_shown_by_no_refusal() -> None:
    for text in (
        MANUAL + 'connection_string = "HostName=h;SharedAccessKey=canary"',
        OURS.replace('{ uri = "file:///k" }', '{ value = "canary!" }'),
        OURS.replace('{ uri = "file:///k" }', '"canary"'),
    ):
        with pytest.raises(ConfigError) as refused:
            parse(text.encode())
        assert "canary" not in str(refused.value)
