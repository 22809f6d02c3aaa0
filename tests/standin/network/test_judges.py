"""azure-mgmt-network, unmodified, with its own models, against a stand-in whose operations take polls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential

from standin.core.auth import SUBSCRIPTION_ID
from standin.core.profile import SLOW
from tests.standin.network.bodies import PLACE
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.slow  # its models take seconds to import

GROUP = "rg-network"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandin]:
    state = tmp_path_factory.mktemp("standin")
    profile = replace(SLOW, operation_polls=1)
    with (
        running_standin(state, profile=profile, services=("network",)) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        running.arm("PUT", f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}", PLACE)
        running.arm("PUT", f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}", PLACE).raise_for_status()
        yield running


def test_a_network_with_all_in_it_is_made_read_back_refused_and_deleted(slow: RunningStandin) -> None:
    from azure.mgmt.network import NetworkManagementClient

    with DefaultAzureCredential() as credential, NetworkManagementClient(credential, SUBSCRIPTION_ID) as client:
        _make(client)
        nic = client.network_interfaces.get(GROUP, "nic")
        assert nic.ip_configurations[0].private_ip_address == "10.20.0.4"
        assert client.public_ip_addresses.get(GROUP, "pip").ip_configuration.id == nic.ip_configurations[0].id
        with pytest.raises(HttpResponseError) as refused:
            client.network_security_groups.begin_delete(GROUP, "nsg", polling_interval=0)
        assert refused.value.error is not None
        assert refused.value.error.code == "InUseNetworkSecurityGroupCannotBeDeleted"
        for delete, name in (
            (client.network_interfaces.begin_delete, "nic"),
            (client.virtual_networks.begin_delete, "net"),
            (client.public_ip_addresses.begin_delete, "pip"),
            (client.network_security_groups.begin_delete, "nsg"),
        ):
            delete(GROUP, name, polling_interval=0).result()
        assert list(client.network_interfaces.list(GROUP)) == []


def _make(client: Any) -> None:
    from azure.mgmt.network import models as typed

    models: Any = typed  # what is flattened its stubs do not know
    where = PLACE["location"]
    group = models.NetworkSecurityGroup(location=where)
    nsg = client.network_security_groups.begin_create_or_update(GROUP, "nsg", group, polling_interval=0).result()
    assert [one.priority for one in nsg.default_security_rules] == [65000, 65001, 65500] * 2
    sku = models.PublicIPAddressSku(name="Standard", tier="Regional")
    address = models.PublicIPAddress(location=where, sku=sku, public_ip_allocation_method="Static")
    pip = client.public_ip_addresses.begin_create_or_update(GROUP, "pip", address, polling_interval=0).result()
    subnet = models.Subnet(
        name="edge", address_prefix="10.20.0.0/27", network_security_group=nsg, default_outbound_access=False
    )
    space = models.AddressSpace(address_prefixes=["10.20.0.0/24"])
    network = models.VirtualNetwork(location=where, address_space=space, subnets=[subnet])
    poller = client.virtual_networks.begin_create_or_update(GROUP, "net", network, polling_interval=0)
    assert poller.status() == "InProgress"
    net = poller.result()
    assert (net.provisioning_state, net.subnets[0].default_outbound_access) == ("Succeeded", False)
    configuration = models.NetworkInterfaceIPConfiguration(
        name="ip", subnet=net.subnets[0], public_ip_address=pip, private_ip_allocation_method="Dynamic"
    )
    interface = models.NetworkInterface(location=where, ip_configurations=[configuration])
    client.network_interfaces.begin_create_or_update(GROUP, "nic", interface, polling_interval=0).result()
