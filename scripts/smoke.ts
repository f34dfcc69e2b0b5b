/**
 * Proves a km as it is installed: it says its version, runs the demo, records a real server, and finds itself in order.
 *
 *     deno run -A scripts/smoke.ts --km ~/.km/bin/km [--version 1.2.3]
 *     deno run -A scripts/smoke.ts --dist dist --version 1.2.3     a release that is not published yet, served from this machine
 *     deno run -A scripts/smoke.ts --from https://… --version …    a published one
 *
 * With `--sandbox` it also tries to break out of the sandbox of plugins in every way that `km plugins doctor` knows: no release without that, since
 * each version of Deno is another sandbox.
 *
 * The last two install km with the line that the README gives, into a home that is empty, and remove it again: once by KM_VERSION, once
 * without, as a reader of the README has it. What is run is the built file; this script only looks at it from outside.
 * @module
 */
import { parseArgs } from "node:util";
import { installed, type InstallSource, newestStable, serveFolder } from "./smoke_install.ts";
import { prove, type Subject } from "./smoke_proofs.ts";

async function main(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args,
    options: { km: text, dist: text, from: text, version: text, sandbox: flag },
  });
  const { km, dist, from, version, sandbox = false } = values;
  if ([km, dist, from].filter((way) => way !== undefined).length !== 1) {
    tell("km: error: Say what to prove: --km FILE, --dist FOLDER or --from ADDRESS");
    return 2;
  }
  const home = await Deno.makeTempDir({ prefix: "km-smoke-" });
  const wanted = version === undefined ? {} : { version };
  try {
    if (km !== undefined) {
      return await prove({ km, env: { KM_HOME: `${home}/km` }, sandbox, ...wanted }, tell) && 1;
    }
    await using server = dist === undefined ? null : serveFolder(dist);
    const baseUrl = server?.baseUrl ?? from ?? "";
    return await installBoth({ baseUrl, home, sandbox, ...wanted }) && 1;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** By KM_VERSION, and as the README's line does it, which takes the newest stable version. */
async function installBoth(
  asked: Omit<InstallSource, "pinned"> & { readonly sandbox: boolean },
): Promise<number> {
  const { baseUrl, home, version, sandbox } = asked;
  const ways: InstallSource[] = version === undefined
    ? []
    : [{ baseUrl, home: `${home}/1`, version, pinned: true }];
  const stable = await newestStable(baseUrl);
  if (stable !== null) ways.push({ baseUrl, home: `${home}/2`, version: stable, pinned: false });
  else tell("the stable channel is left out: it has no version");
  if (ways.length === 0) tell("FAILED  install: there is nothing to install");
  let failed = ways.length === 0 ? 1 : 0;
  for (const [at, way] of ways.entries()) {
    // The same file both times: once is enough.
    const proof = (subject: Subject) => prove({ ...subject, sandbox: sandbox && at === 0 }, tell);
    tell(way.pinned ? `version ${way.version}` : `the newest stable version, ${way.version}`);
    failed += await installed(way, proof, tell);
  }
  return failed;
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
