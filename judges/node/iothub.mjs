// azure-iothub: what a back end does with a hub.
import iothub from "azure-iothub";
import common from "azure-iot-common";
import amqpWs from "azure-iothub/dist/amqp_ws.js";

import { Judge } from "./judge.mjs";

const { Client, JobClient, Registry } = iothub;
const BASE = {
  modulesContent: {
    $edgeAgent: {
      "properties.desired": {
        schemaVersion: "1.1",
        runtime: { type: "docker", settings: {} },
        systemModules: {
          edgeAgent: { type: "docker", settings: { image: "mcr.microsoft.com/azureiotedge-agent:1.5" } },
          edgeHub: {
            type: "docker", status: "running", restartPolicy: "always",
            settings: { image: "mcr.microsoft.com/azureiotedge-hub:1.5" },
          },
        },
        modules: {},
      },
    },
    $edgeHub: { "properties.desired": { schemaVersion: "1.1", routes: {}, storeAndForwardConfiguration: { timeToLiveSecs: 7200 } } },
  },
};

export async function judgeIotHub(connectionString) {
  const judge = new Judge("npm azure-iothub");
  await judge.canFail();
  const registry = Registry.fromConnectionString(connectionString);
  await identities(judge, registry);
  await modules(judge, registry);
  await twins(judge, registry);
  await queries(judge, registry);
  await configurations(judge, registry);
  await methods(judge, Client.fromConnectionString(connectionString));
  await bulk(judge, registry);
  await jobs(judge, registry, JobClient.fromConnectionString(connectionString));
  await messages(judge, connectionString);
  await rights(judge, connectionString);
}

// azure-iothub answers a pair; which names it has depends on the call
const body = (result) => result.responseBody ?? result.result ?? result;

async function identities(judge, registry) {
  await judge.passes("registry.create a device", () => registry.create({ deviceId: "n1" }), (r) => body(r).authentication.symmetricKey.primaryKey.length > 40);
  await judge.passes("registry.create an edge device", () => registry.create({ deviceId: "edge1", capabilities: { iotEdge: true } }), (r) => body(r).capabilities.iotEdge === true && body(r).deviceScope.startsWith("ms-azure-iot-edge://edge1-"));
  await judge.passes("registry.create a disabled device", () => registry.create({ deviceId: "n2", status: "disabled", statusReason: "in stock" }), (r) => body(r).status === "disabled" && body(r).statusReason === "in stock");
  const keys = { primaryKey: Buffer.alloc(32, 1).toString("base64"), secondaryKey: Buffer.alloc(32, 2).toString("base64") };
  await judge.passes("registry.create with keys of one's own", () => registry.create({ deviceId: "n3", authentication: { symmetricKey: keys } }), (r) => body(r).authentication.symmetricKey.primaryKey === keys.primaryKey);
  await judge.answers("registry.create what is there", "DeviceAlreadyExists", () => registry.create({ deviceId: "n1" }));
  await judge.answers("registry.create with one key", "400", () => registry.create({ deviceId: "n4", authentication: { symmetricKey: { primaryKey: keys.primaryKey } } }));
  await judge.answers("registry.create with a bad id", "400", () => registry.create({ deviceId: "a b" }));
  await judge.refuses("registry.create with an X.509 thumbprint", "R-hub-x509", () => registry.create({ deviceId: "x1", authentication: { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "A".repeat(40), secondaryThumbprint: "B".repeat(40) } } }));
  await judge.refuses("registry.create with a certificate authority", "R-hub-x509", () => registry.create({ deviceId: "x2", authentication: { type: "certificateAuthority" } }));
  await judge.passes("registry.get", () => registry.get("n1"), (r) => body(r).deviceId === "n1" && body(r).connectionState === "Disconnected");
  await judge.passes("registry.get in another case is another device", () => registry.get("N1").then(() => false, (e) => e.message), (v) => String(v).includes("Not Found") || String(v).includes("not") || v === false);
  await judge.answers("registry.get what is not there", "DeviceNotFound", () => registry.get("nobody"));
  await judge.passes("registry.list", () => registry.list(), (r) => body(r).length >= 4);
  await judge.passes("registry.update disables", () => registry.update({ deviceId: "n1", status: "disabled", statusReason: "lost" }), (r) => body(r).status === "disabled");
  await judge.passes("registry.update enables again", () => registry.update({ deviceId: "n1", status: "enabled" }), (r) => body(r).status === "enabled");
  await judge.answers("registry.update what is not there", "DeviceNotFound", () => registry.update({ deviceId: "nobody", status: "disabled" }));
  await judge.passes("registry.getRegistryStatistics", () => registry.getRegistryStatistics(), (r) => body(r).totalDeviceCount >= 4 && body(r).disabledDeviceCount >= 1);
  await judge.passes("registry.delete", () => registry.delete("n3"));
  await judge.answers("registry.delete what is not there", "DeviceNotFound", () => registry.delete("n3"));
}

