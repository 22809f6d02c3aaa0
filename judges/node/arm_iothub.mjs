// @azure/arm-iothub: a hub in Azure Resource Manager, from its making to its end; the other judges of the hub stand on it.
import { IotHubClient } from "@azure/arm-iothub";
import { ResourceManagementClient } from "@azure/arm-resources";
import { DefaultAzureCredential } from "@azure/identity";

import { Judge, all } from "./judge.mjs";

export const GROUP = "rg-judges-node";
export const REGION = "westeurope";
export const SUBSCRIPTION = process.env.AZURE_SUBSCRIPTION_ID;
export const credential = new DefaultAzureCredential();
const HUB = "judgednode";

export async function stringsOf(client) {
  const { primaryKey } = await client.iotHubResource.getKeysForKeyName(GROUP, HUB, "iothubowner");
  const { properties } = await client.iotHubResource.get(GROUP, HUB);
  const { endpoint, path } = properties.eventHubEndpoints.events;
  return {
    host: properties.hostName,
    connectionString: `HostName=${properties.hostName};SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`,
    events: `Endpoint=${endpoint};SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey};EntityPath=${path}`,
  };
}

export async function judgeHubInArm(strings) {
  const judge = new Judge("npm @azure/arm-iothub");
  await judge.canFail();
  await new ResourceManagementClient(credential, SUBSCRIPTION).resourceGroups.createOrUpdate(GROUP, { location: REGION });
  const client = new IotHubClient(credential, SUBSCRIPTION);
  const hubs = client.iotHubResource;
  const hub = { location: REGION, sku: { name: "S1", capacity: 1 }, tags: { by: "judge" } };
  await judge.passes("checkNameAvailability of a free name", () => hubs.checkNameAvailability({ name: HUB }), (r) => r.nameAvailable === true);
  await judge.passes("createOrUpdate", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, hub), (r) => r.properties.state === "Active" && r.properties.eventHubEndpoints.events.partitionCount > 0);
  await judge.passes("checkNameAvailability of a taken name", () => hubs.checkNameAvailability({ name: HUB }), (r) => r.nameAvailable === false && r.reason === "AlreadyExists");
  await judge.passes("get", () => hubs.get(GROUP, HUB), (r) => r.sku.name === "S1" && r.tags.by === "judge" && r.properties.hostName.startsWith(HUB));
  await judge.answers("get what is not there", "404", () => hubs.get(GROUP, "nobody"));
  await judge.passes("listByResourceGroup", () => all(hubs.listByResourceGroup(GROUP)), (r) => r.length === 1);
  await judge.passes("listBySubscription", () => all(hubs.listBySubscription()), (r) => r.some((one) => one.name === HUB));
  await judge.passes("update tags", () => hubs.beginUpdateAndWait(GROUP, HUB, { tags: { by: "judge", ring: "1" } }), (r) => r.tags.ring === "1");
  await judge.passes("createOrUpdate with its etag", async () => { const now = await hubs.get(GROUP, HUB); return hubs.beginCreateOrUpdateAndWait(GROUP, HUB, now, { ifMatch: now.etag }); }, (r) => r.name === HUB);
  await judge.answers("createOrUpdate with an old etag", "412", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, hub, { ifMatch: "AAAAAAAAAAE=" }));
  await judge.passes("createOrUpdate without a fallback route turns it off", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, hub), (r) => r.properties.routing.fallbackRoute.isEnabled === false);
  const fallback = { name: "$fallback", source: "DeviceMessages", condition: "true", endpointNames: ["events"], isEnabled: true };
  await judge.passes("createOrUpdate with it turns it on", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, { ...hub, properties: { routing: { fallbackRoute: fallback } } }), (r) => r.properties.routing.fallbackRoute.isEnabled === true);
  await judge.answers("createOrUpdate elsewhere", "InvalidResourceLocation", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, { ...hub, location: "northeurope" }));
  await judge.answers("createOrUpdate as a free one", "400", () => hubs.beginCreateOrUpdateAndWait(GROUP, HUB, { ...hub, sku: { name: "F1", capacity: 1 } }));
  await judge.refuses("createOrUpdate with a Basic tier", "R-hub-arm", () => hubs.beginCreateOrUpdateAndWait(GROUP, "judgedbasic", { ...hub, sku: { name: "B1", capacity: 1 } }));
  await judge.refuses("createOrUpdate with a route of its own", "R-hub-arm", () => hubs.beginCreateOrUpdateAndWait(GROUP, "judgedroute", { ...hub, properties: { routing: { routes: [{ name: "r", source: "DeviceMessages", endpointNames: ["events"], isEnabled: true }] } } }));
  await judge.refuses("createOrUpdate with IP filters", "R-hub-arm", () => hubs.beginCreateOrUpdateAndWait(GROUP, "judgedfilter", { ...hub, properties: { ipFilterRules: [{ filterName: "f", action: "Accept", ipMask: "10.0.0.0/8" }] } }));
  await judge.passes("listKeys", () => all(hubs.listKeys(GROUP, HUB)), (r) => ["iothubowner", "service", "device", "registryRead", "registryReadWrite"].every((name) => r.some((one) => one.keyName === name)));
  await judge.passes("getKeysForKeyName", () => hubs.getKeysForKeyName(GROUP, HUB, "service"), (r) => r.rights === "ServiceConnect" && r.primaryKey.length > 40);
  await judge.passes("createEventHubConsumerGroup", () => hubs.createEventHubConsumerGroup(GROUP, HUB, "events", "monitor", { properties: { name: "monitor" } }), (r) => r.name === "monitor");
  await judge.passes("listEventHubConsumerGroups", () => all(hubs.listEventHubConsumerGroups(GROUP, HUB, "events")), (r) => r.some((one) => one.name === "$Default") && r.some((one) => one.name === "monitor"));
  await judge.passes("getEventHubConsumerGroup", () => hubs.getEventHubConsumerGroup(GROUP, HUB, "events", "monitor"), (r) => r.name === "monitor");
  await judge.passes("createEventHubConsumerGroup to delete", () => hubs.createEventHubConsumerGroup(GROUP, HUB, "events", "short", { properties: { name: "short" } }), (r) => r.name === "short");
  await judge.passes("deleteEventHubConsumerGroup", () => hubs.deleteEventHubConsumerGroup(GROUP, HUB, "events", "short"), () => true);
  await judge.answers("getEventHubConsumerGroup what is not there", "404", () => hubs.getEventHubConsumerGroup(GROUP, HUB, "events", "short"));
  await judge.passes("resourceProviderCommon.getSubscriptionQuota", () => client.resourceProviderCommon.getSubscriptionQuota(), (r) => r.value.length >= 1);
  await judge.refuses("getStats", "R-type", () => hubs.getStats(GROUP, HUB));
  await judge.refuses("listJobs", "R-type", () => all(hubs.listJobs(GROUP, HUB)));
  await judge.refuses("exportDevices", "R-type", () => hubs.exportDevices(GROUP, HUB, { exportBlobContainerUri: "https://x.blob.core.windows.net/c", excludeKeys: true }));
  await judge.refuses("importDevices", "R-type", () => hubs.importDevices(GROUP, HUB, { inputBlobContainerUri: "https://x.blob.core.windows.net/c", outputBlobContainerUri: "https://x.blob.core.windows.net/c" }));
  await judge.refuses("certificates.listByIotHub", "R-type", () => client.certificates.listByIotHub(GROUP, HUB));
  await judge.refuses("privateLinkResources.list", "R-type", () => client.privateLinkResourcesOperations.list(GROUP, HUB));
  return strings(client);
}
