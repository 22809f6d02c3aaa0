// Runs the judges of Node, one after another; each line of stdout is one operation.
import { judgeIotHub } from "./iothub.mjs";
import { judgeDevices } from "./devices.mjs";
import { judgeEvents } from "./events.mjs";
import { judgeHubInArm, stringsOf } from "./arm_iothub.mjs";
import { judgeArm } from "./arm.mjs";
import { judgeServices } from "./services.mjs";
import { judgeData } from "./data.mjs";

const PARTS = {
  hub: async () => {
    const { connectionString, events, host } = await judgeHubInArm(stringsOf);
    await judgeIotHub(connectionString);
    await judgeDevices(connectionString, host);
    await judgeEvents(events, connectionString, host);
  },
  arm: judgeArm,
  services: judgeServices,
  data: judgeData,
};

// IoT Hub's clients leave errors of closed sockets to nobody
process.on("unhandledRejection", () => {});
process.on("uncaughtException", (error) => process.stderr.write(`uncaught: ${error.stack}\n`));

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS)) {
  try {
    await PARTS[name]();
  } catch (error) {
    process.stdout.write(JSON.stringify({ client: "npm", operation: `all of ${name}`, expected: "an end", outcome: "failed", told: String(error.stack) }) + "\n");
  }
}
process.exit(0);
