"""What lies on a machine, read back as its readers do."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import yaml

from edge.machine import provision as program
from edge.machine.cloud_init import MOST_BYTES, cloud_init
from edge.machine.edge_config import EdgeConfig, config_toml
from edge.machine.files import KeyFile, Machine, VaultSecret, machine_files
from edge.machine.pins import EDGE_VERSION, MICROSOFT_KEY, MOBY_VERSIONS
from edge.machine.surroundings import Surroundings
from tests.edge.machine.iotedge_config import IotedgeConfig

VM = Machine(
    hub_host="iot-1.azure-devices.net",
    device_id="vm-01",
    key=VaultSecret(vault="kv-1", secret="device-vm-01", client_id="c-1"),
    made_by="pulumi up",
)
OWN = replace(VM, key=KeyFile(path="/etc/edgeway/device.key"))


def contents(machine: Machine) -> dict[str, str]:
    return {file.path: file.content for file in machine_files(machine)}


def settings(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(contents(machine)["/etc/edgeway/machine.json"])
    return found


def test_user_data_is_yaml_that_holds_every_file_as_it_is() -> None:
    text = cloud_init(machine_files(VM))
    document = yaml.safe_load(text)

    assert text.startswith("#cloud-config\n")
    assert {file["path"]: file["content"] for file in document["write_files"]} == contents(VM)
    modes = {file["path"]: file["permissions"] for file in document["write_files"]}
    assert modes["/etc/aziot/config.toml"] == "0600"
    assert modes["/usr/local/sbin/edgeway-provision"] == "0700"
    assert document["runcmd"][0] == "set -e"
    assert "packages" not in document, "one transaction for all of them fails"


def test_user_data_has_room_and_is_the_same_each_time() -> None:
    text = cloud_init(machine_files(replace(VM, gpu=True, elevated=True)))
    assert len(text.encode()) < MOST_BYTES // 2
    assert text == cloud_init(machine_files(replace(VM, gpu=True, elevated=True)))


@pytest.mark.parametrize("machine", [VM, OWN, replace(VM, hostname="line-1", elevated=True, edge_ca_days=30)])
def test_config_toml_is_what_iotedge_reads(machine: Machine) -> None:
    config = msgspec.convert(tomllib.loads(contents(machine)["/etc/aziot/config.toml"]), IotedgeConfig)

    assert config.hostname == machine.hostname
    assert config.edge_ca.auto_generated_edge_ca_expiry_days == machine.edge_ca_days
    assert config.allow_elevated_docker_permissions is machine.elevated
    assert config.provisioning.authentication.device_id_pk.uri == f"file://{program.KEY}"


def test_a_text_of_config_toml_cannot_end_its_line() -> None:
    config = EdgeConfig(hub_host='h"\nx = "', device_id="d", key_file="/k", agent_image="a:1")
    provisioning = tomllib.loads(config_toml(config, "nobody"))["provisioning"]
    assert provisioning["iothub_hostname"] == 'h"\nx = "'


@pytest.mark.parametrize("ubuntu", ["22.04", "24.04"])
def test_packages_are_pinned_and_the_engine_comes_before_what_looks_for_it(ubuntu: Any) -> None:
    engine, edge = settings(replace(VM, ubuntu=ubuntu))["packages"]

    assert engine == [f"{name}={MOBY_VERSIONS[ubuntu]}" for name in ("moby-engine", "moby-cli")]
    assert edge == [f"{name}={EDGE_VERSION}" for name in ("aziot-identity-service", "aziot-edge")]
    major, minor = map(int, re.match(r"(\d+)\.(\d+)", MOBY_VERSIONS[ubuntu]).groups())  # type: ignore[union-attr]
    assert major == 28 or (major, minor) >= (29, 5), "Docker's API refuses the runtime between them"


def test_a_gpu_brings_a_signed_driver_and_a_pinned_toolkit_before_the_engine_starts() -> None:
    with_gpu = settings(replace(VM, gpu=True))
    driver, toolkit, *rest = with_gpu["packages"]

    assert with_gpu["gpu"] and [one["name"] for one in with_gpu["repositories"]] == ["microsoft", "nvidia"]
    assert "linux-modules-nvidia-580-server-azure" in driver
    assert all("=" in package for package in toolkit)
    assert rest == settings(VM)["packages"]
    daemon = json.loads(contents(replace(VM, gpu=True))["/etc/docker/daemon.json"])
    assert daemon["runtimes"]["nvidia"]["path"] == "nvidia-container-runtime"


def test_the_key_is_asked_of_the_vault_by_the_machines_own_identity() -> None:
    key = settings(VM)["key"]
    asked = parse_qs(urlsplit(key["token"]).query)

    assert key["token"].startswith("http://169.254.169.254/metadata/identity/oauth2/token?")
    assert (asked["client_id"], asked["resource"]) == (["c-1"], ["https://vault.azure.net"])
    assert key["secret"] == "https://kv-1.vault.azure.net/secrets/device-vm-01?api-version=7.4"
    assert settings(OWN)["key"] == {"file": "/etc/edgeway/device.key"}


def test_modules_reach_no_metadata_service_on_a_machine_in_azure() -> None:
    drop_in = contents(VM)["/etc/systemd/system/docker.service.d/edgeway.conf"]
    rules = [line for line in drop_in.splitlines() if line.startswith("ExecStartPost=/bin/sh")]

    assert len(rules) == 2 and all("DOCKER-USER" in rule and "-j DROP" in rule for rule in rules)
    assert "-d 169.254.169.254 -j DROP" in rules[0]
    assert "--dports 80,32526" in rules[1], "its name service stays reachable"
    assert not any("docker.service.d" in path for path in contents(OWN))


def test_modules_fill_no_disk() -> None:
    daemon = json.loads(contents(VM)["/etc/docker/daemon.json"])
    assert (daemon["log-driver"], daemon["log-opts"]) == ("local", {"max-size": "10m", "max-file": "3"})
    assert daemon["live-restore"] is True and daemon["dns"] == ["168.63.129.16"]
    assert "dns" not in json.loads(contents(OWN)["/etc/docker/daemon.json"])


def test_units_run_the_program_until_it_succeeds_and_ask_no_vault_after_a_restart() -> None:
    units = {path.rpartition("/")[2]: text for path, text in contents(VM).items() if path.startswith("/etc/systemd")}

    assert f"ExecStart={_program_path()}\n" in units["edgeway-provision.service"]
    assert "Restart=on-failure\n" in units["edgeway-provision.service"]
    assert "StartLimitIntervalSec=0\n" in units["edgeway-provision.service"]
    assert "[Install]" not in units["edgeway-provision.service"], "it would ask the vault at each start"
    assert f"ConditionPathExists=!{program.APPLIED}\n" in units["edgeway-first.service"]


def _program_path() -> str:
    (path,) = [path for path, text in contents(VM).items() if text.startswith("#!/usr/bin/python3\n")]
    return path


def test_the_program_reads_the_files_that_are_written() -> None:
    assert {str(program.SETTINGS), str(program.CONFIG)} <= contents(VM).keys()


def test_the_environment_says_where_packages_come_from() -> None:
    there = Surroundings.of(
        {"EDGEWAY_MACHINE_PACKAGES": "https://mirror.example", "EDGEWAY_MACHINE_PACKAGES_KEY": "AB", "HOME": "/x"}
    )
    (microsoft,) = settings(replace(VM, surroundings=there))["repositories"]

    assert microsoft == {
        "name": "microsoft",
        "key": "https://mirror.example/keys/microsoft.asc",
        "fingerprint": "AB",
        "line": "https://mirror.example/ubuntu/24.04/prod noble main",
    }
    assert Surroundings.of({"EDGEWAY_MACHINE_PACKAGES": ""}) == Surroundings()
    assert settings(VM)["repositories"][0]["fingerprint"] == MICROSOFT_KEY
