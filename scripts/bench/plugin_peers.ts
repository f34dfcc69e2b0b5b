/** What `bench:plugins` hands messages to: a plugin in its sandbox as km runs it, and next to it newline JSON over the same pipes. @module */
import { join } from "node:path";
import { startPluginProcess } from "../../src/proc/plugin_process.ts";
import { PluginSession } from "../../src/plugins/host/plugin_session.ts";
import { DEFAULT_LIMITS } from "../../src/plugins/manifest.ts";
import { launchSandbox } from "../../src/plugins/sandbox/launch.ts";
import { dataLimitMiB } from "../../src/plugins/sandbox/limits.ts";
import { NO_PERMISSIONS } from "../../src/plugins/sandbox/permissions_in_force.ts";
import { recipe } from "../../src/plugins/sandbox/recipe.ts";
import type { WireMessage } from "../../src/plugins/wire/encode.ts";

/** A process that takes messages. */
export interface Peer extends AsyncDisposable {
  readonly pid: number;
  /** Hands over a batch; settles when it says that all of it was handled. */
  handle(messages: readonly WireMessage[]): Promise<void>;
}

/** Starts one, in `folder`, which is empty at first and the same for all starts of a run. */
export interface PeerKind {
  readonly name: string;
  start(folder: string): Promise<Peer>;
}

/** A benchmark keeps a processor busy, which no plugin may. */
const LIMITS = { ...DEFAULT_LIMITS, cpuPercent: 1000, residentMiB: 512 };
const NOTHING_DROPPED = { messages: 0, bytes: 0 };

/** Looks at what it is given, as a plugin does. */
const PLUGIN = `let bytes = 0;
export default {
  kind: "km-plugin", name: "bench", version: "1.0.0", protocolVersions: [1, 2], requiredTier: "free", permissions: {},
  onMessage(message) { bytes += message.data.length; }
};
`;

/** The real thing: sandbox, session, frames of protobuf. */
export const KM_PLUGIN: PeerKind = {
  name: "km (protobuf in frames)",
  async start(folder) {
    const session = new PluginSession({
      launch: launchSandbox,
      sandbox: {
        deno: Deno.execPath(),
        code: new TextEncoder().encode(PLUGIN),
        permissions: NO_PERMISSIONS,
        limits: LIMITS,
        runtime: join(folder, "runtime"),
        env: {},
        niceness: 0,
      },
      plugin: { name: "bench", version: "1.0.0", requiredTier: "free" },
      kmVersion: "0.1.0",
      licence: { tier: "free", customerId: null, expiresAtS: null },
      configJson: "{}",
      state: new Map(),
      messageMs: 60_000,
      on: {
        onLog() {},
        onEmit() {},
        onSetState() {},
        onRefused() {},
        onStderr() {},
        onEnd() {},
      },
    });
    await session.start();
    return {
      pid: session.pid ?? 0,
      async handle(messages) {
        const { failed, firstError } = await session.handle(messages, NOTHING_DROPPED);
        if (failed > 0) throw new Error(`The plugin of the bench failed: ${firstError}`);
      },
      async [Symbol.asyncDispose]() {
        await session.shutdown("the bench is done");
      },
    };
  },
};

/** The same work by lines of JSON. Deno's flags, limits and pipes are the same. */
const JSON_CHILD = `const { stdin, stdout } = Deno;
const decoder = new TextDecoder(), encoder = new TextEncoder(), buffer = new Uint8Array(128 * 1024);
let bytes = 0, rest = "";
const onMessage = (message) => { bytes += message.data.length; };
for (;;) {
  const count = await stdin.read(buffer);
  if (count === null) break;
  const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    const { id, messages } = JSON.parse(line);
    for (const message of messages) onMessage(message);
    const reply = encoder.encode(JSON.stringify({ id, handled: messages.length }) + "\\n");
    for (let at = 0; at < reply.length;) at += stdout.writeSync(reply.subarray(at));
  }
}
`;

/** What km's frames are compared with. */
export const NEWLINE_JSON: PeerKind = {
  name: "newline JSON",
  async start(folder) {
    const bootstrap = join(folder, "json_child.js");
    await Deno.writeTextFile(bootstrap, JSON_CHILD);
    const { heapMiB } = LIMITS;
    const child = startPluginProcess({
      ...recipe({ deno: Deno.execPath(), bootstrap, heapMiB, permissions: NO_PERMISSIONS, env: {} }),
      niceness: 0,
      dataMiB: dataLimitMiB(LIMITS, navigator.hardwareConcurrency),
      noNetwork: true,
    });
    void child.stderr.pipeTo(new WritableStream()).catch(() => {});
    const lines = linesOf(child.stdout);
    const stdin = child.stdin.getWriter();
    const encoder = new TextEncoder();
    let id = 0;
    const handle = async (messages: readonly WireMessage[]) => {
      const line = JSON.stringify({ id: ++id, messages: messages.map(asJson) });
      await stdin.write(encoder.encode(`${line}\n`));
      const { value = "" } = await lines.next();
      const reply = JSON.parse(value);
      if (reply.id !== id || reply.handled !== messages.length) throw new Error(`Not an answer: ${value}`);
    };
    return {
      pid: child.pid,
      handle,
      async [Symbol.asyncDispose]() {
        await stdin.close();
        await child.ended;
      },
    };
  },
};

const decoder = new TextDecoder();

function asJson({ data, ...known }: WireMessage): object {
  return { ...known, data: decoder.decode(data) };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const text = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + text.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
