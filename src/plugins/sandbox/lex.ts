/**
 * Refuses plugin code that imports: a plugin is one file. A static import of a `node:` module is the one thing that nothing in the sandbox stops, so
 * it must not get in; the others would fail there anyway, and are said here with their line.
 *
 * Two readers look, because each misses what the other sees. V8's own parser is the truth about static imports and about syntax, but says no line
 * and nothing of `import()`; a lexer says both, but can be led astray (a regular expression that looks like a division).
 * @module
 */
import { SourceTextModule } from "node:vm";
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { loadLexer } from "./lexer_package.ts";

const HINT = "bundle the plugin into one file, as km plugins build does, and use no modules but km's SDK";
/** How much of the code a message quotes, in characters. */
const QUOTED = 80;

/** What is wrong with an import. `line` counts from 1; null where only V8 saw it. */
interface Found {
  readonly line: number | null;
  readonly text: string;
}

/**
 * Refuses `code` when it is not JavaScript or imports anything, or would.
 * @throws {KmError} plugin_failed
 */
export async function refuseImports(code: Uint8Array): Promise<void> {
  const source = decode(code);
  const parsed = parseAsV8(source);
  const found = await lexImports(source);
  const [first] = found;
  if (first) throw refused(first);
  const [hidden] = parsed;
  if (hidden !== undefined) throw refused({ line: null, text: `imports "${hidden}", hidden from a reader` });
}

function decode(code: Uint8Array): string {
  try {
    // Also without its byte order mark: Deno and V8 see none.
    return new TextDecoder("utf-8", { fatal: true }).decode(code);
  } catch (cause) {
    throw new KmError("plugin_failed", "Cannot load the plugin: its code is not UTF-8", {
      hint: HINT,
      cause,
    });
  }
}

/** Specifiers of all static imports. Parses as V8 will in the sandbox; nothing is run or loaded. */
function parseAsV8(source: string): string[] {
  try {
    return [...new SourceTextModule(source, { identifier: "plugin.js" }).dependencySpecifiers];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KmError("plugin_failed", `Cannot load the plugin: it is not JavaScript: ${printable(reason)}`, {
      hint: HINT,
      cause,
    });
  }
}

async function lexImports(source: string): Promise<Found[]> {
  const { init, parse } = await loadLexer();
  await init();
  let imports;
  try {
    [imports] = parse(source);
  } catch {
    return []; // V8 parsed it: it is the lexer that lost its way, and what is static V8 has seen.
  }
  const found: Found[] = [];
  for (const { n: specifier, t: type, ss: start, se: end, d } of imports) {
    const isMeta = d === -2;
    // A computed import() cannot be judged here, and is refused when it is called.
    if (isMeta ? !resolves(source, end) : d >= 0 && specifier === undefined && type === DYNAMIC) continue;
    const text = source.slice(start, (end || start) + (isMeta ? "[resolve]".length : 0));
    const line = source.slice(0, start).split(/\r\n|[\n\r\u2028\u2029]/).length;
    found.push({ line, text: describe(text, specifier) });
  }
  return found;
}

/** Type of `import(…)`; those of a phase, `import.source(…)` and `import.defer(…)`, have others. */
const DYNAMIC = 2;

function describe(statement: string, specifier: string | undefined): string {
  const text = statement.replaceAll(/\s+/g, " ");
  const quoted = text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
  return specifier === undefined ? `has ${quoted}` : `imports "${specifier}" (${quoted})`;
}

/** Whether what follows an `import.meta` at `end` is other than what it says of the module itself: `resolve` belongs to imports. */
function resolves(source: string, end: number): boolean {
  return !/^\.(url|main|filename|dirname)\b/.test(source.slice(end, end + QUOTED));
}

function refused({ line, text }: Found): KmError {
  const where = line === null ? "" : `line ${line} `;
  return new KmError("plugin_failed", `Cannot load the plugin: ${where}${printable(text)}`, { hint: HINT });
}
