// Preloaded: Azure's names lead to the stand-in, as DNS leads them to Azure. The clients stay as they are published; some
// of them (azure-iothub, ws) know no proxy. Only port 443 is served; other ports are refused at loopback, so nothing leaves
// this machine.
"use strict";
const net = require("node:net");

const STANDIN_PORT = Number(process.env.EDGEWAY_JUDGES_TLS_PORT);
const NOBODY = 9;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const list = Array.isArray(given[0]) ? given[0] : given;
  const [first, second] = list;
  const options = typeof first === "object" ? first : { port: first, host: second };
  if (!options.host || options.path || LOOPBACK.has(options.host)) return connect.apply(this, given);
  const port = Number(options.port) === 443 ? STANDIN_PORT : NOBODY;
  const callback = list.find((one) => typeof one === "function");
  return connect.call(this, { ...options, host: "127.0.0.1", port }, ...(callback ? [callback] : []));
};
