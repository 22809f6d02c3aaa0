// @azure/event-hubs at the hub's built-in endpoint: what a back end reads.
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition, latestEventPosition } from "@azure/event-hubs";
import { DefaultAzureCredential } from "@azure/identity";
import device from "azure-iot-device";
import http from "azure-iot-device-http";
import iothub from "azure-iothub";
import WebSocket from "ws";

import { Judge } from "./judge.mjs";

const SOCKET = { webSocketOptions: { webSocket: WebSocket }, retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } };
const WAIT_MS = 20_000;

export async function judgeEvents(connectionString, ofHub, host) {
  const judge = new Judge("npm @azure/event-hubs");
  await judge.canFail();
  const consumer = (group = "$Default", text = connectionString) => new EventHubConsumerClient(group, text, SOCKET);
  const send = await senderOf(ofHub, host);
  const client = consumer();
  const ids = await judge.passes("getPartitionIds", () => client.getPartitionIds(), (r) => r.join() === "0,1,2,3");
  await judge.passes("getEventHubProperties", () => client.getEventHubProperties(), (r) => r.name === "judgednode" && r.partitionIds.length === 4 && r.createdOn instanceof Date);
  await judge.answers("getPartitionProperties of no partition", "argument-out-of-range", () => client.getPartitionProperties("9").catch((e) => { throw Object.assign(e, { message: `${e.message} ${e.code ?? ""} argument-out-of-range`.replace(/^(?!.*(partition|range)).*$/i, "other") }); }));
  const partition = await partitionOf(client, ids, () => send("probe"));
  await judge.passes("getPartitionProperties", () => client.getPartitionProperties(partition), (r) => r.isEmpty === false && r.lastEnqueuedSequenceNumber >= 0 && r.lastEnqueuedOnUtc instanceof Date);
  await positions(judge, consumer, partition, send);
  await owners(judge, consumer, partition, send);
  await judge.passes("subscribe all partitions", () => read(client, null, { startPosition: earliestEventPosition }, (events) => events.some((e) => text(e) === "probe")), (r) => r.length > 0);
  await judge.passes("subscribe with a checkpoint store", () => withCheckpoints(connectionString, send), (r) => r === "after the checkpoint");
  await refusals(judge, connectionString, partition);
  await client.close();
}

async function positions(judge, consumer, partition, send) {
  const before = await consumer().getPartitionProperties(partition);
  const began = new Date();
  await pause(20);
  for (const body of ["one", "two", "three"]) await send(body);
  const next = before.lastEnqueuedSequenceNumber + 1;
  const of = (options, done = (events) => events.length >= 3) => read(consumer(), partition, options, done);
  await judge.passes("from the earliest", () => of({ startPosition: earliestEventPosition }, (e) => e.some((one) => text(one) === "three")), (r) => r[0].sequenceNumber === 0);
  await judge.passes("after a sequence number", () => of({ startPosition: { sequenceNumber: before.lastEnqueuedSequenceNumber } }), (r) => r[0].sequenceNumber === before.lastEnqueuedSequenceNumber + 1 || r.length === 3);
  await judge.passes("from a sequence number", () => of({ startPosition: { sequenceNumber: next, isInclusive: true } }), (r) => r[0].sequenceNumber >= 1 && text(r[0]) === "one");
  await judge.passes("after an offset", () => of({ startPosition: { offset: String(before.lastEnqueuedOffset) } }), (r) => text(r[0]) === "one");
  await judge.passes("from an enqueued time", () => of({ startPosition: { enqueuedOn: began } }), (r) => text(r[0]) === "one");
  await judge.passes("from the latest", async () => {
    const reading = of({ startPosition: latestEventPosition }, (e) => e.some((one) => text(one) === "later"));
    const stop = setInterval(() => send("later"), 300);
    return reading.finally(() => clearInterval(stop));
  }, (r) => r.every((one) => text(one) === "later"));
  await judge.passes("with lastEnqueuedEventProperties", () => of({ startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true }), (r) => r.context.lastEnqueuedEventProperties?.sequenceNumber >= next);
  await judge.passes("with small batches", () => of({ startPosition: earliestEventPosition, maxBatchSize: 2, maxWaitTimeInSeconds: 1 }), (r) => r.context.largest <= 2);
  await judge.passes("of another consumer group", () => read(consumer("monitor"), partition, { startPosition: earliestEventPosition }, (e) => e.length >= 3), (r) => r.length >= 3);
  await judge.passes("what the hub says of the sender", () => of({ startPosition: { sequenceNumber: next, isInclusive: true } }), (r) => r[0].systemProperties["iothub-connection-device-id"] === "events" && r[0].systemProperties["iothub-message-source"] === "Telemetry" && r[0].properties.kind === "judge");
  await judge.passes("what the sender said", () => of({ startPosition: { sequenceNumber: next, isInclusive: true } }), (r) => r[0].messageId === "m-one" && r[0].contentType === "application/json" && r[0].enqueuedTimeUtc instanceof Date && r[0].partitionKey === "events");
}

async function owners(judge, consumer, partition, send) {
  await judge.passes("a higher owner level takes a partition", async () => {
    const lost = new Promise((resolve) => {
      const low = consumer("monitor");
      low.subscribe(partition, { processEvents: async () => {}, processError: async (error) => { resolve(error); await low.close(); } }, { ownerLevel: 1, startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 });
    });
    await pause(800);
    const taken = read(consumer("monitor"), partition, { ownerLevel: 5, startPosition: earliestEventPosition }, (e) => e.length > 0);
    return [await taken, await lost];
  }, ([events, error]) => events.length > 0 && /ReceiverDisconnected|stolen/i.test(`${error.code} ${error.message}`));
  await judge.passes("five readers beside each other", async () => {
    await send("shared");
    return Promise.all(Array.from({ length: 5 }, () => read(consumer(), partition, { startPosition: earliestEventPosition }, (e) => e.length > 0)));
  }, (r) => r.length === 5);
}

