// A transparent pipe that keeps what passed: `node wire_tap.mjs <file> <command> [args…]` runs the command and writes its stdin to
// `<file>.in` and its stdout to `<file>.out`. One stands on each side of km; the files of both sides must be equal.
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { constants } from "node:os";

const [file, command, ...args] = process.argv.slice(2);
// "a": a client may start the same server twice, as the 2.x client does to probe it.
const [sent, received] = [
  openSync(`${file}.in`, "a"),
  openSync(`${file}.out`, "a"),
];
const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });

process.stdin.on("data", (bytes) => writeSync(sent, bytes)).pipe(child.stdin);
child.stdout.on("data", (bytes) => writeSync(received, bytes)).pipe(
  process.stdout,
);
child.stdin.on("error", () => {}); // the command may end first
child.on("close", (code, signal) => {
  closeSync(sent);
  closeSync(received);
  process.exit(code ?? 128 + constants.signals[signal]);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => child.kill(signal));
}