async function modules(judge, registry) {
  await judge.passes("registry.addModule", () => registry.addModule({ deviceId: "edge1", moduleId: "scorer" }), (r) => body(r).moduleId === "scorer");
  await judge.passes("registry.addModule managed by IoT Edge", () => registry.addModule({ deviceId: "edge1", moduleId: "sender", managedBy: "IotEdge" }), (r) => body(r).managedBy === "IotEdge");
  await judge.passes("registry.addModule of a plain device", () => registry.addModule({ deviceId: "n1", moduleId: "m" }), (r) => body(r).deviceId === "n1");
  await judge.answers("registry.addModule what is there", "ModuleAlreadyExistsOnDevice", () => registry.addModule({ deviceId: "edge1", moduleId: "scorer" }));
  await judge.answers("registry.addModule of no device", "DeviceNotFound", () => registry.addModule({ deviceId: "nobody", moduleId: "m" }));
  await judge.passes("registry.getModulesOnDevice", () => registry.getModulesOnDevice("edge1"), (r) => ["$edgeAgent", "$edgeHub", "scorer", "sender"].every((name) => body(r).some((m) => m.moduleId === name)));
  await judge.passes("registry.getModule", () => registry.getModule("edge1", "scorer"), (r) => body(r).authentication.symmetricKey.primaryKey.length > 40);
  await judge.answers("registry.getModule what is not there", "ModuleNotFound", () => registry.getModule("edge1", "nobody"));
  const module = body(await registry.getModule("edge1", "scorer"));
  await judge.passes("registry.updateModule by its etag", () => registry.updateModule(module), (r) => body(r).moduleId === "scorer" && body(r).etag !== module.etag);
  await judge.answers("registry.updateModule by an old etag", "PreconditionFailed", () => registry.updateModule(module));
  await judge.passes("registry.updateModule by force", () => registry.updateModule(module, true), (r) => body(r).moduleId === "scorer");
  await judge.passes("registry.removeModule", () => registry.removeModule("n1", "m"));
  await judge.answers("registry.removeModule what is not there", "ModuleNotFound", () => registry.removeModule("n1", "m"));
}

async function twins(judge, registry) {
  const twin = body(await judge.passes("registry.getTwin", () => registry.getTwin("edge1"), (r) => body(r).deviceId === "edge1" && body(r).properties.desired.$version === 1));
  await judge.passes("registry.updateTwin sets tags", () => registry.updateTwin("edge1", { tags: { site: "hall", floor: 2 } }, "*"), (r) => body(r).tags.site === "hall");
  await judge.passes("registry.updateTwin merges tags", () => registry.updateTwin("edge1", { tags: { floor: null, row: 7 } }, "*"), (r) => body(r).tags.site === "hall" && body(r).tags.row === 7 && !("floor" in body(r).tags));
  await judge.passes("registry.updateTwin sets desired", () => registry.updateTwin("n1", { properties: { desired: { interval: 5, nested: { a: 1 } } } }, "*"), (r) => body(r).properties.desired.interval === 5 && body(r).properties.desired.$version === 2);
  await judge.passes("registry.updateTwin keeps metadata of desired", () => registry.getTwin("n1"), (r) => typeof body(r).properties.desired.$metadata.interval.$lastUpdated === "string");
  await judge.passes("registry.updateTwin deletes by null", () => registry.updateTwin("n1", { properties: { desired: { nested: null } } }, "*"), (r) => !("nested" in body(r).properties.desired));
  await judge.answers("registry.updateTwin by an old etag", "PreconditionFailed", () => registry.updateTwin("edge1", { tags: { site: "x" } }, twin.etag));
  const now = body(await registry.getTwin("edge1"));
  await judge.passes("registry.updateTwin by the etag", () => registry.updateTwin("edge1", { tags: { ring: "one" } }, now.etag), (r) => body(r).tags.ring === "one");
  await judge.answers("registry.updateTwin of nobody", "DeviceNotFound", () => registry.updateTwin("nobody", { tags: { a: 1 } }, "*"));
  await judge.answers("registry.updateTwin with a key that has a dot", "400", () => registry.updateTwin("n1", { tags: { "a.b": 1 } }, "*"));
  await judge.answers("registry.updateTwin with a number beyond 2^53", "400", () => registry.updateTwin("n1", { tags: { a: 9007199254740992 } }, "*"));
  await judge.answers("registry.updateTwin with a value of 5 KB", "400", () => registry.updateTwin("n1", { tags: { a: "x".repeat(5000) } }, "*"));
  await judge.answers("registry.updateTwin with eleven levels", "400", () => registry.updateTwin("n1", { tags: JSON.parse("{\"a\":".repeat(11) + "1" + "}".repeat(11)) }, "*"));
  await judge.passes("registry.getModuleTwin", () => registry.getModuleTwin("edge1", "scorer"), (r) => body(r).moduleId === "scorer");
  await judge.passes("registry.updateModuleTwin", () => registry.updateModuleTwin("edge1", "scorer", { properties: { desired: { threshold: 0.5 } } }, "*"), (r) => body(r).properties.desired.threshold === 0.5);
  await judge.answers("registry.getModuleTwin of no module", "ModuleNotFound", () => registry.getModuleTwin("edge1", "nobody"));
  await judge.passes("twin.update", async () => { const own = body(await registry.getTwin("n1")); return own.update ? own.update({ tags: { by: "twin" } }) : registry.updateTwin("n1", { tags: { by: "twin" } }, "*"); }, (r) => body(r).tags.by === "twin");
}

