/**
 * Makes one file of JavaScript of a plugin's TypeScript: types are stripped, the SDK is written into it, no import is left.
 *
 * Needs no bundler: `node:module` strips types, and the SDK is one file without imports of its own. Whatever a plugin is made of besides,
 * `deno bundle` joins (`bundle.ts`). The same sources make the same bytes, everywhere.
 * @module
 */
import { stripTypeScriptTypes } from "node:module";
import { KmError } from "../../core/error.ts";
import { loadLexer } from "../sandbox/lexer_package.ts";

/** A file as its author wrote it. */
export interface SourceFile {
  /** For messages: `plugin.ts`. */
  readonly name: string;
  readonly text: string;
}

/** How a plugin names the SDK: its copy beside it, or the one that km's own plugins share. */
const SDK_SPECIFIER = /^\.{1,2}\/(?:[\w.-]+\/)*(?:sdk|sdk\/mod)\.ts$/;

/** An import or re-export in a file, by where its statement stands. */
interface Import {
  readonly specifier: string | null;
  readonly kind: "static" | "dynamic" | "reexport";
  readonly start: number;
  readonly end: number;
}

/** What a plugin imports, TypeScript's types left out; `null` where it is an expression. */
export async function importsOf(source: SourceFile): Promise<(string | null)[]> {
  const code = source.name.endsWith(".js") ? source.text : stripTypes(source);
  return importsIn(await lex(code, source.name), code).map(({ specifier }) => specifier);
}

/** True when `specifier` means the SDK. */
export function isSdk(specifier: string | null): boolean {
  return specifier !== null && SDK_SPECIFIER.test(specifier);
}

/**
 * The plugin as one module of JavaScript.
 * @throws {KmError} plugin_failed when a file is no TypeScript, or imports anything but the SDK
 */
export async function linkPlugin(plugin: SourceFile, sdk: SourceFile): Promise<string> {
  const code = stripTypes(plugin);
  const imports = importsIn(await lex(code, plugin.name), code);
  const other = imports.find(({ kind, specifier }) => kind !== "static" || !isSdk(specifier));
  if (other) throw refusedImport(plugin, other);
  const library = await sdkExpression(sdk);
  const name = freeName("kmSdk", code);
  const bindings = imports.map(({ start, end }) =>
    bindingOf(code.slice(start, end), name, { plugin, names: library.names })
  );
  const used = bindings.filter((binding) => binding !== "");
  const head = imports.length === 0 ? [] : [`const ${name} = ${library.expression};`, ...used];
  return [...head, cut(code, imports).trim(), ""].join("\n");
}

/** The JavaScript in a TypeScript file; imports that only types use are gone. @throws {KmError} plugin_failed */
export function stripTypes({ name, text }: SourceFile): string {
  try {
    return stripTypeScriptTypes(text, { mode: "transform" });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw cannotStrip(error);
    // `Unexpected token …\n  |\n1 | const = ;\n  |       ~\n    at file:///stripTypeScriptTypes.ts:1:7`
    const [, place = ""] = /stripTypeScriptTypes\.ts(:\d+:\d+)/.exec(error.message) ?? [];
    const [first = "it is no TypeScript"] = error.message.replace(/^SyntaxError: /, "").split("\n");
    throw new KmError("plugin_failed", `Cannot read ${name}${place}: ${first}`, { cause: error });
  }
}

/** A compiled km carries a Deno without TypeScript. */
function cannotStrip(error: unknown): KmError {
  return new KmError("unsupported", `This km cannot read TypeScript: ${(error as Error).message}`, {
    hint: "build plugins with the portable file of km, or from a clone",
    cause: error,
  });
}

type Lexed = ReturnType<Awaited<ReturnType<typeof loadLexer>>["parse"]>;

async function lex(code: string, name: string): Promise<Lexed> {
  const { init, parse } = await loadLexer();
  await init();
  try {
    return parse(code, name);
  } catch (error) {
    throw new KmError("plugin_failed", `Cannot read ${name}: ${(error as Error).message}`, { cause: error });
  }
}

function importsIn([found]: Lexed, code: string): Import[] {
  return found.flatMap(({ n: specifier = null, d, ss: start, se: end }): Import[] => {
    if (d === -2) return []; // import.meta
    const kind = d >= 0 ? "dynamic" : code.startsWith("export", start) ? "reexport" : "static";
    return [{ specifier, kind, start, end }];
  });
}

