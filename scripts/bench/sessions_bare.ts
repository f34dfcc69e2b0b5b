// deno-lint-ignore-file no-console -- a script; the port is its output
/**
 * What `km serve` is compared with: terminals and WebSockets of the same runtime, and nothing between them: no state of a terminal, no store, no
 * rights, no lagging viewers. `pty`: one program, its terminal shown to every socket. `echo`: no terminal at all, a key comes back as it is.
 * @module
 */
import { decodeFrame, encodeFrame, FRAME } from "../../src/core/session_wire.ts";
import { Ptys } from "../../src/proc/pty.ts";

const [mode = "pty", ...command] = Deno.args;
const ptys = new Ptys();
const sockets = new Set<WebSocket>();
let seq = 0;

function show(bytes: Uint8Array<ArrayBuffer>): void {
  const frame = encodeFrame({ type: FRAME.output, session: 1, seq, bytes });
  seq += bytes.length;
  for (const socket of sockets) socket.send(frame);
}

const pty = mode === "pty"
  ? ptys.spawn({
    command,
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    searchPath: "/usr/bin:/bin",
    size: { cols: 120, rows: 40 },
    onData: show,
    onExit: () => Deno.exit(0),
  })
  : { type: (bytes: Uint8Array) => show(Uint8Array.from(bytes)) };

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (data instanceof ArrayBuffer) {
        const frame = decodeFrame(new Uint8Array(data));
        if (frame) pty.type(frame.bytes);
      } else if (data.includes("attach")) {
        socket.send(encodeFrame({ type: FRAME.snapshot, session: 1, seq, bytes: new Uint8Array() }));
        sockets.add(socket);
      }
    };
    socket.onclose = () => sockets.delete(socket);
    return response;
  },
);
Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
await server.finished;