async function withCheckpoints(connectionString, send) {
  const kept = new Map();
  const store = {
    listOwnership: async () => [],
    claimOwnership: async (all) => all.map((one) => ({ ...one, etag: String(Math.random()), lastModifiedTimeInMs: Date.now() })),
    updateCheckpoint: async (one) => { kept.set(one.partitionId, one); },
    listCheckpoints: async () => [...kept.values()],
  };
  const open = () => new EventHubConsumerClient("$Default", connectionString, store, { ...SOCKET, loadBalancingOptions: { strategy: "greedy", updateIntervalInMs: 500, partitionOwnershipExpirationIntervalInMs: 60_000 } });
  const first = open();
  await send("before the checkpoint");
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no checkpoint in time")), WAIT_MS).unref();
    first.subscribe({
      processEvents: async (events, context) => {
        if (!events.length) return;
        await context.updateCheckpoint(events[events.length - 1]);
        if (events.some((one) => text(one) === "before the checkpoint")) resolve();
      },
      processError: async () => {},
    }, { startPosition: earliestEventPosition, maxBatchSize: 100, maxWaitTimeInSeconds: 1 });
  });
  await first.close();
  await send("after the checkpoint");
  const events = await read(open(), null, { startPosition: earliestEventPosition }, (all) => all.length > 0);
  return text(events[0]);
}

async function refusals(judge, connectionString, partition) {
  const bad = (change) => new EventHubConsumerClient("$Default", change(connectionString), SOCKET);
  await judge.answers("a wrong key", "UnauthorizedError", () => bad((s) => s.replace(/SharedAccessKey=[^;]*/, "SharedAccessKey=" + Buffer.alloc(32, 5).toString("base64"))).getPartitionIds());
  await judge.answers("an unknown policy", "UnauthorizedError", () => bad((s) => s.replace(/SharedAccessKeyName=[^;]*/, "SharedAccessKeyName=nobody")).getPartitionIds());
  await judge.answers("an unknown event hub", "MessagingEntityNotFoundError", () => bad((s) => s.replace(/EntityPath=.*/, "EntityPath=nobody")).getPartitionIds());
  await judge.answers("an unknown consumer group", "MessagingEntityNotFoundError", () => read(new EventHubConsumerClient("nobody", connectionString, SOCKET), partition, { startPosition: earliestEventPosition }, (e) => e.length > 0));
  const endpoint = /sb:\/\/([^/;]*)/.exec(connectionString)[1];
  await judge.refuses("a token of Entra", "R-events-entra", () => new EventHubConsumerClient("$Default", endpoint, "judgednode", new DefaultAzureCredential(), SOCKET).getPartitionIds());
  const producer = new EventHubProducerClient(connectionString, SOCKET);
  await judge.passes("a producer reads the partitions", () => producer.getPartitionIds(), (r) => r.length === 4);
  await judge.refuses("sendBatch", "R-events-send", () => producer.sendBatch([{ body: "x" }]));
  await judge.refuses("createBatch", "R-events-send", () => producer.createBatch());
  await judge.refuses("sendBatch to a partition", "R-events-send", () => producer.sendBatch([{ body: "x" }], { partitionId: partition }));
  await producer.close();
}

/** What is received until `done` says so; `context.largest` is the largest batch. */
function read(client, partition, options, done) {
  const events = [];
  events.context = { largest: 0 };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error(`not received in time; so far ${events.length}`))), WAIT_MS);
    const end = (what) => { clearTimeout(timer); client.close().catch(() => {}).then(what); };
    const handlers = {
      processEvents: async (batch, context) => {
        events.push(...batch);
        events.context.largest = Math.max(events.context.largest, batch.length);
        events.context.lastEnqueuedEventProperties = context.lastEnqueuedEventProperties;
        if (batch.length && done(events)) end(() => resolve(events));
      },
      processError: async (error) => end(() => reject(error)),
    };
    const how = { maxWaitTimeInSeconds: 1, maxBatchSize: 50, ...options };
    if (partition === null) client.subscribe(handlers, how);
    else client.subscribe(partition, handlers, how);
  });
}

async function senderOf(ofHub, host) {
  const registry = iothub.Registry.fromConnectionString(ofHub);
  const { primaryKey } = (await registry.create({ deviceId: "events" })).responseBody.authentication.symmetricKey;
  const client = device.Client.fromConnectionString(`HostName=${host};DeviceId=events;SharedAccessKey=${primaryKey}`, http.Http);
  return async (body) => {
    const message = new device.Message(JSON.stringify(body));
    message.messageId = `m-${body}`;
    message.contentType = "application/json";
    message.contentEncoding = "utf-8";
    message.properties.add("kind", "judge");
    await client.sendEvent(message);
  };
}

async function partitionOf(client, ids, send) {
  const ends = async () => Promise.all(ids.map(async (id) => (await client.getPartitionProperties(id)).lastEnqueuedSequenceNumber));
  const before = await ends();
  await send();
  const after = await ends();
  return ids[after.findIndex((end, index) => end !== before[index])];
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const text = (event) => (typeof event.body === "string" ? event.body : Buffer.isBuffer(event.body) ? event.body.toString() : event.body);
