// azure-iot-device over each of its transports: what a plain device does. The stand-in serves HTTPS; the rest it refuses.
import common from "azure-iot-common";
import device from "azure-iot-device";
import amqp from "azure-iot-device-amqp";
import http from "azure-iot-device-http";
import mqtt from "azure-iot-device-mqtt";
import iothub from "azure-iothub";

import { Judge } from "./judge.mjs";

const { Client, Message, ModuleClient } = device;
const { NoRetry } = common;

export async function judgeDevices(connectionString, host) {
  const registry = iothub.Registry.fromConnectionString(connectionString);
  const { primaryKey } = (await registry.create({ deviceId: "sender" })).responseBody.authentication.symmetricKey;
  const ofDevice = `HostName=${host};DeviceId=sender;SharedAccessKey=${primaryKey}`;
  await overHttp(ofDevice);
  await over("npm azure-iot-device-mqtt", { "MQTT": [mqtt.Mqtt, "R-hub-mqtt"], "MQTT in a WebSocket": [mqtt.MqttWs, "R-hub-mqtt-ws"] }, ofDevice);
  await over("npm azure-iot-device-amqp", { "AMQP": [amqp.Amqp, "R-hub-amqp"], "AMQP in a WebSocket": [amqp.AmqpWs, "R-hub-amqp-ws"] }, ofDevice);
}

async function overHttp(ofDevice) {
  const judge = new Judge("npm azure-iot-device-http");
  await judge.canFail();
  const client = Client.fromConnectionString(ofDevice, http.Http);
  client.setRetryPolicy(new NoRetry());
  await judge.passes("open", () => client.open());
  await judge.passes("sendEvent", () => client.sendEvent(new Message("http-1")));
  const rich = new Message(JSON.stringify({ celsius: 21.5 }));
  rich.contentType = "application/json";
  rich.contentEncoding = "utf-8";
  rich.messageId = "http-2";
  rich.correlationId = "c-2";
  rich.properties.add("room", "hall");
  await judge.passes("sendEvent with properties", () => client.sendEvent(rich));
  await judge.answers("sendEvent of 300 KB", "413", () => client.sendEvent(new Message(Buffer.alloc(300_000, 65))));
  await judge.refuses("sendEventBatch", "R-hub-batch", () => client.sendEventBatch([new Message("a"), new Message("b")]));
  await judge.refuses("getBlobSharedAccessSignature", "R-hub-upload", () => client.getBlobSharedAccessSignature("a.bin"));
  await judge.refuses("uploadToBlob", "R-hub-upload", () => client.uploadToBlob("a.bin", Buffer.from("a"), 1));
  const wrong = Client.fromConnectionString(ofDevice.replace(/SharedAccessKey=.*/, "SharedAccessKey=" + Buffer.alloc(32, 7).toString("base64")), http.Http);
  wrong.setRetryPolicy(new NoRetry());
  await judge.answers("sendEvent with a wrong key", "401", () => wrong.sendEvent(new Message("x")));
  const nobody = Client.fromConnectionString(ofDevice.replace("DeviceId=sender", "DeviceId=nobody"), http.Http);
  nobody.setRetryPolicy(new NoRetry());
  await judge.answers("sendEvent as nobody", "40", () => nobody.sendEvent(new Message("x")));
  await judge.passes("close", () => client.close());
}

async function over(name, transports, ofDevice) {
  const judge = new Judge(name);
  await judge.canFail();
  for (const [how, [transport, row]] of Object.entries(transports)) {
    const fresh = (kind = Client, text = ofDevice) => {
      const client = kind.fromConnectionString(text, transport);
      client.setRetryPolicy(new NoRetry());
      client.on("error", () => {});
      return client;
    };
    await judge.refuses(`open over ${how}`, row, () => fresh().open());
    await judge.refuses(`sendEvent over ${how}`, row, () => fresh().sendEvent(new Message("x")));
    await judge.refuses(`getTwin over ${how}`, row, () => fresh().getTwin());
    await judge.refuses(`a module's open over ${how}`, row, () => fresh(ModuleClient, `${ofDevice};ModuleId=m`).open());
  }
}
