/**
 * Says when the network was refused behind a name that was granted: a name that leads to this machine, or to the networks around it. Deno's audit
 * names what was asked for, which was allowed; only the error that the plugin gets names the address.
 * @module
 */

/** Different addresses that are told. */
const MAX_TOLD = 100;
const REFUSED = /Requires net access to "([^"]{1,300})"/;

// Kept from before the plugin is there: it may put something else in its place.
const { addEventListener } = globalThis;
const { apply, construct } = Reflect;
const { exec } = RegExp.prototype;

/** Puts `fetch` and `WebSocket` that tell in the place of those that do not; the real ones are loaded when they are first used. */
export function tellRefusedNetwork(tell: (address: string) => void): void {
  const told = new Set<string>();
  const look = (message: unknown): void => {
    const address = typeof message === "string" ? addressIn(message) : undefined;
    if (address === undefined || told.has(address) || told.size >= MAX_TOLD) return;
    told.add(address);
    tell(address);
  };
  replaceFetch(look);
  replaceWebSocket(look);
}

function addressIn(message: string): string | undefined {
  const found: RegExpExecArray | null = apply(exec, REFUSED, [message]);
  return found?.[1];
}

function replaceFetch(look: (message: unknown) => void): void {
  const original = lazily<typeof fetch>("fetch");
  const telling = function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const response = original()(input, init);
    // What is refused by name has no cause, and is in the audit.
    response.then(undefined, (error: unknown) => look(causeOf(error)));
    return response;
  };
  Object.defineProperty(globalThis, "fetch", { value: telling, writable: true, configurable: true });
}

function replaceWebSocket(look: (message: unknown) => void): void {
  const original = lazily<typeof WebSocket>("WebSocket");
  let telling: typeof WebSocket | undefined;
  const make = (): typeof WebSocket => {
    const real = original();
    const proxy = new Proxy(real, {
      construct(target, args, newTarget) {
        const socket: object = construct(target, args, newTarget);
        addEventListener.call(socket as Window, "error", (event) => look((event as ErrorEvent).message));
        return socket;
      },
    });
    Object.defineProperty(real.prototype, "constructor", { value: proxy });
    return proxy;
  };
  Object.defineProperty(globalThis, "WebSocket", {
    get: () => telling ??= make(),
    configurable: false,
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : null;
}

/** A global that is loaded when it is first asked for. */
function lazily<T>(name: string): () => T {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
  return () => (get === undefined ? value : get.call(globalThis)) as T;
}
