import { registerHooks } from "node:module";

var MAX_FRAME_BYTES = 4 * 1024 * 1024;
var FRAME_PREFIX_BYTES = 8;
var LENGTH_BYTES = 4;
var ProtocolError = class extends Error {
  /** What errors of this kind are called. */
  name = "ProtocolError";
};
var FrameReader = class {
  #limitBytes;
  #onFrame;
  /** The lengths of a frame that has only begun. */
  #prefix = new Uint8Array(FRAME_PREFIX_BYTES);
  #prefixFilled = 0;
  /** Header and payload of the frame that is being filled. */
  #body = null;
  #bodyFilled = 0;
  #headerLength = 0;
  #failed = null;
  /** `limitBytes` is the most that a frame's `total` may say. */
  constructor(limitBytes, onFrame) {
    this.#limitBytes = limitBytes;
    this.#onFrame = onFrame;
  }
  /** True in the middle of a frame: the end of the stream would cut it. */
  get isPartial() {
    return this.#prefixFilled > 0;
  }
  /**
   * Takes the next bytes, and calls `onFrame` for each frame that they complete. `chunk` is the caller's again when this returns: what is kept, is copied.
   * @throws {ProtocolError} when they are no frames
   */
  push(chunk) {
    if (this.#failed) throw this.#failed;
    let at = 0;
    while (at < chunk.length) {
      if (this.#body === null) at = this.#fillPrefix(chunk, at);
      else at = this.#fillBody(chunk, at, this.#body);
    }
  }
  /**
   * Says that nothing comes any more.
   * @throws {ProtocolError} when a frame was cut
   */
  end() {
    if (this.#failed) throw this.#failed;
    if (this.isPartial) this.#fail("the stream ended in the middle of a frame");
  }
  #fillPrefix(chunk, at) {
    const taken = Math.min(FRAME_PREFIX_BYTES - this.#prefixFilled, chunk.length - at);
    this.#prefix.set(chunk.subarray(at, at + taken), this.#prefixFilled);
    this.#prefixFilled += taken;
    if (this.#prefixFilled >= LENGTH_BYTES) this.#checkTotal(readU32(this.#prefix, 0));
    if (this.#prefixFilled === FRAME_PREFIX_BYTES) this.#startBody();
    return at + taken;
  }
  #checkTotal(total) {
    if (total > this.#limitBytes) {
      this.#fail(`a frame says it has ${total} bytes; ${this.#limitBytes} are allowed`);
    }
    if (total <= LENGTH_BYTES) {
      this.#fail(`a frame says it has ${total} bytes, which leave none for a header`);
    }
  }
  #startBody() {
    const length = readU32(this.#prefix, 0) - LENGTH_BYTES;
    this.#headerLength = readU32(this.#prefix, LENGTH_BYTES);
    if (this.#headerLength === 0) this.#fail("a frame says that its header has no bytes");
    if (this.#headerLength > length) {
      this.#fail(`a frame of ${length} bytes says that its header has ${this.#headerLength}`);
    }
    this.#body = new Uint8Array(length);
    this.#bodyFilled = 0;
  }
  #fillBody(chunk, at, body) {
    const taken = Math.min(body.length - this.#bodyFilled, chunk.length - at);
    body.set(chunk.subarray(at, at + taken), this.#bodyFilled);
    this.#bodyFilled += taken;
    if (this.#bodyFilled === body.length) {
      this.#body = null;
      this.#prefixFilled = 0;
      this.#onFrame(body.subarray(0, this.#headerLength), body.subarray(this.#headerLength));
    }
    return at + taken;
  }
  #fail(message) {
    this.#failed = new ProtocolError(message);
    throw this.#failed;
  }
};
function readU32(bytes, at) {
  return ((bytes[at] ?? 0) << 24 | (bytes[at + 1] ?? 0) << 16 | (bytes[at + 2] ?? 0) << 8 | (bytes[at + 3] ?? 0)) >>> 0;
}

var now = performance.now.bind(performance);
var INSPECT = {
  depth: 4,
  iterableLimit: 100,
  strAbbreviateSize: 1e4,
  colors: false
};
function createConsole(log, inspect2) {
  const counts = /* @__PURE__ */ new Map();
  const starts = /* @__PURE__ */ new Map();
  let indent = "";
  const text2 = (args) => indent + args.map((arg) => typeof arg === "string" ? arg : inspect2(arg, INSPECT)).join(" ");
  const info = (...args) => log.info(text2(args));
  const nothing = () => {
  };
  const elapsed = (label) => `${label}: ${(now() - (starts.get(label) ?? now())).toFixed(1)} ms`;
  return Object.freeze({
    log: info,
    info,
    dir: (value) => info(value),
    dirxml: info,
    table: (value) => info(value),
    debug: (...args) => log.debug(text2(args)),
    warn: (...args) => log.warning(text2(args)),
    error: (...args) => log.error(text2(args)),
    trace: (...args) => log.debug(text2(args)),
    assert: (condition, ...args) => {
      if (!condition) log.error(text2([
        "Assertion failed",
        ...args
      ]));
    },
    count: (label = "default") => {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      info(`${label}: ${count}`);
    },
    countReset: (label = "default") => void counts.delete(label),
    group: (...args) => {
      if (args.length > 0) info(...args);
      if (indent.length < 40) indent += "  ";
    },
    groupCollapsed: (...args) => info(...args),
    groupEnd: () => {
      indent = indent.slice(2);
    },
    time: (label = "default") => void starts.set(label, now()),
    timeLog: (label = "default", ...args) => info(elapsed(label), ...args),
    timeEnd: (label = "default") => {
      info(elapsed(label));
      starts.delete(label);
    },
    clear: nothing,
    profile: nothing,
    profileEnd: nothing,
    timeStamp: nothing
  });
}

var MAX_KEY_CHARACTERS = 256;
var MAX_TITLE_CHARACTERS = 512;
var MAX_DETAIL_CHARACTERS = 16 * 1024;
var MAX_ANNOTATION_CHARACTERS = 4 * 1024;
var MAX_UNIT_CHARACTERS = 32;
var MAX_LOG_CHARACTERS = 16 * 1024;
var MAX_REASON_CHARACTERS = 2 * 1024;
var MAX_STATE_BYTES = 1024 * 1024;
var MAX_STATE_KEYS = 4096;
var MAX_EMITS_PER_BATCH = 1e3;
var MAX_LOGS_PER_BATCH = 1e3;

var COLOURS = /\u001b\[[0-9;:]*m/g;
var SEVERITIES = [
  "info",
  "warning",
  "critical"
];
function createContext(circumstances, sink, options) {
  return Object.freeze({
    get config() {
      return circumstances.config;
    },
    get licence() {
      return circumstances.licence;
    },
    get protocolVersion() {
      return circumstances.protocolVersion;
    },
    get kmVersion() {
      return circumstances.kmVersion;
    },
    signal: options.signal,
    log: createLog(sink),
    console(line) {
      const shown2 = cut(String(line), MAX_LOG_CHARACTERS);
      sink.log("info", shown2.replaceAll(COLOURS, ""), shown2);
    },
    emit: createEmitter(sink),
    state: createState(sink, options.state)
  });
}
function cut(text2, max) {
  return text2.length <= max ? text2 : `${text2.slice(0, Math.max(0, max - 1))}\u2026`;
}
function createLog(sink) {
  const say = (level) => (text2) => sink.log(level, cut(String(text2), MAX_LOG_CHARACTERS), null);
  return Object.freeze({
    debug: say("debug"),
    info: say("info"),
    warning: say("warning"),
    error: say("error")
  });
}
function createState(sink, store) {
  return Object.freeze({
    get: (key) => store.get(key),
    set(key, value) {
      sink.setState(key, store.set(key, value));
    },
    delete(key) {
      if (store.delete(key)) sink.setState(key, null);
    },
    keys: () => store.keys()
  });
}
function createEmitter(sink) {
  return Object.freeze({
    finding: (finding) => sink.emit(readFinding(finding)),
    metric: (metric) => sink.emit(readMetric(metric)),
    annotation: (annotation) => sink.emit(readAnnotation(annotation))
  });
}
function readFinding({ key, severity, title, detail = "", message, server, tool }) {
  if (!SEVERITIES.includes(severity)) {
    throw new TypeError(`finding: severity must be info, warning or critical`);
  }
  return {
    type: "finding",
    key: named(key, MAX_KEY_CHARACTERS, "finding: key"),
    severity,
    title: named(title, MAX_TITLE_CHARACTERS, "finding: title"),
    detail: text(detail, MAX_DETAIL_CHARACTERS, "finding: detail"),
    server: optional(server ?? message?.event.server, "finding: server"),
    tool: optional(tool ?? message?.event.tool, "finding: tool"),
    eventId: eventIdOf(message)
  };
}
function readMetric({ name, value, unit = "1", message }) {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TypeError("metric: value must be a finite number");
  }
  return {
    type: "metric",
    name: named(name, MAX_KEY_CHARACTERS, "metric: name"),
    value,
    unit: named(unit, MAX_UNIT_CHARACTERS, "metric: unit"),
    eventId: eventIdOf(message)
  };
}
function readAnnotation({ key, value, message }) {
  const eventId = eventIdOf(message);
  if (eventId === null) throw new TypeError("annotation: message is missing");
  return {
    type: "annotation",
    key: named(key, MAX_KEY_CHARACTERS, "annotation: key"),
    value: text(value, MAX_ANNOTATION_CHARACTERS, "annotation: value"),
    eventId
  };
}
function eventIdOf(message) {
  return message === void 0 ? null : text(message.event.id, MAX_KEY_CHARACTERS, "message: event.id");
}
function optional(value, what) {
  if (value === void 0 || value === null || value === "") return null;
  if (typeof value !== "string") throw new TypeError(`${what} must be a text`);
  return cut(value, MAX_KEY_CHARACTERS);
}
function named(value, max, what) {
  if (value === "") throw new TypeError(`${what} must not be empty`);
  return text(value, max, what);
}
function text(value, max, what) {
  if (typeof value !== "string") throw new TypeError(`${what} must be a text`);
  if (value.length > max) throw new TypeError(`${what} has ${value.length} characters; ${max} are allowed`);
  return value;
}

function describeError(thrown) {
  try {
    const text2 = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return cut(text2, MAX_REASON_CHARACTERS);
  } catch {
    return "something that cannot be shown was thrown";
  }
}

var CLASSES = [
  ...[
    Map,
    Set,
    WeakMap,
    Promise,
    String,
    Number,
    BigInt,
    Boolean,
    Symbol,
    ArrayBuffer,
    DataView,
    Iterator
  ],
  ...[
    Uint8Array,
    Object.getPrototypeOf(Uint8Array),
    TextEncoder,
    TextDecoder,
    AbortController,
    AbortSignal
  ]
].flatMap((made) => [
  made,
  made.prototype
]);
var ITERATORS = [
  [].values(),
  (/* @__PURE__ */ new Map()).entries(),
  (/* @__PURE__ */ new Set()).values(),
  ""[Symbol.iterator](),
  "".matchAll(/./g),
  [].values().map(() => 0),
  function* () {
  }(),
  async function* () {
  }()
].flatMap(ancestors);
var EVENTS = [
  "Event",
  "ErrorEvent",
  "PromiseRejectionEvent",
  "EventTarget"
];
var FUNCTIONS = [
  ...[
    "parseInt",
    "parseFloat",
    "isNaN",
    "isFinite",
    "encodeURI",
    "encodeURIComponent",
    "decodeURI"
  ],
  ...[
    "decodeURIComponent",
    "structuredClone",
    "atob",
    "btoa"
  ]
];
function fixIntrinsics() {
  for (const object of [
    ...CLASSES,
    ...ITERATORS
  ]) Object.freeze(object);
  fixArrays();
  for (const object of [
    Object,
    JSON,
    Math,
    Reflect
  ]) Object.freeze(object);
  Object.preventExtensions(Object.prototype);
  for (const name of [
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable"
  ]) {
    keep(Object.prototype, name);
  }
  for (const name of [
    "call",
    "apply",
    "bind"
  ]) keep(Function.prototype, name);
  for (const name of FUNCTIONS) keep(globalThis, name);
  for (const name of EVENTS) keepMembers(Reflect.get(globalThis, name).prototype);
}
function keep(on, name) {
  if (!Reflect.getOwnPropertyDescriptor(on, name)?.writable) return;
  Object.defineProperty(on, name, {
    writable: false,
    configurable: false
  });
}
function keepMembers(on) {
  for (const name of Reflect.ownKeys(on)) {
    if (name === "constructor") continue;
    keep(on, name);
    if (Reflect.getOwnPropertyDescriptor(on, name)?.configurable) {
      Object.defineProperty(on, name, {
        configurable: false
      });
    }
  }
}
function fixArrays() {
  Object.freeze(Array);
  for (const name of Reflect.ownKeys(Array.prototype)) {
    if (name !== "length" && name !== "constructor") keep(Array.prototype, name);
  }
}
function ancestors(object) {
  const above = Object.getPrototypeOf(object);
  return above === null || above === Object.prototype ? [] : [
    above,
    ...ancestors(above)
  ];
}

var GLOBALS = /* @__PURE__ */ new Set([
  ...[
    "Object",
    "Function",
    "Array",
    "Number",
    "parseFloat",
    "parseInt",
    "Infinity",
    "NaN",
    "undefined"
  ],
  ...[
    "Boolean",
    "String",
    "Symbol",
    "Date",
    "Promise",
    "RegExp",
    "Error",
    "AggregateError",
    "EvalError"
  ],
  ...[
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
    "SuppressedError",
    "globalThis"
  ],
  ...[
    "JSON",
    "Math",
    "Intl",
    "ArrayBuffer",
    "Uint8Array",
    "Int8Array",
    "Uint16Array",
    "Int16Array"
  ],
  ...[
    "Uint32Array",
    "Int32Array",
    "BigUint64Array",
    "BigInt64Array",
    "Uint8ClampedArray",
    "Float16Array"
  ],
  ...[
    "Float32Array",
    "Float64Array",
    "DataView",
    "Map",
    "BigInt",
    "Set",
    "Iterator",
    "WeakMap",
    "WeakSet"
  ],
  ...[
    "Proxy",
    "Reflect",
    "FinalizationRegistry",
    "WeakRef",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI"
  ],
  ...[
    "encodeURIComponent",
    "escape",
    "unescape",
    "isFinite",
    "isNaN",
    "Temporal",
    "DisposableStack"
  ],
  ...[
    "AsyncDisposableStack",
    "WebAssembly",
    "self"
  ],
  ...[
    "console",
    "queueMicrotask",
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval"
  ],
  ...[
    "AbortController",
    "AbortSignal",
    "Event",
    "EventTarget",
    "CustomEvent",
    "ErrorEvent",
    "MessageEvent"
  ],
  ...[
    "CloseEvent",
    "ProgressEvent",
    "PromiseRejectionEvent",
    "DOMException",
    "QuotaExceededError"
  ],
  ...[
    "Blob",
    "File",
    "FormData",
    "Headers",
    "Request",
    "Response",
    "fetch",
    "WebSocket"
  ],
  ...[
    "ReadableStream",
    "ReadableStreamDefaultReader",
    "ReadableStreamBYOBReader"
  ],
  ...[
    "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController",
    "ReadableByteStreamController"
  ],
  ...[
    "WritableStream",
    "WritableStreamDefaultWriter",
    "WritableStreamDefaultController"
  ],
  ...[
    "TransformStream",
    "TransformStreamDefaultController",
    "ByteLengthQueuingStrategy"
  ],
  ...[
    "CountQueuingStrategy",
    "CompressionStream",
    "DecompressionStream"
  ],
  ...[
    "TextDecoder",
    "TextEncoder",
    "TextDecoderStream",
    "TextEncoderStream"
  ],
  ...[
    "URL",
    "URLSearchParams",
    "URLPattern",
    "atob",
    "btoa",
    "structuredClone"
  ],
  ...[
    "crypto",
    "Crypto",
    "SubtleCrypto",
    "CryptoKey",
    "performance",
    "Performance",
    "PerformanceEntry"
  ],
  ...[
    "PerformanceMark",
    "PerformanceMeasure",
    "reportError"
  ]
]);
var DENO = [
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
  "inspect"
];
var CLASS = /^[A-Z]/;
function removeGlobals(console) {
  const small = smallDeno(Deno);
  for (const name of Reflect.ownKeys(globalThis)) {
    if (!GLOBALS.has(name) && typeof name === "string") remove(globalThis, name);
  }
  fix(globalThis, "Deno", small);
  fix(globalThis, "console", console);
  fix(globalThis, "TextEncoder", TextEncoder);
  fix(globalThis, "TextDecoder", TextDecoder);
  for (const name of Reflect.ownKeys(globalThis)) if (CLASS.test(String(name))) keep(globalThis, name);
  fixIntrinsics();
}
function smallDeno(deno) {
  const { env } = deno;
  const members = {
    env: Object.freeze({
      get: (name) => env.get(name),
      has: (name) => env.has(name)
    })
  };
  for (const name of DENO) members[name] = deno[name];
  return Object.freeze(members);
}
function remove(from, name) {
  if (Reflect.deleteProperty(from, name)) return;
  Object.defineProperty(from, name, {
    value: void 0
  });
}
function fix(on, name, value) {
  Object.defineProperty(on, name, {
    value,
    writable: false,
    configurable: false,
    enumerable: false
  });
}

var MAX_TOLD = 100;
var REFUSED = /Requires net access to "([^"]{1,300})"/;
var { addEventListener: addEventListener2 } = globalThis;
var { apply, construct } = Reflect;
var { exec } = RegExp.prototype;
function tellRefusedNetwork(tell) {
  const told = /* @__PURE__ */ new Set();
  const look = (message) => {
    const address = typeof message === "string" ? addressIn(message) : void 0;
    if (address === void 0 || told.has(address) || told.size >= MAX_TOLD) return;
    told.add(address);
    tell(address);
  };
  replaceFetch(look);
  replaceWebSocket(look);
}
function addressIn(message) {
  const found2 = apply(exec, REFUSED, [
    message
  ]);
  return found2?.[1];
}
function replaceFetch(look) {
  const original = lazily("fetch");
  const telling = function fetch(input, init) {
    const response = original()(input, init);
    response.then(void 0, (error) => look(causeOf(error)));
    return response;
  };
  Object.defineProperty(globalThis, "fetch", {
    value: telling,
    writable: true,
    configurable: true
  });
}
function replaceWebSocket(look) {
  const original = lazily("WebSocket");
  let telling;
  const make = () => {
    const real = original();
    const proxy = new Proxy(real, {
      construct(target, args, newTarget) {
        const socket = construct(target, args, newTarget);
        addEventListener2.call(socket, "error", (event) => look(event.message));
        return socket;
      }
    });
    Object.defineProperty(real.prototype, "constructor", {
      value: proxy
    });
    return proxy;
  };
  Object.defineProperty(globalThis, "WebSocket", {
    get: () => telling ??= make(),
    configurable: false
  });
}
function causeOf(error) {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : null;
}
function lazily(name) {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
  return () => get === void 0 ? value : get.call(globalThis);
}

var decoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true
});
var { fromCharCode } = String;
var SHORT = 48;
var VARINT = 0;
var BIT64 = 1;
var LENGTH = 2;
var BIT32 = 5;
var KIND = "km.plugin.v1.";
function readHostFrame(bytes) {
  const frame = {
    $typeName: `${KIND}HostFrame`,
    id: 0,
    body: {
      case: void 0
    }
  };
  const fields = new Fields(bytes);
  while (fields.next()) {
    if (fields.field === 1) frame.id = fields.uint();
    else frame.body = readBody(fields) ?? frame.body;
  }
  return frame;
}
function readBody(fields) {
  switch (fields.field) {
    case 2:
      fields.inner();
      return {
        case: "load",
        value: {
          $typeName: `${KIND}Load`
        }
      };
    case 3:
      return {
        case: "hello",
        value: readHello(fields.inner())
      };
    case 4:
      return {
        case: "authenticate",
        value: readAuthenticate(fields.inner())
      };
    case 5:
      return {
        case: "configure",
        value: readConfigure(fields.inner())
      };
    case 6:
      return {
        case: "handleMessages",
        value: readBatch(fields.inner())
      };
    case 7: {
      const [code, message] = readTexts(fields.inner());
      return {
        case: "handleError",
        value: {
          $typeName: `${KIND}HandleError`,
          code,
          message
        }
      };
    }
    case 8:
      fields.inner();
      return {
        case: "ping",
        value: {
          $typeName: `${KIND}Ping`
        }
      };
    case 9: {
      const [reason] = readTexts(fields.inner());
      return {
        case: "shutdown",
        value: {
          $typeName: `${KIND}Shutdown`,
          reason
        }
      };
    }
    default:
      return null;
  }
}
function readHello(fields) {
  const hello = {
    $typeName: `${KIND}Hello`,
    protocolVersions: [],
    kmVersion: "",
    pluginName: "",
    pluginVersion: "",
    tier: "",
    maxFrameBytes: 0
  };
  while (fields.next()) {
    if (fields.field === 1) readVersions(fields, hello.protocolVersions);
    else if (fields.field === 2) hello.kmVersion = fields.text();
    else if (fields.field === 3) hello.pluginName = fields.text();
    else if (fields.field === 4) hello.pluginVersion = fields.text();
    else if (fields.field === 5) hello.tier = fields.text();
    else if (fields.field === 6) hello.maxFrameBytes = fields.uint();
  }
  return hello;
}
function readVersions(fields, list) {
  if (fields.wire === VARINT) return add(list, fields.uint());
  const packed = fields.inner();
  while (!packed.isAtEnd) add(list, packed.varint());
}
function readAuthenticate(fields) {
  const asked = {
    $typeName: `${KIND}Authenticate`,
    tier: "",
    customerId: "",
    expiresAtS: 0n
  };
  while (fields.next()) {
    if (fields.field === 1) asked.tier = fields.text();
    else if (fields.field === 2) asked.customerId = fields.text();
    else if (fields.field === 3) asked.expiresAtS = fields.int64();
  }
  return asked;
}
function readConfigure(fields) {
  const configure = {
    $typeName: `${KIND}Configure`,
    configJson: "",
    state: []
  };
  while (fields.next()) {
    if (fields.field === 1) configure.configJson = fields.text();
    else if (fields.field === 2) {
      const [key, valueJson] = readTexts(fields.inner());
      add(configure.state, {
        $typeName: `${KIND}StateEntry`,
        key,
        valueJson
      });
    }
  }
  return configure;
}
function readBatch(fields) {
  const batch = {
    $typeName: `${KIND}HandleMessages`,
    messages: [],
    droppedMessages: 0n,
    droppedBytes: 0n
  };
  while (fields.next()) {
    if (fields.field === 1) add(batch.messages, readMessage(fields.inner()));
    else if (fields.field === 2) batch.droppedMessages = fields.int64();
    else if (fields.field === 3) batch.droppedBytes = fields.int64();
  }
  return batch;
}
function readMessage(fields) {
  const message = {
    $typeName: `${KIND}Message`,
    dataBytes: 0,
    direction: 0,
    correlationId: ""
  };
  while (fields.next()) {
    if (fields.field === 1) message.dataBytes = fields.uint();
    else if (fields.field === 2) message.direction = fields.uint();
    else if (fields.field === 3) message.correlationId = fields.text();
    else if (fields.field === 4) message.event = readEvent(fields.inner());
  }
  return message;
}
function readEvent(fields) {
  const event = {
    $typeName: `${KIND}Event`,
    id: "",
    timeUs: 0n,
    server: "",
    kind: "",
    sizeBytes: 0n,
    truncated: false,
    format: 0
  };
  while (fields.next()) readEventField(fields, event);
  return event;
}
function readEventField(fields, event) {
  switch (fields.field) {
    case 1:
      return void (event.id = fields.text());
    case 2:
      return void (event.timeUs = fields.int64());
    case 3:
      return void (event.server = fields.text());
    case 4:
      return void (event.kind = fields.text());
    case 5:
      return void (event.method = fields.text());
    case 6:
      return void (event.tool = fields.text());
    case 7:
      return void (event.rpcId = fields.text());
    case 8:
      return void (event.sizeBytes = fields.int64());
    case 9:
      return void (event.truncated = fields.uint() !== 0);
    case 10:
      return void (event.format = fields.uint());
    case 11:
      return void (event.answersId = fields.text());
    case 12:
      return void (event.durationUs = fields.int64());
    case 13:
      return void (event.client = fields.text());
  }
}
function readTexts(fields) {
  let first = "", second = "";
  while (fields.next()) {
    if (fields.field === 1) first = fields.text();
    else if (fields.field === 2) second = fields.text();
  }
  return [
    first,
    second
  ];
}
function add(list, value) {
  Object.defineProperty(list, list.length, {
    value,
    writable: true,
    enumerable: true,
    configurable: true
  });
}
var Fields = class _Fields {
  field = 0;
  wire = 0;
  #bytes;
  #end;
  #at;
  #isRead = true;
  constructor(bytes, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }
  get isAtEnd() {
    return this.#at >= this.#end;
  }
  /** Goes to the next field; false: there is none. */
  next() {
    if (!this.#isRead) this.#skip();
    if (this.isAtEnd) return false;
    const tag = this.varint();
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw new RangeError("a field has no number");
    this.#isRead = false;
    return true;
  }
  uint() {
    this.#expect(VARINT);
    return this.varint();
  }
  /** Signed or not: what km counts is less than 2 ** 63. */
  int64() {
    this.#expect(VARINT);
    const start = this.#at;
    for (let small = 0, unit = 1; unit < 2 ** 49; unit *= 128) {
      const byte = this.#byte();
      small += (byte & 127) * unit;
      if (byte < 128) return BigInt(small);
    }
    this.#at = start;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw new RangeError("a number does not end");
  }
  text() {
    this.#expect(LENGTH);
    const length = this.varint();
    const start = this.#at;
    const end = this.#pass(length);
    if (length <= SHORT) {
      let text2 = "";
      let at = start;
      for (; at < end; at++) {
        const byte = this.#bytes[at] ?? 0;
        if (byte >= 128) break;
        text2 += fromCharCode(byte);
      }
      if (at === end) return text2;
    }
    return decoder.decode(this.#bytes.subarray(start, end));
  }
  /** The fields of a message that is this field. */
  inner() {
    this.#expect(LENGTH);
    const length = this.varint();
    const start = this.#at;
    return new _Fields(this.#bytes, start, this.#pass(length));
  }
  /** 32 bits; what is above is left out, as protobuf does. */
  varint() {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError("a number does not end");
  }
  #expect(wire) {
    if (this.wire !== wire) throw new RangeError(`field ${this.field} is of another type`);
    this.#isRead = true;
  }
  #skip() {
    this.#isRead = true;
    if (this.wire === VARINT) this.varint();
    else if (this.wire === BIT64) this.#pass(8);
    else if (this.wire === LENGTH) this.#pass(this.varint());
    else if (this.wire === BIT32) this.#pass(4);
    else throw new RangeError(`field ${this.field} is of no known type`);
  }
  /** Goes on by so many bytes; where that is. */
  #pass(length) {
    if (length > this.#end - this.#at) throw new RangeError("a field is longer than what holds it");
    return this.#at += length;
  }
  #byte() {
    if (this.isAtEnd) throw new RangeError("a number is cut");
    return this.#bytes[this.#at++] ?? 0;
  }
};

var Direction = /* @__PURE__ */ function(Direction2) {
  Direction2[Direction2["UNSPECIFIED"] = 0] = "UNSPECIFIED";
  Direction2[Direction2["CLIENT_TO_SERVER"] = 1] = "CLIENT_TO_SERVER";
  Direction2[Direction2["SERVER_TO_CLIENT"] = 2] = "SERVER_TO_CLIENT";
  return Direction2;
}({});
var PayloadFormat = /* @__PURE__ */ function(PayloadFormat2) {
  PayloadFormat2[PayloadFormat2["UNSPECIFIED"] = 0] = "UNSPECIFIED";
  PayloadFormat2[PayloadFormat2["NONE"] = 1] = "NONE";
  PayloadFormat2[PayloadFormat2["JSON"] = 2] = "JSON";
  PayloadFormat2[PayloadFormat2["TEXT"] = 3] = "TEXT";
  PayloadFormat2[PayloadFormat2["BYTES"] = 4] = "BYTES";
  return PayloadFormat2;
}({});
var LogLevel = /* @__PURE__ */ function(LogLevel2) {
  LogLevel2[LogLevel2["UNSPECIFIED"] = 0] = "UNSPECIFIED";
  LogLevel2[LogLevel2["DEBUG"] = 1] = "DEBUG";
  LogLevel2[LogLevel2["INFO"] = 2] = "INFO";
  LogLevel2[LogLevel2["WARNING"] = 3] = "WARNING";
  LogLevel2[LogLevel2["ERROR"] = 4] = "ERROR";
  return LogLevel2;
}({});
var Severity = /* @__PURE__ */ function(Severity2) {
  Severity2[Severity2["UNSPECIFIED"] = 0] = "UNSPECIFIED";
  Severity2[Severity2["INFO"] = 1] = "INFO";
  Severity2[Severity2["WARNING"] = 2] = "WARNING";
  Severity2[Severity2["CRITICAL"] = 3] = "CRITICAL";
  return Severity2;
}({});

var PROTOCOL_VERSIONS = [
  1,
  2
];
var STATE_VERSION = 2;
function negotiate(theirs, ours = PROTOCOL_VERSIONS) {
  const both = ours.filter((version) => theirs.includes(version));
  return both.length === 0 ? null : Math.max(...both);
}
function explainMismatch(plugin, theirs, ours = PROTOCOL_VERSIONS) {
  const message = `"${plugin}" speaks ${versionsText(theirs)} of the plugin protocol, this km speaks ${versionsText(ours)}`;
  const isNewer = theirs.length > 0 && Math.min(...theirs) > Math.max(...ours);
  return {
    message,
    hint: isNewer ? "update km: km update" : "install a newer release of the plugin"
  };
}
function versionsText(versions) {
  if (versions.length === 0) return "no version";
  const sorted = [
    ...versions
  ].sort((a, b) => a - b);
  const last = sorted.pop();
  return sorted.length === 0 ? `version ${last}` : `versions ${sorted.join(", ")} and ${last}`;
}

var INITIAL_BYTES = 16 * 1024;
var KEPT_BYTES = 256 * 1024;
var VARINT_BYTES = 5;
var LENGTH_BYTES2 = 4;
var encoder = new TextEncoder();
var FrameWriter = class {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  /** Bytes of all frames that wait. */
  get length() {
    return this.#at;
  }
  /** All that waits; valid until the next frame is added. Nothing waits any more. */
  take() {
    const all = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#use(new Uint8Array(INITIAL_BYTES));
    return all;
  }
  /** @throws {ProtocolError} when it is longer than `limitBytes`: nothing of it waits then */
  add(replyTo, body, limitBytes) {
    const start = this.#at;
    let isWhole = false;
    try {
      this.#need(FRAME_PREFIX_BYTES);
      this.#at += FRAME_PREFIX_BYTES;
      this.#count(1, replyTo);
      this.#body(body);
      this.#finish(start, limitBytes);
      isWhole = true;
    } finally {
      if (!isWhole) this.#at = start;
    }
  }
  #finish(start, limitBytes) {
    const header = this.#at - start - FRAME_PREFIX_BYTES;
    const total = header + LENGTH_BYTES2;
    if (total > limitBytes) {
      throw new ProtocolError(`a frame of ${total} bytes is longer than the ${limitBytes} bytes allowed`);
    }
    this.#view.setUint32(start, total);
    this.#view.setUint32(start + LENGTH_BYTES2, header);
  }
  #body(body) {
    switch (body.case) {
      case "loaded":
        return this.#loaded(body.value);
      case "helloAck":
        return this.#helloAck(body.value);
      case "authenticateResult": {
        const start = this.#open(4);
        this.#flag(1, body.value.accepted);
        this.#text(2, body.value.reason);
        return this.#close(start);
      }
      case "configured":
        return this.#close(this.#open(5));
      case "handled":
        return this.#handled(body.value);
      case "pong":
        return this.#close(this.#open(7));
      case "shutdownAck":
        return this.#close(this.#open(8));
      case "log": {
        const start = this.#open(9);
        this.#count(1, body.value.level);
        this.#text(2, body.value.text);
        this.#text(3, body.value.console);
        return this.#close(start);
      }
      case "emit": {
        const start = this.#open(10);
        this.#text(1, body.value.eventId);
        if (body.value.what !== void 0) this.#given(body.value.what);
        return this.#close(start);
      }
      case "setState":
        return this.#pair(11, body.value.key, body.value.valueJson);
      case "refused":
        return this.#pair(12, body.value.what, body.value.value);
      case "failed":
        return this.#pair(13, body.value.code, body.value.message);
    }
  }
  #loaded(loaded) {
    const { name, version, protocolVersions, definitionJson } = loaded;
    const start = this.#open(2);
    this.#text(1, name);
    this.#text(2, version);
    if (protocolVersions !== void 0 && protocolVersions.length > 0) {
      const list = this.#open(3);
      for (let at = 0; at < protocolVersions.length; at++) this.#varint(protocolVersions[at] ?? 0);
      this.#close(list);
    }
    this.#text(4, definitionJson);
    this.#close(start);
  }
  #helloAck(ack) {
    const start = this.#open(3);
    this.#count(1, ack.protocolVersion);
    this.#text(2, ack.pluginName);
    this.#text(3, ack.pluginVersion);
    this.#text(4, ack.requiredTier);
    this.#flag(5, ack.hasAuthenticate);
    this.#close(start);
  }
  #handled(handled) {
    const start = this.#open(6);
    this.#count(1, handled.messages);
    this.#count(2, handled.failed);
    this.#text(3, handled.firstError);
    this.#count(4, handled.droppedEmits);
    this.#count(5, handled.droppedLogs);
    this.#close(start);
  }
  #given(what) {
    switch (what.case) {
      case "finding": {
        const { key, severity, title, detail, server, tool } = what.value;
        const start = this.#open(2);
        this.#text(1, key);
        this.#count(2, severity);
        this.#text(3, title);
        this.#text(4, detail);
        this.#text(5, server);
        this.#text(6, tool);
        return this.#close(start);
      }
      case "metric": {
        const start = this.#open(3);
        this.#text(1, what.value.name);
        this.#double(2, what.value.value);
        this.#text(3, what.value.unit);
        return this.#close(start);
      }
      case "annotation":
        return this.#pair(4, what.value.key, what.value.value);
    }
  }
  /** A message of two texts. */
  #pair(field, first, second) {
    const start = this.#open(field);
    this.#text(1, first);
    this.#text(2, second);
    this.#close(start);
  }
  /** Begins something whose length stands before it; returns where it begins. */
  #open(field) {
    this.#varint(field << 3 | 2);
    this.#need(1);
    return ++this.#at;
  }
  /** One byte was left for the length: what is longer is moved. */
  #close(start) {
    const length = this.#at - start;
    const extra = varintBytes(length) - 1;
    if (extra > 0) {
      this.#need(extra);
      this.#bytes.copyWithin(start + extra, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }
  // Of all that follows, what says nothing (0, false, "") is left out, as protobuf does. Types are looked at again: an object that turns into a text
  // or a number would be the plugin's code, run in the middle of a frame.
  #count(field, value) {
    if (value === void 0 || value === 0) return;
    if (typeof value !== "number") throw new TypeError("a number is something else");
    this.#varint(field << 3);
    this.#varint(value);
  }
  #flag(field, value) {
    if (value === true) this.#count(field, 1);
  }
  #double(field, value) {
    if (value === void 0) return;
    if (typeof value !== "number") throw new TypeError("a number is something else");
    if (value === 0 && 1 / value > 0) return;
    this.#varint(field << 3 | 1);
    this.#need(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }
  #text(field, value) {
    if (value === void 0 || value === "") return;
    if (typeof value !== "string") throw new TypeError("a text is something else");
    const start = this.#open(field);
    this.#need(value.length * 3);
    this.#at += encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    this.#close(start);
  }
  #varint(value) {
    this.#need(VARINT_BYTES);
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = rest & 127 | 128;
    this.#bytes[this.#at++] = rest;
  }
  #need(bytes) {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    let length = this.#bytes.length * 2;
    while (length < needed) length *= 2;
    const larger = new Uint8Array(length);
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#use(larger);
  }
  #use(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
};
function varintBytes(value) {
  let bytes = 1;
  for (let rest = value; rest > 127; rest >>>= 7) bytes++;
  return bytes;
}

