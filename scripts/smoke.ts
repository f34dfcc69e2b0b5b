/**
 * Proves a km as it is installed: it says its version, runs the demo, records a real server, and finds itself in order.
 *
 *     deno run -A scripts/smoke.ts --km ~/.km/bin/km [--version 1.2.3]
 *     deno run -A scripts/smoke.ts --dist dist --version 1.2.3     a release that is not published yet, served from this machine
 *     deno run -A scripts/smoke.ts --from https://… --version …    a published one
 *
 * The last two install km with the line that the README gives, into a home that is empty, and remove it again. What is run is
 * the built file; this script only looks at it from outside.
 * @module
 */
import { parseArgs } from "node:util";
import { installed, serveFolder } from "./smoke_install.ts";
import { prove } from "./smoke_proofs.ts";

async function main(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { km: text, dist: text, from: text, version: text } });
  const { km, dist, from, version } = values;
  if ([km, dist, from].filter((way) => way !== undefined).length !== 1) {
    tell("km: error: Say what to prove: --km FILE, --dist FOLDER or --from ADDRESS");
    return 2;
  }
  const home = await Deno.makeTempDir({ prefix: "km-smoke-" });
  const wanted = version === undefined ? {} : { version };
  try {
    if (km !== undefined) return await prove({ km, env: { KM_HOME: `${home}/km` }, ...wanted }, tell) && 1;
    await using server = dist === undefined ? null : serveFolder(dist);
    const baseUrl = server?.baseUrl ?? from ?? "";
    return await installed({ baseUrl, home, ...wanted }, (subject) => prove(subject, tell), tell) && 1;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function tell(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
