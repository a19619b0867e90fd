// A SharedWorker: one for all pages of this browser, gone with the last of them.

import "./sse.js"; // named here so that all of them are fetched at once
import "./connection.js";
import { Hub } from "./hub.js";

const hub = new Hub();

onconnect = ({ ports: [port] }) => {
  const send = (message) => port.postMessage(message);
  port.onmessage = ({ data }) => {
    if (data.kind === "bye") hub.leave(send);
    else if (data.kind === "hello") hub.join(send);
    else hub.hear(data);
  };
};