var LEVEL = {
  debug: LogLevel.DEBUG,
  info: LogLevel.INFO,
  warning: LogLevel.WARNING,
  error: LogLevel.ERROR
};
var SEVERITY = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  critical: Severity.CRITICAL
};
var FLUSH_BYTES = 64 * 1024;
var OVERHEAD_BYTES = 256;
var schedule = queueMicrotask;
var Output = class {
  /** Longest frame that km takes. */
  maxFrameBytes = MAX_FRAME_BYTES;
  protocolVersion = 1;
  #write;
  #frames = new FrameWriter();
  #isScheduled = false;
  #emits = 0;
  #logs = 0;
  #droppedEmits = 0;
  #droppedLogs = 0;
  #saidNoAnnotations = false;
  /** `write` takes all it is given before it returns. */
  constructor(write) {
    this.#write = write;
  }
  /** Queues a frame; it is written when what runs now is done, or as soon as there is much. @throws {ProtocolError} when it is too long */
  send(replyTo, body) {
    this.#frames.add(replyTo, body, this.maxFrameBytes);
    if (this.#frames.length >= FLUSH_BYTES) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    schedule(() => this.flush());
  }
  /** Writes what waits. */
  flush() {
    this.#isScheduled = false;
    if (this.#frames.length > 0) this.#write(this.#frames.take());
  }
  /** Another batch, another measure. Returns what did not fit into the last one. */
  renewBounds() {
    const dropped = {
      emits: this.#droppedEmits,
      logs: this.#droppedLogs
    };
    this.allowMore();
    this.#droppedEmits = 0;
    this.#droppedLogs = 0;
    return dropped;
  }
  /** Time has passed without a batch: as much again may be said. */
  allowMore() {
    this.#emits = 0;
    this.#logs = 0;
  }
  emit(given) {
    if (given.type === "annotation" && this.protocolVersion < STATE_VERSION) return this.#refuseAnnotations();
    if (this.#emits >= MAX_EMITS_PER_BATCH) {
      this.#droppedEmits++;
      return;
    }
    this.#emits++;
    try {
      this.send(0, {
        case: "emit",
        value: {
          eventId: given.eventId ?? "",
          what: wireGiven(given)
        }
      });
    } catch (error) {
      throw error instanceof ProtocolError ? new TypeError(`${given.type}: ${error.message}`) : error;
    }
  }
  log(level, text2, console) {
    if (this.#logs >= MAX_LOGS_PER_BATCH) {
      this.#droppedLogs++;
      return;
    }
    this.#logs++;
    const max = Math.min(MAX_LOG_CHARACTERS, Math.floor((this.maxFrameBytes - OVERHEAD_BYTES) / 6));
    const value = {
      level: LEVEL[level],
      text: cut(text2, max),
      console: cut(console ?? "", max)
    };
    this.send(0, {
      case: "log",
      value
    });
  }
  setState(key, valueJson) {
    if (this.protocolVersion < STATE_VERSION) return;
    this.send(0, {
      case: "setState",
      value: {
        key,
        valueJson: valueJson ?? ""
      }
    });
  }
  /** Tells km what was refused to the plugin. Counts as a log line: a plugin that tries a million times says so a thousand times. */
  refused(what, value) {
    if (this.#logs >= MAX_LOGS_PER_BATCH) {
      this.#droppedLogs++;
      return;
    }
    this.#logs++;
    this.send(0, {
      case: "refused",
      value: {
        what,
        value: cut(value, MAX_REASON_CHARACTERS / 4)
      }
    });
  }
  /** The most that a key with its value may take. */
  get maxStateBytes() {
    return this.maxFrameBytes - OVERHEAD_BYTES;
  }
  #refuseAnnotations() {
    if (this.#saidNoAnnotations) return;
    this.#saidNoAnnotations = true;
    this.log("warning", "this km does not know annotations (protocol 1): they are dropped", null);
  }
};
function wireGiven(given) {
  switch (given.type) {
    case "finding":
      return {
        case: "finding",
        value: {
          key: given.key,
          severity: SEVERITY[given.severity],
          title: given.title,
          detail: given.detail,
          server: given.server ?? "",
          tool: given.tool ?? ""
        }
      };
    case "metric":
      return {
        case: "metric",
        value: {
          name: given.name,
          value: given.value,
          unit: given.unit
        }
      };
    case "annotation":
      return {
        case: "annotation",
        value: {
          key: given.key,
          value: given.value
        }
      };
  }
}

function withDefaults(schema, config) {
  const complete = {
    ...config
  };
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (complete[name] === void 0 && property.default !== void 0) {
      complete[name] = structuredClone(property.default);
    }
  }
  return complete;
}

var StateStore = class {
  #entries = /* @__PURE__ */ new Map();
  #maxValueBytes;
  #bytes = 0;
  /** `maxValueBytes`: the longest that one key with its value may be, beside the bound on all of them. */
  constructor(maxValueBytes = () => MAX_STATE_BYTES) {
    this.#maxValueBytes = maxValueBytes;
  }
  /** Replaces everything. */
  replace(entries) {
    this.#entries.clear();
    this.#bytes = 0;
    for (const [key, valueJson] of entries) {
      this.#entries.set(key, valueJson);
      this.#bytes += byteLength(key) + byteLength(valueJson);
    }
  }
  /** A copy of what is kept as `key`. */
  get(key) {
    const json = this.#entries.get(key);
    return json === void 0 ? void 0 : JSON.parse(json);
  }
  /** Keeps `value`; returns its JSON text. @throws {TypeError} when it is no JSON, or too much */
  set(key, value) {
    if (typeof key !== "string" || key === "" || key.length > MAX_KEY_CHARACTERS) {
      throw new TypeError(`state: a key is a text of 1 to ${MAX_KEY_CHARACTERS} characters`);
    }
    const json = JSON.stringify(value);
    if (json === void 0) throw new TypeError(`state: the value of "${key}" is no JSON`);
    const own = byteLength(key) + byteLength(json);
    const before = this.#bytesOf(key);
    const max = Math.min(this.#maxValueBytes(), MAX_STATE_BYTES);
    if (own > max) throw new TypeError(`state: "${key}" has ${own} bytes; ${max} are allowed`);
    if (this.#bytes - before + own > MAX_STATE_BYTES) {
      throw new TypeError(`state: "${key}" makes it more than ${MAX_STATE_BYTES} bytes`);
    }
    if (before === 0 && this.#entries.size >= MAX_STATE_KEYS) {
      throw new TypeError(`state: more than ${MAX_STATE_KEYS} keys`);
    }
    this.#bytes += own - before;
    this.#entries.set(key, json);
    return json;
  }
  /** True when there was something. */
  delete(key) {
    this.#bytes -= this.#bytesOf(key);
    return this.#entries.delete(key);
  }
  /** Names of all that is kept. */
  keys() {
    return [
      ...this.#entries.keys()
    ];
  }
  /** JSON text of `key`; null: nothing is kept. */
  json(key) {
    return this.#entries.get(key) ?? null;
  }
  #bytesOf(key) {
    const json = this.#entries.get(key);
    return json === void 0 ? 0 : byteLength(key) + byteLength(json);
  }
};
function byteLength(text2) {
  let bytes = text2.length;
  for (let at = 0; at < text2.length; at++) {
    const unit = text2.charCodeAt(at);
    if (unit >= 128) bytes += unit >= 2048 && (unit < 55296 || unit > 57343) ? 2 : 1;
  }
  return bytes;
}

function configProblem(schema, value) {
  return problemAt(schema, value, "");
}
function problemAt(schema, value, path) {
  const wrong = (expected) => `${path || "it"} is ${found(value)}, and must be ${expected}`;
  const { type } = schema;
  if (type !== void 0 && !isOfType(value, type)) return wrong(`of type ${type}`);
  if (schema.enum !== void 0 && !schema.enum.some((one) => isSame(one, value))) {
    return wrong(`one of ${schema.enum.map(shown).join(", ")}`);
  }
  if (schema.const !== void 0 && !isSame(schema.const, value)) return wrong(shown(schema.const));
  if (typeof value === "string") return boundOf(schema, value, wrong);
  if (typeof value === "number") {
    if (schema.minimum !== void 0 && value < schema.minimum) return wrong(`${schema.minimum} or more`);
    if (schema.maximum !== void 0 && value > schema.maximum) return wrong(`${schema.maximum} or less`);
    return null;
  }
  if (Array.isArray(value)) return itemsProblem(schema, value, path, wrong);
  return typeof value === "object" && value !== null ? membersProblem(schema, value, path) : null;
}
function boundOf(schema, value, wrong) {
  const { minLength, maxLength, pattern } = schema;
  const length = minLength === void 0 && maxLength === void 0 ? 0 : [
    ...value
  ].length;
  if (minLength !== void 0 && length < minLength) return wrong(`${minLength} characters or more`);
  if (maxLength !== void 0 && length > maxLength) return wrong(`${maxLength} characters or less`);
  return pattern === void 0 || new RegExp(pattern, "u").test(value) ? null : wrong(`like /${pattern}/`);
}
function itemsProblem({ items, minItems, maxItems }, value, path, wrong) {
  if (minItems !== void 0 && value.length < minItems) return wrong(`a list of ${minItems} or more`);
  if (maxItems !== void 0 && value.length > maxItems) return wrong(`a list of ${maxItems} or less`);
  if (items === void 0) return null;
  for (const [at, item] of value.entries()) {
    const problem = problemAt(items, item, `${path}[${at}]`);
    if (problem !== null) return problem;
  }
  return null;
}
function membersProblem(schema, value, path) {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const at = (name) => path === "" ? name : `${path}.${name}`;
  for (const name of required) if (!Object.hasOwn(value, name)) return `${at(name)} is missing`;
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known === false) {
      const all = Object.keys(properties).join(", ");
      return `${at(name)} is not known; ${all === "" ? "there is nothing to set" : `known: ${all}`}`;
    }
    const problem = known === true || known === void 0 ? null : problemAt(known, member, at(name));
    if (problem !== null) return problem;
  }
  return null;
}
function isOfType(value, type) {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "number";
  }
}
function isSame(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [
    Object.entries(a),
    Object.entries(b)
  ];
  return Array.isArray(a) === Array.isArray(b) && left.length === right.length && left.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, Reflect.get(b, name)));
}
function found(value) {
  if (typeof value === "string") return value === "" ? "an empty text" : "another text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" && value !== null ? "an object" : shown(value);
}
function shown(value) {
  const text2 = JSON.stringify(value) ?? String(value);
  return text2.length <= 60 ? text2 : `${text2.slice(0, 59)}\u2026`;
}

