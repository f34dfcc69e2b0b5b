/**
 * Runs a command the way Node-based clients (VS Code, Claude Desktop, Cursor) do: its three streams are socket pairs, not pipes.
 * `node socket_bridge.mjs <command> [args…]`; its own streams are joined to the command's, its end is the command's.
 */
import { spawn } from "node:child_process";

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: "pipe" });

process.stdin.pipe(child.stdin);
child.stdout.pipe(process.stdout);
child.stderr.pipe(process.stderr);
// A command that no longer reads is no failure of the bridge.
child.stdin.on("error", () => process.stdin.destroy());

child.on("close", (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code);
});
