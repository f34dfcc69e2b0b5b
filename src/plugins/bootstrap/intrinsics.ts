/**
 * Fixes what the bootstrap relies on while a plugin runs beside it: nothing that reads a frame, writes one or hears an error may go through code of
 * the plugin. Lists that are filled cannot be fixed (see `fixArrays`): what reads and writes frames asks them for nothing but what they hold.
 * @module
 */

/** Frozen with their prototypes: nobody assigns to things that inherit from these. */
const CLASSES: readonly object[] = [
  ...[Map, Set, WeakMap, Promise, String, Number, BigInt, Boolean, Symbol, ArrayBuffer, DataView, Iterator],
  ...[Uint8Array, Object.getPrototypeOf(Uint8Array), TextEncoder, TextDecoder, AbortController, AbortSignal],
].flatMap((made: { prototype: object }) => [made, made.prototype]);

/** What has no name: whoever changed how one list is walked, would walk along with all. Frozen, since a `return` that is added is called, too. */
const ITERATORS: readonly object[] = [
  [].values(),
  new Map().entries(),
  new Set().values(),
  ""[Symbol.iterator](),
  "".matchAll(/./g),
  [].values().map(() => 0),
  (function* () {})(),
  (async function* () {})(),
].flatMap(ancestors);

/** What no error must get past. Members alone are fixed: things that inherit from these are assigned to. */
const EVENTS = ["Event", "ErrorEvent", "PromiseRejectionEvent", "EventTarget"];

/** Others stay as they are: Deno 2.9.6 waits for ever once `queueMicrotask` cannot be changed. */
const FUNCTIONS = [
  ...["parseInt", "parseFloat", "isNaN", "isFinite", "encodeURI", "encodeURIComponent", "decodeURI"],
  ...["decodeURIComponent", "structuredClone", "atob", "btoa"],
];

/**
 * Fixes them. Not `RegExp.prototype`: V8 would take twenty times as long over each expression. Who relies on one here keeps `exec` for itself, and
 * calls it with `Reflect.apply`.
 */
export function fixIntrinsics(): void {
  for (const object of [...CLASSES, ...ITERATORS]) Object.freeze(object);
  fixArrays();
  for (const object of [Object, JSON, Math, Reflect]) Object.freeze(object);
  // Not frozen: `x.toString = …` would then be an error for every x. But nothing is added that every object then has.
  Object.preventExtensions(Object.prototype);
  for (const name of ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"]) {
    keep(Object.prototype, name);
  }
  for (const name of ["call", "apply", "bind"]) keep(Function.prototype, name);
  for (const name of FUNCTIONS) keep(globalThis, name);
  for (const name of EVENTS) keepMembers(Reflect.get(globalThis, name).prototype);
}

/** What is there already stays. Getters that load what they give may still be replaced: nothing here uses these. */
export function keep(on: object, name: PropertyKey): void {
  if (!Reflect.getOwnPropertyDescriptor(on, name)?.writable) return;
  Object.defineProperty(on, name, { writable: false, configurable: false });
}

function keepMembers(on: object): void {
  for (const name of Reflect.ownKeys(on)) {
    if (name === "constructor") continue;
    keep(on, name);
    if (Reflect.getOwnPropertyDescriptor(on, name)?.configurable) {
      Object.defineProperty(on, name, { configurable: false });
    }
  }
}

/** Not frozen, and neither `length` nor `constructor` is touched: V8 would then take twice as long over each array that is filled, and each message. */
function fixArrays(): void {
  Object.freeze(Array);
  for (const name of Reflect.ownKeys(Array.prototype)) {
    if (name !== "length" && name !== "constructor") keep(Array.prototype, name);
  }
}

/** All prototypes of `object`, but for that of all objects. */
function ancestors(object: object): object[] {
  const above: object | null = Object.getPrototypeOf(object);
  return above === null || above === Object.prototype ? [] : [above, ...ancestors(above)];
}