/** The error for an `import()` of what is computed: no bundler can build that in. */
export function computedImport(name: string): KmError {
  return importWhileItRuns(name, "something that is only known then");
}

function importWhileItRuns(name: string, what: string): KmError {
  return new KmError("plugin_failed", `Cannot build ${name}: it imports ${what} while it runs`, {
    hint: "nothing can be imported in the sandbox; import it at the top, so that it is built in",
  });
}

function refusedImport({ name }: SourceFile, { kind, specifier }: Import): KmError {
  if (specifier === null) return computedImport(name);
  const what = JSON.stringify(specifier);
  if (kind === "dynamic") return importWhileItRuns(name, what);
  return new KmError("plugin_failed", `Cannot build ${name}: it imports ${what}`, {
    hint: "a plugin is one file: only ./sdk/mod.ts is built in without a bundler",
  });
}

/** The SDK as an expression whose value has all that it exports. */
async function sdkExpression(sdk: SourceFile): Promise<{ expression: string; names: readonly string[] }> {
  const code = stripTypes(sdk);
  const lexed = await lex(code, sdk.name);
  if (importsIn(lexed, code).length > 0) {
    throw new KmError("plugin_failed", `Cannot build ${sdk.name} in: it has imports`, {
      hint: "take the SDK as it came: km plugins new <name> writes it",
    });
  }
  const [, exports] = lexed;
  const members = exports.map(({ n: name, ln: local = name }) => local === name ? name : `${name}: ${local}`);
  const body = cut(code, exports.map(({ s }) => exportKeyword(code, s))).trim();
  return {
    expression: `(() => {\n${body}\nreturn { ${members.join(", ")} };\n})()`,
    names: exports.map(({ n }) => n),
  };
}

/** `export ` of `export function …`, or the whole of `export { … };`, by where a name stands in it. */
function exportKeyword(code: string, name: number): { start: number; end: number } {
  const start = code.lastIndexOf("export", name - 1);
  const [keyword = ""] = /^export\s*(?:\{[^}]*\}\s*;?|(?=\S))/.exec(code.slice(start)) ?? [];
  return { start, end: start + keyword.length };
}

interface BindingOptions {
  readonly plugin: SourceFile;
  readonly names: readonly string[];
}

/** `import { a, b as c } from "./sdk.ts";` as a statement that takes a and b out of `library`. */
function bindingOf(statement: string, library: string, { plugin, names }: BindingOptions): string {
  const clause = statement.replace(/^import\s*/, "").replace(/\s*from\s*(["']).*\1[\s\S]*$/, "").trim();
  if (/^["']/.test(clause)) return "";
  const whole = /^\*\s*as\s+([\w$]+)$/.exec(clause);
  if (whole) return `const ${whole[1]} = ${library};`;
  const named = /^\{([\s\S]*)\}$/.exec(clause);
  if (!named) {
    throw new KmError("plugin_failed", `Cannot build ${plugin.name}: the SDK has no default export`, {
      hint: 'import { definePlugin } from "./sdk/mod.ts"',
    });
  }
  const members = (named[1] ?? "").split(",").map((part) => part.trim()).filter((part) => part !== "");
  for (const member of members) {
    const [wanted = ""] = member.split(/\s+as\s+/);
    if (names.includes(wanted)) continue;
    throw new KmError("plugin_failed", `Cannot build ${plugin.name}: the SDK exports no "${wanted}"`, {
      hint: `it exports ${names.join(", ")}`,
    });
  }
  return `const { ${members.map((member) => member.replace(/\s+as\s+/, ": ")).join(", ")} } = ${library};`;
}

/** `code` without the spans; a span that several things share is cut once. */
function cut(code: string, spans: readonly { readonly start: number; readonly end: number }[]): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue;
    rest += code.slice(at, start);
    at = end;
    if (code[at] === ";") at++;
  }
  return rest + code.slice(at);
}

function freeName(wanted: string, code: string): string {
  let name = wanted;
  for (let n = 2; code.includes(name); n++) name = `${wanted}${n}`;
  return name;
}