async function queries(judge, registry) {
  const rows = async (text, size) => {
    const query = registry.createQuery(text, size);
    const found = [];
    while (query.hasMoreResults) found.push(...body(await query.next(query.continuationToken)));
    return found;
  };
  await judge.passes("query: all devices", () => rows("SELECT * FROM devices"), (r) => r.length >= 3);
  await judge.passes("query: pages of one", () => rows("SELECT * FROM devices", 1), (r) => r.length >= 3 && new Set(r.map((t) => t.deviceId)).size === r.length);
  await judge.passes("query: by a tag", () => rows("SELECT deviceId FROM devices WHERE tags.site = 'hall'"), (r) => r.length === 1 && r[0].deviceId === "edge1");
  await judge.passes("query: by a desired property", () => rows("SELECT * FROM devices WHERE properties.desired.interval > 4"), (r) => r.length === 1);
  await judge.passes("query: by capabilities", () => rows("SELECT * FROM devices WHERE capabilities.iotEdge = true"), (r) => r.length === 1);
  await judge.passes("query: IN", () => rows("SELECT * FROM devices WHERE deviceId IN ['n1', 'n2']"), (r) => r.length === 2);
  await judge.passes("query: NOT and OR", () => rows("SELECT * FROM devices WHERE NOT (deviceId = 'n1' OR deviceId = 'n2')"), (r) => r.every((t) => t.deviceId !== "n1"));
  await judge.passes("query: is_defined", () => rows("SELECT * FROM devices WHERE is_defined(tags.ring)"), (r) => r.length === 1);
  await judge.passes("query: count", () => rows("SELECT COUNT() AS many FROM devices"), (r) => r[0].many >= 3);
  await judge.passes("query: group by status", () => rows("SELECT status, COUNT() AS many FROM devices GROUP BY status"), (r) => r.some((one) => one.status === "disabled" && one.many >= 1));
  await judge.passes("query: modules", () => rows("SELECT * FROM devices.modules WHERE moduleId = 'scorer'"), (r) => r.length === 1 && r[0].deviceId === "edge1");
  await judge.passes("query: nextAsTwin", async () => body(await registry.createQuery("SELECT * FROM devices").nextAsTwin()), (r) => typeof r[0].deviceId === "string");
  await judge.answers("query: not of the language", "400", () => rows("SELEC * FROM devices"));
  await judge.answers("query: an unknown source", "400", () => rows("SELECT * FROM things"));
}