var SCHEMA_TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
  "null"
];
var MAX_DEPTH = 16;
var isText = (value) => typeof value === "string";
var isNumber = (value) => typeof value === "number";
var isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
var isTexts = (value) => Array.isArray(value) && value.every(isText);
var KEYWORDS = {
  type: [
    (value) => SCHEMA_TYPES.includes(value),
    `one of ${SCHEMA_TYPES.join(", ")}`
  ],
  enum: [
    (value) => Array.isArray(value) && value.length > 0,
    "a list of values"
  ],
  const: [
    () => true,
    ""
  ],
  default: [
    () => true,
    ""
  ],
  title: [
    isText,
    "a text"
  ],
  description: [
    isText,
    "a text"
  ],
  required: [
    isTexts,
    "a list of names"
  ],
  minItems: [
    isCount,
    "a whole number"
  ],
  maxItems: [
    isCount,
    "a whole number"
  ],
  minLength: [
    isCount,
    "a whole number"
  ],
  maxLength: [
    isCount,
    "a whole number"
  ],
  pattern: [
    isText,
    "a text"
  ],
  minimum: [
    isNumber,
    "a number"
  ],
  maximum: [
    isNumber,
    "a number"
  ]
};
function schemaProblem(schema) {
  return problemAt2(schema, "configSchema", 0);
}
function problemAt2(schema, path, depth) {
  if (!isRecord(schema)) return `${path} must be an object`;
  if (depth > MAX_DEPTH) return `${path} is nested deeper than ${MAX_DEPTH} times`;
  for (const [keyword, value] of Object.entries(schema)) {
    const problem = keywordProblem(keyword, value, `${path}.${keyword}`, depth);
    if (problem !== null) return problem;
  }
  return null;
}
function keywordProblem(keyword, value, path, depth) {
  if (keyword === "items") return problemAt2(value, path, depth + 1);
  if (keyword === "additionalProperties") {
    return typeof value === "boolean" ? null : problemAt2(value, path, depth + 1);
  }
  if (keyword === "properties") {
    if (!isRecord(value)) return `${path} must be an object`;
    for (const [name, property] of Object.entries(value)) {
      const problem = problemAt2(property, `${path}.${name}`, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
  const rule = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : void 0;
  if (rule === void 0) return `${path} is a keyword that km does not check`;
  return rule[0](value) ? null : `${path} must be ${rule[1]}`;
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

var MAX_DEFINITION_CHARACTERS = 64 * 1024;
function readDefinition(exported) {
  if (typeof exported !== "object" || exported === null) {
    throw new TypeError("the default export is no plugin: export default definePlugin({ \u2026 })");
  }
  const given = exported;
  const { kind, name, version, protocolVersions, requiredTier, permissions, configSchema } = given;
  if (kind !== "km-plugin" || typeof name !== "string" || typeof version !== "string") {
    throw new TypeError("the default export is no plugin: export default definePlugin({ \u2026 })");
  }
  const versions = JSON.parse(JSON.stringify(protocolVersions) ?? "null");
  if (!isVersions(versions)) {
    throw new TypeError("the plugin's protocolVersions are no list of numbers");
  }
  if (requiredTier !== "free" && requiredTier !== "pro" && requiredTier !== "enterprise") {
    throw new TypeError("the plugin's requiredTier is not free, pro or enterprise");
  }
  const onMessage = functionOf(given, "onMessage");
  if (onMessage === null) throw new TypeError("the plugin has no onMessage");
  const definitionJson = JSON.stringify({
    requiredTier,
    permissions,
    configSchema
  });
  if (definitionJson.length > MAX_DEFINITION_CHARACTERS) {
    throw new TypeError(`permissions and configSchema take more than ${MAX_DEFINITION_CHARACTERS} characters`);
  }
  const schema = JSON.parse(definitionJson).configSchema ?? null;
  const problem = schema === null ? null : schemaProblem(schema);
  if (problem !== null) throw new TypeError(`the plugin's ${problem}`);
  return {
    name,
    version,
    protocolVersions: versions,
    requiredTier,
    configSchema: schema,
    definitionJson,
    onMessage,
    onError: functionOf(given, "onError"),
    onShutdown: functionOf(given, "onShutdown"),
    authenticate: functionOf(given, "authenticate")
  };
}
function isVersions(value) {
  return Array.isArray(value) && value.length <= 32 && value.every((version) => Number.isInteger(version) && version > 0 && version < 2 ** 32);
}
function functionOf(given, member) {
  const value = Reflect.get(given, member);
  if (value === void 0 || value === null) return null;
  if (typeof value !== "function") throw new TypeError(`the plugin's ${member} is no function`);
  return (...args) => Reflect.apply(value, given, args);
}

var TEXT = new TextDecoder();
var DeliveredMessage = class {
  /** What km knows of it. */
  event;
  /** Which way it went. */
  direction;
  /** The run of the server. */
  correlationId;
  /** What the grant allows of it. */
  data;
  #text = null;
  #json = void 0;
  #isParsed = false;
  /** `data` is the plugin's from here on. */
  constructor(about, data) {
    this.event = about.event;
    this.direction = about.direction;
    this.correlationId = about.correlationId;
    this.data = data;
  }
  /** `data` as text. */
  text() {
    return this.#text ??= TEXT.decode(this.data);
  }
  /** `data` as JSON; undefined where it is none. */
  json() {
    if (!this.#isParsed) {
      this.#isParsed = true;
      this.#json = this.#parse();
    }
    return this.#json;
  }
  #parse() {
    if (this.event.format !== "json" || this.event.truncated) return void 0;
    try {
      return JSON.parse(this.text());
    } catch {
      return void 0;
    }
  }
};

var DIRECTION = {
  [Direction.CLIENT_TO_SERVER]: "client_to_server",
  [Direction.SERVER_TO_CLIENT]: "server_to_client"
};
var FORMAT = {
  [PayloadFormat.JSON]: "json",
  [PayloadFormat.TEXT]: "text",
  [PayloadFormat.BYTES]: "bytes"
};
var BatchReader = class {
  /** How many there are. */
  length;
  #batch;
  #payload;
  #at = 0;
  #offset = 0;
  /** @throws {RangeError} when the lengths do not fit */
  constructor(batch, payload) {
    this.length = batch.messages.length;
    this.#batch = batch;
    this.#payload = payload;
    let bytes = 0;
    for (let at = 0; at < this.length; at++) bytes += batch.messages[at]?.dataBytes ?? 0;
    if (bytes > payload.length) throw new RangeError("a batch's data is shorter than its messages say");
    if (bytes < payload.length) throw new RangeError("a batch's data is longer than its messages say");
  }
  /** Undefined after the last one. */
  next() {
    const message = this.#batch.messages[this.#at];
    if (this.#at >= this.length || message === void 0) return void 0;
    this.#at++;
    const data = this.#payload.subarray(this.#offset, this.#offset + message.dataBytes);
    this.#offset += message.dataBytes;
    const { correlationId } = message;
    const direction = DIRECTION[message.direction] ?? null;
    return new DeliveredMessage({
      event: readEvent2(message.event),
      direction,
      correlationId
    }, data);
  }
};
function readEvent2(event) {
  if (event === void 0) throw new RangeError("a message has no event");
  return {
    id: event.id,
    timeUs: Number(event.timeUs),
    server: event.server,
    kind: event.kind,
    method: event.method ?? null,
    tool: event.tool ?? null,
    rpcId: event.rpcId ?? null,
    sizeBytes: Number(event.sizeBytes),
    truncated: event.truncated,
    format: FORMAT[event.format] ?? null,
    answersId: event.answersId ?? null,
    durationUs: event.durationUs === void 0 ? null : Number(event.durationUs),
    client: event.client ?? null
  };
}

var Session = class {
  #deps;
  #output;
  #firstWaiting = null;
  #lastWaiting = null;
  #isBusy = false;
  #definition = null;
  #ending = new AbortController();
  #state;
  #circumstances = {
    config: {},
    licence: {
      tier: "free",
      customerId: null,
      expiresAtS: null
    },
    protocolVersion: 1,
    kmVersion: ""
  };
  #context;
  constructor(deps) {
    this.#deps = deps;
    this.#output = deps.output;
    this.#state = new StateStore(() => deps.output.maxStateBytes);
    this.#context = createContext(this.#circumstances, deps.output, {
      signal: this.#ending.signal,
      state: this.#state
    });
  }
  /** Takes a frame. Pings are answered at once, whatever the plugin is at; all others in order. */
  take(frame, payload) {
    if (frame.body.case === "ping") {
      this.#output.allowMore();
      this.#output.send(frame.id, {
        case: "pong",
        value: {}
      });
      return;
    }
    const waiting = {
      frame,
      payload,
      next: null
    };
    if (this.#lastWaiting === null) this.#firstWaiting = waiting;
    else this.#lastWaiting.next = waiting;
    this.#lastWaiting = waiting;
    if (!this.#isBusy) void this.#work();
  }
  /** Something that no handler is waiting for went wrong. */
  tellUnhandled(cause) {
    void this.#tell({
      code: "unhandled",
      message: describeError(cause),
      cause
    });
  }
  async #work() {
    this.#isBusy = true;
    while (this.#firstWaiting !== null) {
      const { frame, payload, next } = this.#firstWaiting;
      this.#firstWaiting = next;
      if (next === null) this.#lastWaiting = null;
      try {
        const done = this.#do(frame, payload);
        if (done !== void 0) await done;
      } catch (error) {
        this.#fail(frame.id, "internal", describeError(error));
      }
    }
    this.#isBusy = false;
  }
  #do(frame, payload) {
    const { id, body } = frame;
    switch (body.case) {
      case "load":
        return this.#load(id, payload);
      case "hello":
        return this.#hello(id, body.value);
      case "authenticate":
        return this.#authenticate(id, body.value);
      case "configure":
        return this.#configure(id, body.value);
      case "handleMessages":
        return this.#handleMessages(id, body.value, payload);
      case "handleError":
        return this.#tell({
          code: body.value.code,
          message: body.value.message
        });
      case "shutdown":
        return this.#shutDown(id, body.value.reason);
      default:
        this.#fail(id, "unknown_frame", "km sent a frame that this bootstrap does not know");
    }
  }
  async #load(id, code) {
    if (this.#definition !== null) return this.#fail(id, "bad_plugin", "a plugin is loaded once");
    let definition;
    try {
      definition = readDefinition(await this.#deps.load(code));
    } catch (error) {
      return this.#fail(id, "bad_plugin", describeError(error));
    }
    this.#definition = definition;
    const { name, version, protocolVersions, definitionJson } = definition;
    this.#output.send(id, {
      case: "loaded",
      value: {
        name,
        version,
        protocolVersions: [
          ...protocolVersions
        ],
        definitionJson
      }
    });
  }
  #hello(id, hello) {
    const definition = this.#definition;
    if (definition === null) return this.#fail(id, "bad_plugin", "no plugin is loaded");
    const { name, version } = definition;
    if (name !== hello.pluginName || version !== hello.pluginVersion) {
      const manifest = `${hello.pluginName} ${hello.pluginVersion}`;
      return this.#fail(id, "bad_plugin", `the code says it is ${name} ${version}, the manifest says ${manifest}`);
    }
    const agreed = negotiate(definition.protocolVersions, hello.protocolVersions);
    if (agreed === null) {
      const { message } = explainMismatch(name, definition.protocolVersions, hello.protocolVersions);
      return this.#fail(id, "unsupported_protocol", message);
    }
    this.#circumstances.protocolVersion = agreed;
    this.#circumstances.kmVersion = hello.kmVersion;
    this.#circumstances.licence = {
      tier: tierOf(hello.tier),
      customerId: null,
      expiresAtS: null
    };
    this.#output.protocolVersion = agreed;
    if (hello.maxFrameBytes > 0) this.#output.maxFrameBytes = hello.maxFrameBytes;
    this.#output.send(id, {
      case: "helloAck",
      value: {
        protocolVersion: agreed,
        pluginName: name,
        pluginVersion: version,
        requiredTier: definition.requiredTier,
        hasAuthenticate: definition.authenticate !== null
      }
    });
  }
  async #authenticate(id, { tier, customerId, expiresAtS }) {
    const licence = {
      tier: tierOf(tier),
      customerId: customerId === "" ? null : customerId,
      expiresAtS: expiresAtS === 0n ? null : Number(expiresAtS)
    };
    this.#circumstances.licence = licence;
    const authenticate = this.#definition?.authenticate ?? null;
    let verdict = true;
    try {
      if (authenticate !== null) verdict = await authenticate(licence, this.#context);
    } catch (error) {
      return this.#fail(id, "authenticate", describeError(error));
    }
    const { accepted, reason } = Object(verdict);
    this.#output.send(id, {
      case: "authenticateResult",
      value: {
        accepted: verdict === true || accepted === true,
        reason: typeof reason === "string" ? cut(reason, MAX_REASON_CHARACTERS) : ""
      }
    });
  }
  #configure(id, { configJson, state }) {
    try {
      this.#circumstances.config = this.#readConfig(configJson);
    } catch (error) {
      return this.#fail(id, "bad_config", error instanceof Error ? error.message : describeError(error));
    }
    if (this.#circumstances.protocolVersion >= STATE_VERSION) {
      this.#state.replace(state.map(({ key, valueJson }) => [
        key,
        valueJson
      ]));
    }
    this.#output.send(id, {
      case: "configured",
      value: {}
    });
  }
  /** With its defaults, and as its schema wants it. @throws {TypeError} naming what is not */
  #readConfig(configJson) {
    const config = JSON.parse(configJson === "" ? "{}" : configJson);
    const problem = configProblem({
      type: "object"
    }, config);
    if (problem !== null) throw new TypeError(problem);
    const schema = this.#definition?.configSchema ?? null;
    const complete = withDefaults(schema, config);
    const misfit = schema === null ? null : configProblem(schema, complete);
    if (misfit !== null) throw new TypeError(misfit);
    return complete;
  }
  #handleMessages(id, batch, payload) {
    const definition = this.#definition;
    if (definition === null) return this.#fail(id, "bad_plugin", "no plugin is loaded");
    const run = {
      messages: new BatchReader(batch, payload),
      failed: 0,
      firstError: ""
    };
    const after = this.#handleRest(run, definition);
    return after === void 0 ? this.#answerBatch(id, run) : this.#answerLater(id, run, after);
  }
  async #answerLater(id, run, after) {
    await after;
    this.#answerBatch(id, run);
  }
  #answerBatch(id, { messages, failed, firstError }) {
    const { emits, logs } = this.#output.renewBounds();
    this.#output.send(id, {
      case: "handled",
      value: {
        messages: messages.length,
        failed,
        firstError,
        droppedEmits: emits,
        droppedLogs: logs
      }
    });
  }
  /** As far as handlers are done at once, without a promise. */
  #handleRest(run, definition) {
    for (let message = run.messages.next(); message !== void 0; message = run.messages.next()) {
      let waited;
      try {
        const result = definition.onMessage(message, this.#context);
        if (!(result instanceof Promise)) continue;
        waited = this.#awaitHandler(result, message, run);
      } catch (error) {
        waited = this.#handlerFailed(error, message, run);
      }
      if (waited !== void 0) return this.#handleLater(waited, run, definition);
    }
  }
  async #handleLater(waited, run, definition) {
    await waited;
    await this.#handleRest(run, definition);
  }
  /** Awaited, never by its `then`: that may be the plugin's own, which would call what follows as often as it likes. */
  async #awaitHandler(result, on, run) {
    try {
      await result;
    } catch (error) {
      await this.#handlerFailed(error, on, run);
    }
  }
  #handlerFailed(cause, on, run) {
    const message = describeError(cause);
    if (run.failed++ === 0) run.firstError = message;
    return this.#tell({
      code: "handler",
      message,
      cause,
      on
    });
  }
  /** To the plugin itself, or, where it does not listen, to its log. */
  #tell(error) {
    const onError = this.#definition?.onError ?? null;
    if (onError === null) return this.#output.log("error", `${error.code}: ${error.message}`, null);
    try {
      const result = onError(error, this.#context);
      if (result instanceof Promise) return this.#awaitOnError(result);
    } catch (thrown) {
      this.#onErrorFailed(thrown);
    }
  }
  async #awaitOnError(result) {
    try {
      await result;
    } catch (thrown) {
      this.#onErrorFailed(thrown);
    }
  }
  #onErrorFailed(thrown) {
    this.#output.log("error", `onError failed: ${describeError(thrown)}`, null);
  }
  async #shutDown(id, reason) {
    this.#ending.abort(reason);
    try {
      await this.#definition?.onShutdown?.(reason, this.#context);
    } catch (error) {
      this.#output.log("error", `onShutdown failed: ${describeError(error)}`, null);
    }
    this.#output.send(id, {
      case: "shutdownAck",
      value: {}
    });
    this.#output.flush();
    this.#deps.exit(0);
  }
  #fail(id, code, message) {
    this.#output.send(id, {
      case: "failed",
      value: {
        code,
        message: cut(message, MAX_REASON_CHARACTERS)
      }
    });
  }
};
function tierOf(tier) {
  return tier === "pro" || tier === "enterprise" ? tier : "free";
}

