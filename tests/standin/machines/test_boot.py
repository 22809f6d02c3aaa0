"""A machine in Docker, from user data to a device that is on: the program's own files, and nothing by hand.

One machine for the file, in the order of its life.
"""

from __future__ import annotations

import json

import docker
import pytest

from tests.standin.machines.conftest import METADATA, VAULT_HOST, Booted

pytestmark = pytest.mark.docker

# everything that a leak could be found in: logs, the journal, cloud-init's folders, each process's command line
_SEARCH = """
journalctl --no-pager > /run/journal
for place in /var/log /var/lib/cloud /etc /run/journal /run/cloud-init /var/lib/waagent /var/lib/edgeway /tmp; do
  grep -rlaF -e "$KEY" -e "$TOKEN" "$place" 2> /dev/null
done
for line in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < "$line" | grep -F -e "$KEY" > /dev/null && echo "$line"; done
exit 0
"""


def test_the_machine_became_the_device_by_itself(booted: Booted) -> None:
    assert "status: done" in booted.sh("cloud-init status --wait")
    serial = booted.world.serial(booted.spec)
    for words in ("edgeway: waiting, identity: 404", "edgeway: waiting, secret: 403", "edgeway: ok, key "):
        assert words in serial, serial[-3000:]
    assert booted.sh("systemctl --failed --no-legend").strip() == ""
    assert booted.sh("iotedge list").splitlines()[0].split() == ["NAME", "STATUS", "DESCRIPTION", "Config"]


def test_files_are_their_daemons_own(booted: Booted) -> None:
    said = booted.sh(
        "stat -c '%U %a %s' /var/secrets/aziot/keyd/device-id /var/secrets/aziot/keyd /etc/aziot/config.toml; "
        "stat -c '%U %a' /etc/aziot/*d/config.d/00-super.toml"
    ).splitlines()
    assert said[0] == "aziotks 600 32" and said[1].startswith("aziotks 700") and said[2].startswith("root 600")
    assert said[3:] == ["aziotcs 600", "iotedge 600", "aziotid 600", "aziotks 600", "aziottpm 600"]
    assert len(booted.sh("apt-mark showhold").split()) == 4


def test_its_checks_are_answered_in_json(booted: Booted) -> None:
    found = json.loads(booted.sh("iotedge check -o json"))["checks"]
    bad = {name: one["result"] for name, one in found.items() if one["result"]["result"] not in ("ok", "warning")}
    assert bad == {} and found["host-connect-iothub-https"]["result"] == {"result": "ok"}


def test_neither_key_nor_token_lies_where_others_look(booted: Booted) -> None:
    """The search itself finds what is planted."""
    key = booted.world.key
    found = booted.sh("echo $KEY > /tmp/planted\n" + _SEARCH, KEY=key, TOKEN="eyJhbGciOi")
    assert found.split() == ["/tmp/planted"]
    inspected = docker.from_env().api.inspect_container(booted.world.name(booted.spec))
    assert key not in json.dumps(inspected) and key not in booted.world.serial(booted.spec)
    assert not [line for line in booted.world.answers if key in line]


def test_a_command_gets_its_parameters_and_gives_its_end_and_both_streams(booted: Booted) -> None:
    done = booted.world.run(booted.spec, 'echo "$A $(id -un)"; echo no >&2; exit 3', A="1 2")
    assert (done.exit_code, done.stdout, done.stderr) == (3, "1 2 root\n", "no\n")
    assert booted.world.run(booted.spec, "#!/usr/bin/python3\nprint(2 + 2)").stdout == "4\n"


def test_the_machine_reaches_azures_names_and_nothing_else(booted: Booted) -> None:
    asked = (
        "curl -s -o /dev/null -m 5 -w '%{http_code} ' https://{name}/; "
        "curl -s -o /dev/null -m 5 -w '%{http_code} ' http://{name}/; true"
    )
    assert booted.sh(asked.replace("{name}", "management.azure.com")).split()[0] != "000"
    for name in ("standin.edgeway.internal", "172.17.0.1", "deb.debian.org"):
        assert set(booted.sh(asked.replace("{name}", name)).split()) <= {"000", "404"}
    surface = "curl -s -m 5 -w '%{http_code}' -o /dev/null -H 'Host: standin.edgeway.internal' http://168.63.129.16"
    assert booted.sh(f"{surface}/_standin/resources") in ("401", "404")


def test_a_restart_asks_the_vault_for_nothing(booted: Booted) -> None:
    before = len(booted.world.asked(VAULT_HOST)), len(booted.world.asked(METADATA))
    booted.world.standin.wait_for(booted.world.machines.restart(booted.spec.vm_id))
    assert booted.world.device()["power"] == "off"
    booted.world.until_on()
    assert "running" in booted.sh("iotedge system status; iotedge list")
    assert (len(booted.world.asked(VAULT_HOST)), len(booted.world.asked(METADATA))) == before


def test_what_is_deleted_leaves_nothing(booted: Booted) -> None:
    machines, label = booted.world.machines, {"label": f"edgeway.machine={booted.spec.vm_id}"}
    folder = machines._doors.folder(booted.spec.vm_id)
    booted.world.standin.wait_for(machines.stop(booted.spec.vm_id))
    assert booted.world.state(booted.spec) == "stopped" and booted.world.device()["power"] == "off"
    booted.world.standin.wait_for(machines.delete(booted.spec.vm_id))
    assert booted.world.state(booted.spec) == "gone" and not folder.exists()
    assert docker.from_env().containers.list(all=True, filters=dict(label)) == []
    assert booted.world.standin.wait_for(machines.inventory()) == []
