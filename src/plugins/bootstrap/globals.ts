/**
 * Takes from the plugin what it has no use for. Defence in depth, behind Deno's permissions and the refused imports: what is not here cannot have
 * a hole. A list of what stays, not of what goes: a new version of Deno brings nothing that nobody has looked at.
 * @module
 */

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

/** Things whose methods everything here relies on. A plugin that replaced one would see nothing that is not its own, but could break what serves it. */
const FROZEN: readonly object[] = [
  ...[Map, Set, WeakMap, Promise, String, Number, BigInt, Boolean, Symbol, ArrayBuffer, DataView],
  ...[Uint8Array, Object.getPrototypeOf(Uint8Array), TextEncoder, TextDecoder, AbortController, AbortSignal],
].flatMap((made: { prototype: object }) => [made, made.prototype]);

/** Classes and namespaces. Functions stay as they are: Deno 2.9.6 waits for ever once `queueMicrotask` cannot be changed. */
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
  for (const object of FROZEN) Object.freeze(object);
  fixArrays();
  for (const object of [Object, JSON, Math, Reflect]) Object.freeze(object);
  // Not frozen: `x.toString = …` would then be an error for every x. But nothing is added that every object then has.
  Object.preventExtensions(Object.prototype);
  for (const name of ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"]) {
    keep(Object.prototype, name);
  }
  for (const name of ["call", "apply", "bind"]) keep(Function.prototype, name);
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

/** What is there already stays. Getters that load what they give may still be replaced: nothing here uses these. */
function keep(on: object, name: PropertyKey): void {
  if (!Reflect.getOwnPropertyDescriptor(on, name)?.writable) return;
  Object.defineProperty(on, name, { writable: false, configurable: false });
}

/** Not frozen, and neither `length` nor `constructor` is touched: V8 would then take twice as long over each array that is filled, and each message. */
function fixArrays(): void {
  Object.freeze(Array);
  for (const name of Reflect.ownKeys(Array.prototype)) {
    if (name !== "length" && name !== "constructor") keep(Array.prototype, name);
  }
}

function fix(on: object, name: string, value: unknown): void {
  Object.defineProperty(on, name, { value, writable: false, configurable: false, enumerable: false });
}
