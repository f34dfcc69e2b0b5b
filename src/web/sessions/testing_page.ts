/** A page of a browser that is hidden, for tests: imported before what looks at its address. Not part of the program. @module */
const hidden = Object.assign(new EventTarget(), { visibilityState: "hidden" });
Object.defineProperty(globalThis, "document", { value: hidden, configurable: true });
Object.defineProperty(globalThis, "location", {
  value: { protocol: "http:", host: "localhost", origin: "http://localhost", hash: "", pathname: "/" },
  configurable: true,
});