async function configurations(judge, registry) {
  const base = { id: "base", schemaVersion: "1.0", content: BASE, targetCondition: "tags.site = 'hall'", priority: 5, labels: { by: "judge" }, metrics: { queries: { mine: "SELECT deviceId FROM devices WHERE tags.site = 'hall'" } } };
  await judge.passes("registry.addConfiguration", () => registry.addConfiguration(base), (r) => body(r).priority === 5 && body(r).labels.by === "judge");
  await judge.answers("registry.addConfiguration what is there", "ConfigurationAlreadyExists", () => registry.addConfiguration(base));
  await judge.passes("registry.getConfiguration with its metrics", () => registry.getConfiguration("base"), (r) => body(r).metrics.results.mine === 1 && body(r).systemMetrics.results.targetedCount === 1);
  await judge.passes("registry.getConfigurations", () => registry.getConfigurations(), (r) => body(r).some((c) => c.id === "base"));
  const got = body(await registry.getConfiguration("base"));
  await judge.passes("registry.updateConfiguration by force", () => registry.updateConfiguration({ ...got, priority: 9 }, true), (r) => body(r).priority === 9);
  await judge.answers("registry.getConfiguration what is not there", "ConfigurationNotFound", () => registry.getConfiguration("nobody"));
  await judge.answers("registry.addConfiguration with a bad condition", "InvalidConfigurationTargetCondition", () => registry.addConfiguration({ ...base, id: "bad", targetCondition: "tags.site =" }));
  await judge.answers("registry.addConfiguration without its agent", "InvalidConfigurationContent", () => registry.addConfiguration({ ...base, id: "bad", content: { modulesContent: { scorer: { "properties.desired": {} } } } }));
  await judge.answers("registry.addConfiguration with a bad id", "400", () => registry.addConfiguration({ ...base, id: "Bad" }));
  await judge.refuses("registry.addConfiguration of plain devices", "R-hub-device-content", () => registry.addConfiguration({ ...base, id: "plain", content: { deviceContent: { "properties.desired.a": 1 } } }));
  await judge.passes("registry.addConfiguration a layer", () => registry.addConfiguration({ id: "layer", schemaVersion: "1.0", targetCondition: "tags.site = 'hall'", priority: 10, content: { modulesContent: { $edgeAgent: { "properties.desired.modules.extra": { type: "docker", status: "running", restartPolicy: "always", settings: { image: "edgeway/none:1" } } } } } }), (r) => body(r).id === "layer");
  await judge.passes("registry.applyConfigurationContentOnDevice", async () => { await registry.create({ deviceId: "edge2", capabilities: { iotEdge: true } }); return registry.applyConfigurationContentOnDevice("edge2", BASE); });
  await judge.answers("registry.applyConfigurationContentOnDevice of no device", "DeviceNotFound", () => registry.applyConfigurationContentOnDevice("nobody", BASE));
  await judge.passes("registry.removeConfiguration a layer", () => registry.removeConfiguration("layer"));
  await judge.passes("registry.removeConfiguration", () => registry.removeConfiguration("base"));
  await judge.answers("registry.removeConfiguration what is not there", "ConfigurationNotFound", () => registry.removeConfiguration("base"));
}

async function methods(judge, client) {
  const call = { methodName: "ping", payload: null, responseTimeoutInSeconds: 5 };
  await judge.answers("invokeDeviceMethod of nobody", "DeviceNotFound", () => client.invokeDeviceMethod("nobody", call));
  await judge.answers("invokeDeviceMethod of a device that is offline", "404103", () => client.invokeDeviceMethod("n1", call));
  await judge.answers("invokeDeviceMethod waits connectTimeoutInSeconds for a device", "404103", () => client.invokeDeviceMethod("n1", { ...call, connectTimeoutInSeconds: 1 }));
  await judge.answers("invokeDeviceMethod of a module that is offline", "404103", () => client.invokeDeviceMethod("edge1", "scorer", call));
  await judge.answers("invokeDeviceMethod of no module", "ModuleNotFound", () => client.invokeDeviceMethod("edge1", "nobody", call));
  const ofAgent = (name, payload) => client.invokeDeviceMethod("edge1", "$edgeAgent", { methodName: name, payload, responseTimeoutInSeconds: 20, connectTimeoutInSeconds: 20 });
  await judge.passes("invokeDeviceMethod: ping of an edge agent", () => ofAgent("ping", null), (r) => body(r).status === 200);
  await judge.passes("invokeDeviceMethod: an edge agent's unknown method", () => ofAgent("nothing", {}), (r) => body(r).status === 400);
  await judge.passes("invokeDeviceMethod: GetModuleLogs of no module", () => ofAgent("GetModuleLogs", { schemaVersion: "1.0", items: [{ id: "^none$", filter: {} }], encoding: "none", contentType: "text" }), (r) => body(r).status === 200 && body(r).payload.length === 0);
  await judge.passes("invokeDeviceMethod: RestartModule of no module", () => ofAgent("RestartModule", { schemaVersion: "1.0", id: "none" }), (r) => body(r).status >= 400);
  await judge.answers("invokeDeviceMethod with connectTimeoutInSeconds above the response's", "400", () => client.invokeDeviceMethod("n1", { ...call, connectTimeoutInSeconds: 10 }));
  await judge.answers("invokeDeviceMethod with a time too short", "400", () => client.invokeDeviceMethod("n1", { ...call, responseTimeoutInSeconds: 1 }));
  await judge.answers("invokeDeviceMethod with a time too long", "400", () => client.invokeDeviceMethod("n1", { ...call, responseTimeoutInSeconds: 301 }));
  await judge.answers("invokeDeviceMethod with a payload above 128 KB", "MessageTooLarge", () => client.invokeDeviceMethod("n1", { ...call, payload: "x".repeat(140_000) }));
}

