/** `km serve`: the local daemon. @module */
import { kmPaths } from "../../config/paths.ts";
import { onSignal } from "../../proc/signals.ts";
import { command as defineCommand } from "../command.ts";
import { loadDaemon } from "../packages.ts";
import { write } from "../terminal.ts";
import { VERSION } from "./version.ts";

export const command = defineCommand({
  name: "serve",
  summary: "Serve what was recorded: dashboard, API and live stream, on this machine",
  flags: [
    {
      name: "port",
      short: "p",
      type: "number",
      default: "4242",
      help: "Port to listen on; 0 takes any free one",
    },
    {
      name: "host",
      type: "string",
      default: "127.0.0.1",
      placeholder: "address",
      help: "Address to listen on",
    },
  ],
  examples: [["km serve", "then open the link that it prints"]],
  async run({ port, host }) {
    const { startDaemon } = await loadDaemon();
    const { database, token } = kmPaths();
    const daemon = startDaemon({ database, token, hostname: host, port, version: VERSION });
    write(`km serves http://${host}:${daemon.ports[0]}\n`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) onSignal(signal, resolve);
    });
    await daemon.stop();
    return 0;
  },
});
