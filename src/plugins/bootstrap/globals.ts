/**
 * Takes from the plugin what it has no use for. Defence in depth, behind Deno's permissions and the refused imports: what is not here cannot have
 * a hole. A list of what stays, not of what goes: a new version of Deno brings nothing that nobody has looked at.
 * @module
 */
import { fixIntrinsics, keep } from "./intrinsics.ts";

/** What a module may do without any permission, and `fetch` and `WebSocket`, which need one. All of ECMAScript's is here; its names are known. */
export const GLOBALS: ReadonlySet<PropertyKey> = new Set<PropertyKey>([
  ...["Object", "Function", "Array", "Number", "parseFloat", "parseInt", "Infinity", "NaN", "undefined"],
  ...["Boolean", "String", "Symbol", "Date", "Promise", "RegExp", "Error", "AggregateError", "EvalError"],
  ...[
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
    "SuppressedError",
    "globalThis",
  ],
  ...["JSON", "Math", "Intl", "ArrayBuffer", "Uint8Array", "Int8Array", "Uint16Array", "Int16Array"],
  ...["Uint32Array", "Int32Array", "BigUint64Array", "BigInt64Array", "Uint8ClampedArray", "Float16Array"],
  ...["Float32Array", "Float64Array", "DataView", "Map", "BigInt", "Set", "Iterator", "WeakMap", "WeakSet"],
  ...["Proxy", "Reflect", "FinalizationRegistry", "WeakRef", "decodeURI", "decodeURIComponent", "encodeURI"],
  ...["encodeURIComponent", "escape", "unescape", "isFinite", "isNaN", "Temporal", "DisposableStack"],
  ...["AsyncDisposableStack", "WebAssembly", "self"],
  ...["console", "queueMicrotask", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  ...["AbortController", "AbortSignal", "Event", "EventTarget", "CustomEvent", "ErrorEvent", "MessageEvent"],
  ...["CloseEvent", "ProgressEvent", "PromiseRejectionEvent", "DOMException", "QuotaExceededError"],
  ...["Blob", "File", "FormData", "Headers", "Request", "Response", "fetch", "WebSocket"],
  ...["ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader"],
  ...["ReadableStreamBYOBRequest", "ReadableStreamDefaultController", "ReadableByteStreamController"],
  ...["WritableStream", "WritableStreamDefaultWriter", "WritableStreamDefaultController"],
  ...["TransformStream", "TransformStreamDefaultController", "ByteLengthQueuingStrategy"],
  ...["CountQueuingStrategy", "CompressionStream", "DecompressionStream"],
  ...["TextDecoder", "TextEncoder", "TextDecoderStream", "TextEncoderStream"],
  ...["URL", "URLSearchParams", "URLPattern", "atob", "btoa", "structuredClone"],
  ...["crypto", "Crypto", "SubtleCrypto", "CryptoKey", "performance", "Performance", "PerformanceEntry"],
  ...["PerformanceMark", "PerformanceMeasure", "reportError"],
]);

/** Members of `Deno` that are of use with a grant (files below a folder, variables by name), or without any. */
const DENO: readonly (keyof typeof Deno)[] = [
  "readFile",
  "readTextFile",
  "readDir",
  "stat",
  "lstat",
  "writeFile",
  "writeTextFile",
  "mkdir",
  "remove",
  "rename",
  "errors",
  "inspect",
];

/** Classes and namespaces. */
const CLASS = /^[A-Z]/;

/** Removes globals, makes `Deno` small, and fixes what is relied on. `console` becomes what is given. */
export function removeGlobals(console: object): void {
  const small = smallDeno(Deno);
  // Many are getters that load what they give when they are first asked for: none is asked here, it would take as long as all the rest of a start.
  for (const name of Reflect.ownKeys(globalThis)) {
    if (!GLOBALS.has(name) && typeof name === "string") remove(globalThis, name);
  }
  fix(globalThis, "Deno", small);
  fix(globalThis, "console", console);
  // Getters until here; frames are read and written with them.
  fix(globalThis, "TextEncoder", TextEncoder);
  fix(globalThis, "TextDecoder", TextDecoder);
  for (const name of Reflect.ownKeys(globalThis)) if (CLASS.test(String(name))) keep(globalThis, name);
  fixIntrinsics();
}

function smallDeno(deno: typeof Deno): object {
  const { env } = deno;
  const members: Record<string, unknown> = {
    env: Object.freeze({ get: (name: string) => env.get(name), has: (name: string) => env.has(name) }),
  };
  for (const name of DENO) members[name] = deno[name];
  return Object.freeze(members);
}

function remove(from: object, name: string): void {
  if (Reflect.deleteProperty(from, name)) return;
  // What cannot be removed is emptied; if that fails too, starting fails: nothing dangerous stays.
  Object.defineProperty(from, name, { value: undefined });
}

function fix(on: object, name: string, value: unknown): void {
  Object.defineProperty(on, name, { value, writable: false, configurable: false, enumerable: false });
}