async function bulk(judge, registry) {
  await judge.refuses("registry.addDevices", "R-hub-bulk", () => registry.addDevices([{ deviceId: "b1" }, { deviceId: "b2" }]));
  await judge.refuses("registry.updateDevices", "R-hub-bulk", () => registry.updateDevices([{ deviceId: "n1", status: "disabled" }], true));
  await judge.refuses("registry.removeDevices", "R-hub-bulk", () => registry.removeDevices([{ deviceId: "n2" }], true));
}

async function jobs(judge, registry, client) {
  const uri = "https://x.blob.core.windows.net/c?sv=1";
  await judge.refuses("registry.importDevicesFromBlob", "R-hub-jobs", () => registry.importDevicesFromBlob(uri, uri));
  await judge.refuses("registry.exportDevicesToBlob", "R-hub-jobs", () => registry.exportDevicesToBlob(uri, false));
  await judge.refuses("registry.importDevicesFromBlobByIdentity", "R-hub-jobs", () => registry.importDevicesFromBlobByIdentity(uri, uri));
  await judge.refuses("registry.exportDevicesToBlobByIdentity", "R-hub-jobs", () => registry.exportDevicesToBlobByIdentity(uri, false));
  await judge.refuses("registry.listJobs", "R-hub-jobs", () => registry.listJobs());
  await judge.refuses("registry.getJob", "R-hub-jobs", () => registry.getJob("j1"));
  await judge.refuses("registry.cancelJob", "R-hub-jobs", () => registry.cancelJob("j1"));
  await judge.refuses("jobClient.scheduleTwinUpdate", "R-hub-jobs", () => client.scheduleTwinUpdate("j1", "deviceId = 'n1'", { tags: { a: 1 } }, new Date(), 60));
  await judge.refuses("jobClient.scheduleDeviceMethod", "R-hub-jobs", () => client.scheduleDeviceMethod("j2", "deviceId = 'n1'", { methodName: "m", payload: null, responseTimeoutInSeconds: 5 }, new Date(), 60));
  await judge.refuses("jobClient.getJob", "R-hub-jobs", () => client.getJob("j1"));
  await judge.refuses("jobClient.cancelJob", "R-hub-jobs", () => client.cancelJob("j1"));
  await judge.refuses("jobClient.createQuery", "R-hub-jobs", () => client.createQuery().next());
}

async function messages(judge, connectionString) {
  const rare = () => { const client = Client.fromConnectionString(connectionString, amqpWs.AmqpWs); client.setRetryPolicy(new common.NoRetry()); return client; };
  const plain = () => { const client = Client.fromConnectionString(connectionString); client.setRetryPolicy(new common.NoRetry()); return client; };
  await judge.refuses("client.open over AMQP", "R-hub-amqp", () => plain().open());
  await judge.refuses("client.send over AMQP", "R-hub-amqp", () => plain().send("n1", "hello"));
  await judge.refuses("client.open over AMQP in a WebSocket", "R-hub-amqp-ws", () => rare().open());
  await judge.refuses("client.send over AMQP in a WebSocket", "R-hub-amqp-ws", () => rare().send("n1", new common.Message("hello")));
  await judge.refuses("client.getFeedbackReceiver", "R-hub-amqp-ws", () => rare().getFeedbackReceiver());
  await judge.refuses("client.getFileNotificationReceiver", "R-hub-amqp-ws", () => rare().getFileNotificationReceiver());
}

async function rights(judge, connectionString) {
  const wrong = connectionString.replace(/SharedAccessKey=.*/, "SharedAccessKey=" + Buffer.alloc(32, 9).toString("base64"));
  await judge.answers("registry.get with a wrong key", "401", () => Registry.fromConnectionString(wrong).get("n1"));
  const nobody = connectionString.replace(/SharedAccessKeyName=[^;]*/, "SharedAccessKeyName=nobody");
  await judge.answers("registry.get with an unknown policy", "401", () => Registry.fromConnectionString(nobody).get("n1"));
}