function hidePaths(names) {
  const show = (error, sites) => {
    let text2 = headOf(error);
    for (let at = 0; at < sites.length; at++) text2 += `
    at ${sites[at]}`;
    for (const [place, name] of names) text2 = text2.replaceAll(place, name);
    return text2;
  };
  Object.defineProperty(Error, "prepareStackTrace", {
    value: show,
    writable: false,
    configurable: false
  });
}
function headOf(error) {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

var READ_BYTES = 128 * 1024;
var { stdin, stdout, stderr, exit, inspect, errors } = Deno;
var encoder2 = new TextEncoder();
var output = new Output(writeAll);
var session = new Session({
  output,
  load,
  exit
});
await serve();
async function serve() {
  const reader = new FrameReader(MAX_FRAME_BYTES, (header, payload) => {
    session.take(readHostFrame(header), payload);
  });
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (; ; ) {
      const count = await stdin.read(buffer);
      if (count === null) break;
      reader.push(buffer.subarray(0, count));
    }
  } catch (error) {
    lastWords(`cannot understand km: ${describeError(error)}`);
    exit(1);
  }
  output.flush();
  exit(0);
}
async function load(code) {
  const url = `data:text/javascript;base64,${code.toBase64()}`;
  refuseImports(url);
  const { url: own, filename = own } = import.meta;
  hidePaths([
    [
      url,
      "plugin"
    ],
    [
      own,
      "km"
    ],
    [
      filename,
      "km"
    ]
  ]);
  listen();
  const say = (level) => (text2) => output.log(level, text2, null);
  const log = {
    debug: say("debug"),
    info: say("info"),
    warning: say("warning"),
    error: say("error")
  };
  tellRefusedNetwork((address) => output.refused("net", address));
  removeGlobals(createConsole(log, inspect));
  const module = await import(url + "");
  return module.default;
}
function refuseImports(url) {
  let isLoaded = false;
  registerHooks({
    resolve(specifier, context, next) {
      if (!isLoaded && specifier === url) {
        isLoaded = true;
        return next(specifier, context);
      }
      output.refused("import", specifier);
      throw new TypeError(`a plugin may not import anything: "${specifier.slice(0, 200)}"`);
    }
  });
}
function listen() {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    session.tellUnhandled(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    session.tellUnhandled(event.error);
  });
}
function writeAll(bytes) {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += stdout.writeSync(bytes.subarray(at));
    } catch (error) {
      if (error instanceof errors.WouldBlock) continue;
      exit(0);
    }
  }
}
function lastWords(text2) {
  try {
    stderr.writeSync(encoder2.encode(`${text2}
`));
  } catch {
  }
}
