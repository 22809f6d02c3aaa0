"""Composition of the stand-in: its services are built and handed to each other here, nothing is decided.

To add a service, import its folder and add a line to `all_parts`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from standin import (
    authorization,
    blob,
    compute,
    containerinstance,
    containerregistry,
    containerservice,
    edgeruntime,
    entra,
    graph,
    insights,
    iothub,
    keyvault,
    kubernetesconfiguration,
    machinelearning,
    machines,
    managedidentity,
    network,
    offers,
    operationalinsights,
)
from standin.control import (
    ControlAccess,
    ControlHandlers,
    ControlService,
    FaultHandlers,
    Inventories,
    Reset,
    control_service,
)
from standin.core.arm.groups import ResourceGroup
from standin.core.arm.http.service import ArmService
from standin.core.arm.kind_table import KindTable
from standin.core.environment import write_files
from standin.core.http import Service
from standin.core.part import Part, by_claim, merged
from standin.core.serving.fronts import Fronts
from standin.core.serving.listeners import Listener, bind, is_local
from standin.core.serving.proxy import Proxy
from standin.core.serving.server import Application
from standin.core.serving.throttling import Throttle
from standin.foundation import Foundation
from standin.machinelearning import jobs, online
from standin.machinelearning.image_pulls import ImagePulls


def all_parts(base: Foundation) -> list[Part]:
    """In the order in which their services start; they stop the other way round."""
    arm, store, clock, roles, issuer = base.arm, base.store, base.clock, base.roles, base.issuer
    blobs = blob.Blobs(store, clock, base.state / "blob")
    delegation = blob.Delegation(store, clock)
    registry_keys = containerregistry.Keys(base.state / "registry" / ".keys")
    registries = containerregistry.Registries(arm, registry_keys, store=store, clock=clock, roles=roles, issuer=issuer)
    registry_processes = containerregistry.RegistryProcesses(arm, registry_keys, base.ports, base.state / "registry")
    groups = _container_groups(base, registries)
    nodes = machinelearning.Nodes(arm, store, clock, base.profile)
    means = _means_of_jobs(base, blobs, registries, nodes)
    routers = _routers(base)
    hubs = iothub.Hubs(store, clock, base.profile, base.state / "iothub")
    links = edgeruntime.Links(hubs, base.faults)
    fleet = _fleet(base, hubs, links)
    around = _machines(base, fleet)
    return [
        entra.part(issuer, store, clock, base.directory),
        graph.part(arm, base.directory),
        authorization.part(arm, store, clock, roles, base.directory),
        offers.part(arm, hubs.has_name),
        managedidentity.part(),
        network.part(arm),
        operationalinsights.part(arm),
        insights.part(arm),
        blob.part(arm, blobs, roles, clock, delegation),
        containerregistry.part(arm, registries, registry_processes, store=store, clock=clock, profile=base.profile),
        containerinstance.part(groups),
        keyvault.part(arm, store, roles, clock),
        containerservice.part(arm, roles),
        kubernetesconfiguration.part(arm, routers),
        machinelearning.part(
            arm, blobs, delegation, roles, nodes, clock, routers=routers, jobs=jobs.Jobs(means), logged=means.logged
        ),
        _online(base, blobs, registries, nodes, routers),
        iothub.part(hubs, arm, roles, clock, base.profile),
        edgeruntime.part(fleet, links, base.faults),
        *around.parts,
        compute.part(arm, store, clock, compute.VirtualMachines(arm, around.machines)),
    ]


def _routers(base: Foundation) -> kubernetesconfiguration.Routers:
    key_file = base.state / "kubernetesconfiguration.key"
    return kubernetesconfiguration.Routers(
        base.arm, base.authority, key_file, Fronts(base.ports.tls), base.docker.instance
    )


def _online(
    base: Foundation,
    blobs: blob.Blobs,
    registries: containerregistry.Registries,
    nodes: machinelearning.Nodes,
    routers: kubernetesconfiguration.Routers,
) -> Part:
    return online.part(
        base.arm,
        blobs,
        registries,
        nodes.quotas,
        store=base.store,
        clock=base.clock,
        roles=base.roles,
        docker=base.docker,
        routers=routers,
    )


def _container_groups(base: Foundation, registries: containerregistry.Registries) -> containerinstance.ContainerGroups:
    return containerinstance.ContainerGroups(
        docker=base.docker,
        store=base.store,
        clock=base.clock,
        arm=base.arm,
        registries=registries,
        key_file=base.state / "containerinstance.key",
    )


def _means_of_jobs(
    base: Foundation, blobs: blob.Blobs, registries: containerregistry.Registries, nodes: machinelearning.Nodes
) -> jobs.Means:
    return jobs.Means(
        arm=base.arm,
        clock=base.clock,
        docker=base.docker,
        nodes=nodes,
        records=jobs.Records(base.store),
        logged=jobs.Logged(base.store),
        images=jobs.JobImages(base.arm, ImagePulls(base.docker, registries)),
        files=jobs.Files(blobs, blob.Accounts(base.arm), base.roles),
        locations=jobs.Locations(base.arm),
        blobs=blobs,
        tracking=jobs.Tracking(tls_port=base.ports.tls, ca_pem=base.authority.ca_pem),
    )


def _fleet(base: Foundation, hubs: iothub.Hubs, links: edgeruntime.Links) -> edgeruntime.Fleet:
    factory = edgeruntime.DeviceFactory(
        links,
        docker=base.docker,
        store=base.store,
        clock=base.clock,
        authority=base.authority,
        faults=base.faults,
        cloud_port=base.ports.tls,
        folder=base.state / "edge",
    )
    return edgeruntime.Fleet(hubs, factory, base.docker, base.faults)


def _machines(base: Foundation, fleet: edgeruntime.Fleet) -> machines.MachinesAndSurroundings:
    return machines.MachinesAndSurroundings(
        arm=base.arm,
        store=base.store,
        clock=base.clock,
        issuer=base.issuer,
        docker=base.docker,
        authority=base.authority,
        devices=edgeruntime.HostedDevices(fleet),
        folder=base.state / "machines",
    )


class Standin:
    """Parts behind four ports."""

    def __init__(self, base: Foundation, parts: Sequence[Part]) -> None:
        self.base = base
        arm_service = _arm_service(base, parts)
        throttle = Throttle(base.store, base.profile)
        control = _control(base, parts, arm_service, throttle)
        self.arm_service = arm_service
        self.kinds = [kind for part in parts for kind in part.kinds]
        self._services = [*(part.service for part in parts if part.service is not None), arm_service]
        _refuse_two_claims(parts, self._services, control)
        self.application = Application(
            self._services, control, faults=base.faults, throttle=throttle, issuer=base.issuer
        )
        served = _served(parts, [*self._services, control])
        for opens in (part.opens for part in parts if part.opens is not None):
            opens(self.application, served)
        self._environment = merged(part.environment for part in parts)
        self._tls = Listener(self.application, base.authority)
        self._plain = Listener(self.application)
        self._proxy = Proxy(base.ports.tls, served, merged(part.tunnels for part in parts))
        self._started: list[Service] = []
        self._bound: list[socket.socket] = []

    async def start(self, *, docker: bool = True) -> None:
        """Takes the ports (PortTaken before anything else), starts the services, then answers.

        What connects meanwhile waits in the sockets' backlog, so whoever gets an answer finds all services running.
        """
        if docker:
            await self.base.docker.discover()
        proxy, tls, plain = self._bind()
        for service in self._services:
            self._started.append(service)
            await service.start()
        write_files(self.base.state, self.base.issuer, self.base.authority, self.base.ports, self._environment)
        await self._tls.start(tls)
        await self._plain.start(plain)
        await self._proxy.start(proxy)

    async def stop(self) -> None:
        """Also after a start that failed. Each is ended, whatever another one raises."""
        async with AsyncExitStack() as ends:  # the last first
            ends.push_async_callback(self.base.close)
            for bound in self._bound:
                ends.callback(bound.close)
            for listener in (self._plain, self._tls, self._proxy):
                ends.push_async_callback(listener.stop)
            # both before either is waited for: each looks ten times a second whether it should end
            ends.callback(self._tls.end)
            ends.callback(self._plain.end)
            for service in self._started:
                ends.push_async_callback(service.stop)

    def _bind(self) -> tuple[list[socket.socket], list[socket.socket], list[socket.socket]]:
        ports, bridge = self.base.ports, self.base.docker.bridge_address
        proxy = [self._bound_to("127.0.0.1", ports.proxy, "the CONNECT proxy")]
        tls = [self._bound_to("127.0.0.1", ports.tls, "the TLS server")]
        plain = [self._bound_to("127.0.0.1", ports.plain, "the control surface")]
        if bridge and is_local(bridge):
            proxy.append(self._bound_to(bridge, ports.proxy, "the CONNECT proxy of containers"))
            tls.append(self._bound_to(bridge, ports.tls, "the TLS server of containers"))
        return proxy, tls, plain

    def _bound_to(self, address: str, port: int, use: str) -> socket.socket:
        self._bound.append(bind(address, port, use))
        return self._bound[-1]


def _refuse_two_claims(parts: Sequence[Part], services: Sequence[Service], control: Service) -> None:
    """ValueError where two have one name, host or route: the first would answer, and the other be silent."""
    merged({part.name: part} for part in parts)
    merged({host.lower(): service for host in service.hosts} for service in [*services, control])
    merged(by_claim(route for part in parts for route in part.arm_routes))
    merged(by_claim(control.routes))


def _arm_service(base: Foundation, parts: Sequence[Part]) -> ArmService:
    return ArmService(
        base.arm,
        KindTable([ResourceGroup(), *(kind for part in parts for kind in part.kinds)]),
        [route for part in parts for route in part.arm_routes],
        store=base.store,
        clock=base.clock,
        profile=base.profile,
        roles=base.roles,
    )


def _control(base: Foundation, parts: Sequence[Part], arm_service: ArmService, throttle: Throttle) -> ControlService:
    of_parts = merged(part.inventories for part in parts)
    handlers = ControlHandlers(
        Inventories(base.arm, arm_service, base.docker, of_parts),
        Reset(arm_service, base.faults, throttle, base.clock),
        clock=base.clock,
        docker=base.docker,
        ports=base.ports,
        profile=base.profile,
    )
    return control_service(parts, handlers, FaultHandlers(base.faults), ControlAccess(base.issuer.control_token()))


def _served(parts: Sequence[Part], services: Sequence[Service]) -> Callable[[], Sequence[str]]:
    """Azure's names; loopback, where Docker finds registries, is not among them."""
    refused = [host for part in parts for host in part.refused_hosts]

    def served() -> list[str]:
        return [*(host for service in services for host in service.hosts if not host.startswith("127.")), *refused]

    return served
