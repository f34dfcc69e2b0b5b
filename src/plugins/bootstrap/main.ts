/**
 * The main module of a plugin's process: trusted code that runs code that is not. It takes the plugin's bytes from the first frame on stdin, and
 * serves frames from then on. `deno task build:boot` makes `src/plugins/assets/boot.js` of it.
 *
 * It is no part of km's program: it runs alone, with the flags of `src/plugins/sandbox`, and reaches nothing but proto, the SDK and this folder.
 * What keeps a plugin in is Deno's permissions; that it is imported by an expression, so that its own imports are checked; that it has no static
 * import (the host has looked); and what is done here: imports refused, globals gone.
 * @module
 */
import { registerHooks } from "node:module";
import { FrameReader, MAX_FRAME_BYTES } from "../../../proto/frame.ts";
import { createConsole } from "./console.ts";
import { describeError } from "./describe_error.ts";
import { removeGlobals } from "./globals.ts";
import { tellRefusedNetwork } from "./network.ts";
import { readHostFrame } from "./host_frame.ts";
import { Output } from "./output.ts";
import { Session } from "./session.ts";
import { hidePaths } from "./stacks.ts";

/** Read at once, at most: a batch of 32 messages with room. */
const READ_BYTES = 128 * 1024;

// All that is needed of Deno, before the plugin is there and Deno is small.
// deno-lint-ignore rooms/owners -- a program of its own, which ends itself.
const { stdin, stdout, stderr, exit, inspect, errors } = Deno;
const encoder = new TextEncoder();

const output = new Output(writeAll);
const session = new Session({ output, load, exit });

await serve();

async function serve(): Promise<void> {
  const reader = new FrameReader(MAX_FRAME_BYTES, (header, payload) => {
    session.take(readHostFrame(header), payload);
  });
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (;;) {
      const count = await stdin.read(buffer);
      if (count === null) break;
      reader.push(buffer.subarray(0, count));
    }
  } catch (error) {
    lastWords(`cannot understand km: ${describeError(error)}`);
    exit(1);
  }
  // km is gone, or wants nothing more.
  output.flush();
  exit(0);
}

/** Evaluates the plugin in the world that is left for it. */
async function load(code: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const url = `data:text/javascript;base64,${code.toBase64()}`;
  refuseImports(url);
  const { url: own, filename = own } = import.meta;
  hidePaths([[url, "plugin"], [own, "km"], [filename, "km"]]);
  listen();
  const say = (level: "debug" | "info" | "warning" | "error") => (text: string): void =>
    output.log(level, text, null);
  const log = { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") };
  tellRefusedNetwork((address) => output.refused("net", address));
  removeGlobals(createConsole(log, inspect));
  // An expression, not a literal: what is imported by a literal belongs to the main module, and may read files without being asked.
  // deno-lint-ignore rooms/direction -- the plugin's own code.
  const module = await import(url + "");
  // As: a module's namespace, of which only the default export is looked at.
  return (module as { default?: unknown }).default;
}

/** One import, of the plugin itself; all others are refused, and told. */
function refuseImports(url: string): void {
  let isLoaded = false;
  registerHooks({
    resolve(specifier, context, next) {
      if (!isLoaded && specifier === url) {
        isLoaded = true;
        return next(specifier, context);
      }
      output.refused("import", specifier);
      throw new TypeError(`a plugin may not import anything: "${specifier.slice(0, 200)}"`);
    },
  });
}

/** What nobody catches in a plugin is told to it, and does not end it. */
function listen(): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    session.tellUnhandled(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    session.tellUnhandled(event.error);
  });
}

/** Whole frames, or the end. Waits when km does not read: a plugin that says more than km takes in stands still. */
function writeAll(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += stdout.writeSync(bytes.subarray(at));
    } catch (error) {
      if (error instanceof errors.WouldBlock) continue;
      // Nobody listens any more.
      exit(0);
    }
  }
}

function lastWords(text: string): void {
  try {
    stderr.writeSync(encoder.encode(`${text}\n`));
  } catch {
    // Nobody listens.
  }
}
