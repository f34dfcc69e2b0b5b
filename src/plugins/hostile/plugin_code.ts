/** Makes a plugin of attempts. @module */
import type { Attempt, Lure } from "./attempt.ts";

/** What comes back of one attempt. */
export type Report =
  | { readonly kind: "start"; readonly id: string }
  /** `threw`: `text` is what it threw; else what it returned. */
  | { readonly kind: "end"; readonly id: string; readonly threw: boolean; readonly text: string }
  | { readonly kind: "done" };

/** Longest that one attempt may take, in ms: it is over then, as if it had thrown. */
const ATTEMPT_MS = 2000;
/** Most of a result that is handed back, in characters. */
const RESULT_CHARACTERS = 4000;

/** A plugin that tries `attempts` one after the other while it is loaded. `mark` begins each line of its reports. */
export function pluginCode(attempts: readonly Attempt[], lure: Lure, mark: string): string {
  const functions = attempts.map(({ id, code }) => `[${JSON.stringify(id)}, async () => {\n${code}\n}],`);
  return `${prelude(lure, mark)}
const attempts = [
${functions.join("\n")}
];
for (const [id, run] of attempts) {
  report({ kind: "start", id });
  await breathe();
  const result = await within(run);
  report({ kind: "end", id, ...result });
  await breathe();
}
report({ kind: "done" });
await breathe();
${PLUGIN}`;
}

/** The code of an attempt that is a module by itself. */
export function moduleCode({ code }: Attempt, { url, jsonUrl, scriptUrl, tcpPort, claim }: Lure): string {
  const values = { URL: url, JSON: jsonUrl, SCRIPT: scriptUrl, PORT: String(tcpPort), CLAIM: claim };
  return code.replaceAll(/\$(URL|JSON|SCRIPT|PORT|CLAIM)\b/g, (_, name: keyof typeof values) => values[name]);
}

/** Reads a line that a plugin logged; null when it is none of its reports. */
export function readReport(line: string, mark: string): Report | null {
  if (!line.startsWith(mark)) return null;
  try {
    return JSON.parse(line.slice(mark.length)) as Report;
  } catch {
    return null;
  }
}

/** What `readDefinition` takes for a plugin, without the SDK. */
const PLUGIN = `export default {
  kind: "km-plugin",
  name: "hostile",
  version: "1.0.0",
  protocolVersions: [1, 2],
  requiredTier: "free",
  permissions: {},
  configSchema: { type: "object", properties: {} },
  onMessage() {},
};`;

/** All that reports need is taken before the first attempt, which may put something else in its place. */
function prelude(lure: Lure, mark: string): string {
  return `const c = ${JSON.stringify(lure)};
const log = console.log, later = setTimeout, stringify = JSON.stringify, decoder = new TextDecoder();
const load = (specifier, options) => options ? import(specifier, options) : import(specifier);
const breathe = () => new Promise((yes) => later(yes, 0));
function report(what) {
  const text = stringify(what);
  log(${JSON.stringify(mark)} + text);
}
function show(value) {
  if (value === undefined || value === null) return "";
  if (value instanceof Uint8Array) return decoder.decode(value);
  return typeof value === "object" ? stringify(value) ?? "" : \`\${value}\`;
}
async function within(run) {
  try {
    const late = new Promise((_, no) => later(() => no("took too long"), ${ATTEMPT_MS}));
    const text = show(await Promise.race([run(), late])).slice(0, ${RESULT_CHARACTERS});
    return { threw: false, text };
  } catch (error) {
    let text = "something that cannot be said";
    try { text = \`\${error?.name ?? "thrown"}: \${error?.message ?? error}\`.slice(0, 500); } catch { /* hostile even to itself */ }
    return { threw: true, text };
  }
}`;
}
