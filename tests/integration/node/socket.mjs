// The stock socket.io-client, driven by JSON lines: commands on standard input, what happens on standard output.
// Arguments: the server's URL and socket.io-client options as JSON.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, options] = process.argv.slice(2);
const say = (type, value = {}) => process.stdout.write(`${JSON.stringify({ type, at: Date.now(), ...value })}\n`);

const socket = io(url, { path: "/ws/socket.io", transports: ["websocket"], ...JSON.parse(options) });

socket.on("connect", () => say("connect", { id: socket.id }));
socket.on("connect_error", (error) => say("connect_error", { message: error.message }));
socket.on("disconnect", (reason) => say("disconnect", { reason }));
socket.onAny((event, ...values) => say("event", { event, values }));
socket.io.engine.on("packet", ({ type, data }) => say("packet", { packet: type, data }));
socket.io.on("reconnect", (attempt) => say("reconnect", { attempt }));

const commands = {
  emit: ({ event, values }) => socket.emit(event, ...values),
  call: async ({ event, values }) => {
    try {
      say("ack", { event, values: [await socket.timeout(10_000).emitWithAck(event, ...values)] });
    } catch (error) {
      say("no ack", { event, message: error.message });
    }
  },
  // As a network that goes away: the transport closes, the client comes back by itself.
  drop: () => socket.io.engine.close(),
  raw: ({ frame }) => socket.io.engine.transport.ws.send(frame),
  binary: ({ event }) => socket.emit(event, Buffer.from([1, 2, 3])),
  authenticate: ({ auth }) => {
    socket.auth = auth;
  },
  connect: () => socket.connect(),
  end: () => {
    socket.disconnect();
    process.exit(0);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  commands[command](rest);
}
process.exit(0);
