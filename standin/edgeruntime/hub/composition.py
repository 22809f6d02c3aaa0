"""One edge hub, put together: each part is made once, here, and given what it uses.

Another protocol for modules is one more in `protocols`. Another thing that goes over the link is one more in
`operations`, which are asked in this order what is to be sent next.
"""

from __future__ import annotations

from standin.edgeruntime.hub.certificate import ServerCertificate
from standin.edgeruntime.hub.domain.cloud_side import CloudSide
from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.messages.reader import MessageReader
from standin.edgeruntime.hub.domain.methods import Methods
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.module_side import ModuleSide
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.queues.upstream import UpstreamQueue
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.own_twin import OwnTwin
from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.edge_hub import EdgeHub
from standin.edgeruntime.hub.health import Health
from standin.edgeruntime.hub.housekeeping import Housekeeping
from standin.edgeruntime.hub.mqtt.server import MqttServer
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.cloud import Cloud
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.messages import Messages
from standin.edgeruntime.hub.upstream.methods import MethodCalls
from standin.edgeruntime.hub.upstream.presence import Presence
from standin.edgeruntime.hub.upstream.state import State
from standin.edgeruntime.hub.upstream.twins import Reports
from standin.edgeruntime.hub.workload import Workload


def compose(settings: Settings) -> EdgeHub:
    """Opens the store, and nothing else yet."""
    hub, device = settings.hub, settings.device
    metrics, link = Metrics(), Link(settings)
    store = Store(settings.store / "edgehub.db", durability=settings.durability)
    identities = Identities(hub, device, store)
    reader = MessageReader(device)
    queues = Queues(UpstreamQueue(store, metrics, reader, filled=link.wake), store, metrics)
    router = Router(device, reader, queues, store, metrics)
    twins = Twins(store, unsent=link.wake)
    own_twin = OwnTwin(device, twins, router)
    presence = Presence(link)
    connected = ConnectedModules(queues, changed=(presence.changed, own_twin.clients_changed))
    methods = Methods(connected)
    workload = Workload(settings.workload, identities=identities, trust_bundle=settings.trust_bundle)
    certificate = ServerCertificate(settings.certificate, settings.private_key)
    module_side = ModuleSide(identities, connected, queues, router, twins, methods, store, metrics)
    cloud_side = CloudSide(identities, twins, own_twin, connected, modules_changed=workload.serve)
    messages = Messages(link, queues.upstream, store, metrics)
    operations = [Reports(link, twins), messages, presence, MethodCalls(link, methods), State(cloud_side)]
    protocols = [MqttServer(module_side, hub, device, store, address=settings.mqtt_address, tls=certificate.context)]
    return EdgeHub(
        settings=settings,
        metrics=metrics,
        store=store,
        identities=identities,
        router=router,
        queues=queues,
        twins=twins,
        own_twin=own_twin,
        module_side=module_side,
        workload=workload,
        certificate=certificate,
        link=link,
        cloud=Cloud(operations),
        messages=messages,
        protocols=protocols,
        health=Health(device, identities, connected, queues, link, store, metrics),
        housekeeping=Housekeeping(connected, identities, queues, certificate, protocols),
    )
