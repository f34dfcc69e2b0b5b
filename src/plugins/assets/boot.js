import { registerHooks } from "node:module";

function isMessage(arg, schema) {
  const isMessage2 = arg !== null && typeof arg == "object" && "$typeName" in arg && typeof arg.$typeName == "string";
  if (!isMessage2) {
    return false;
  }
  if (schema === void 0) {
    return true;
  }
  return schema.typeName === arg.$typeName;
}

var ScalarType;
(function(ScalarType2) {
  ScalarType2[ScalarType2["DOUBLE"] = 1] = "DOUBLE";
  ScalarType2[ScalarType2["FLOAT"] = 2] = "FLOAT";
  ScalarType2[ScalarType2["INT64"] = 3] = "INT64";
  ScalarType2[ScalarType2["UINT64"] = 4] = "UINT64";
  ScalarType2[ScalarType2["INT32"] = 5] = "INT32";
  ScalarType2[ScalarType2["FIXED64"] = 6] = "FIXED64";
  ScalarType2[ScalarType2["FIXED32"] = 7] = "FIXED32";
  ScalarType2[ScalarType2["BOOL"] = 8] = "BOOL";
  ScalarType2[ScalarType2["STRING"] = 9] = "STRING";
  ScalarType2[ScalarType2["BYTES"] = 12] = "BYTES";
  ScalarType2[ScalarType2["UINT32"] = 13] = "UINT32";
  ScalarType2[ScalarType2["SFIXED32"] = 15] = "SFIXED32";
  ScalarType2[ScalarType2["SFIXED64"] = 16] = "SFIXED64";
  ScalarType2[ScalarType2["SINT32"] = 17] = "SINT32";
  ScalarType2[ScalarType2["SINT64"] = 18] = "SINT64";
})(ScalarType || (ScalarType = {}));

function varint64read() {
  const buf = this.buf;
  let pos = this.pos;
  let lo = 0;
  let hi = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const b = buf[pos++];
    lo |= (b & 127) << shift;
    if ((b & 128) == 0) {
      this.pos = pos;
      this.assertBounds();
      this.varint64Lo = lo;
      this.varint64Hi = hi;
      return;
    }
  }
  const middleByte = buf[pos++];
  lo |= (middleByte & 15) << 28;
  hi = (middleByte & 112) >> 4;
  if ((middleByte & 128) == 0) {
    this.pos = pos;
    this.assertBounds();
    this.varint64Lo = lo;
    this.varint64Hi = hi;
    return;
  }
  for (let shift = 3; shift <= 31; shift += 7) {
    const b = buf[pos++];
    hi |= (b & 127) << shift;
    if ((b & 128) == 0) {
      this.pos = pos;
      this.assertBounds();
      this.varint64Lo = lo;
      this.varint64Hi = hi;
      return;
    }
  }
  throw new Error("invalid varint");
}
var TWO_PWR_32_DBL = 4294967296;
function int64FromString(dec) {
  const minus = dec[0] === "-";
  if (minus) {
    dec = dec.slice(1);
  }
  const base = 1e6;
  let lowBits = 0;
  let highBits = 0;
  function add1e6digit(begin, end) {
    const digit1e6 = Number(dec.slice(begin, end));
    highBits *= base;
    lowBits = lowBits * base + digit1e6;
    if (lowBits >= TWO_PWR_32_DBL) {
      highBits = highBits + (lowBits / TWO_PWR_32_DBL | 0);
      lowBits = lowBits % TWO_PWR_32_DBL;
    }
  }
  add1e6digit(-24, -18);
  add1e6digit(-18, -12);
  add1e6digit(-12, -6);
  add1e6digit(-6);
  return minus ? negate(lowBits, highBits) : newBits(lowBits, highBits);
}
function int64ToString(lo, hi) {
  let bits = newBits(lo, hi);
  const negative = bits.hi & 2147483648;
  if (negative) {
    bits = negate(bits.lo, bits.hi);
  }
  const result = uInt64ToString(bits.lo, bits.hi);
  return negative ? "-" + result : result;
}
function uInt64ToString(lo, hi) {
  ({ lo, hi } = toUnsigned(lo, hi));
  if (hi <= 2097151) {
    return String(TWO_PWR_32_DBL * hi + lo);
  }
  const low = lo & 16777215;
  const mid = (lo >>> 24 | hi << 8) & 16777215;
  const high = hi >> 16 & 65535;
  let digitA = low + mid * 6777216 + high * 6710656;
  let digitB = mid + high * 8147497;
  let digitC = high * 2;
  const base = 1e7;
  if (digitA >= base) {
    digitB += Math.floor(digitA / base);
    digitA %= base;
  }
  if (digitB >= base) {
    digitC += Math.floor(digitB / base);
    digitB %= base;
  }
  return digitC.toString() + decimalFrom1e7WithLeadingZeros(digitB) + decimalFrom1e7WithLeadingZeros(digitA);
}
function toUnsigned(lo, hi) {
  return {
    lo: lo >>> 0,
    hi: hi >>> 0
  };
}
function newBits(lo, hi) {
  return {
    lo: lo | 0,
    hi: hi | 0
  };
}
function negate(lowBits, highBits) {
  highBits = ~highBits;
  if (lowBits) {
    lowBits = ~lowBits + 1;
  } else {
    highBits += 1;
  }
  return newBits(lowBits, highBits);
}
var decimalFrom1e7WithLeadingZeros = (digit1e7) => {
  const partial = String(digit1e7);
  return "0000000".slice(partial.length) + partial;
};
function varint32write(value, bytes) {
  if (value >>> 0 < 128) {
    bytes.push(value);
    return;
  }
  if (value >= 0) {
    while (value > 127) {
      bytes.push(value & 127 | 128);
      value = value >>> 7;
    }
    bytes.push(value);
  } else {
    for (let i = 0; i < 9; i++) {
      bytes.push(value & 127 | 128);
      value = value >> 7;
    }
    bytes.push(1);
  }
}
function varint32read() {
  let b = this.buf[this.pos++];
  if ((b & 128) === 0) {
    this.assertBounds();
    return b;
  }
  let result = b & 127;
  b = this.buf[this.pos++];
  result |= (b & 127) << 7;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 127) << 14;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 127) << 21;
  if ((b & 128) === 0) {
    this.assertBounds();
    return result;
  }
  b = this.buf[this.pos++];
  result |= (b & 15) << 28;
  for (let readBytes = 5; (b & 128) !== 0 && readBytes < 10; readBytes++) b = this.buf[this.pos++];
  if ((b & 128) !== 0) throw new Error("invalid varint");
  this.assertBounds();
  return result >>> 0;
}

var protoInt64 = /* @__PURE__ */ makeInt64Support();
function makeInt64Support() {
  const dv = new DataView(new ArrayBuffer(8));
  const ok = typeof BigInt === "function" && typeof dv.getBigInt64 === "function" && typeof dv.getBigUint64 === "function" && typeof dv.setBigInt64 === "function" && typeof dv.setBigUint64 === "function" && (!!globalThis.Deno || !!globalThis.Bun || typeof process != "object" || typeof process.env != "object" || process.env.BUF_BIGINT_DISABLE !== "1");
  if (ok) {
    const MIN = BigInt("-9223372036854775808");
    const MAX = BigInt("9223372036854775807");
    const UMIN = BigInt("0");
    const UMAX = BigInt("18446744073709551615");
    return {
      zero: BigInt(0),
      supported: true,
      parse(value) {
        const bi = typeof value == "bigint" ? value : BigInt(value);
        if (bi > MAX || bi < MIN) {
          throw new Error(`invalid int64: ${value}`);
        }
        return bi;
      },
      uParse(value) {
        const bi = typeof value == "bigint" ? value : BigInt(value);
        if (bi > UMAX || bi < UMIN) {
          throw new Error(`invalid uint64: ${value}`);
        }
        return bi;
      },
      enc(value) {
        dv.setBigInt64(0, this.parse(value), true);
        return {
          lo: dv.getInt32(0, true),
          hi: dv.getInt32(4, true)
        };
      },
      uEnc(value) {
        dv.setBigInt64(0, this.uParse(value), true);
        return {
          lo: dv.getInt32(0, true),
          hi: dv.getInt32(4, true)
        };
      },
      dec(lo, hi) {
        dv.setInt32(0, lo, true);
        dv.setInt32(4, hi, true);
        return dv.getBigInt64(0, true);
      },
      uDec(lo, hi) {
        dv.setInt32(0, lo, true);
        dv.setInt32(4, hi, true);
        return dv.getBigUint64(0, true);
      }
    };
  }
  return {
    zero: "0",
    supported: false,
    parse(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertInt64String(value);
      return value;
    },
    uParse(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertUInt64String(value);
      return value;
    },
    enc(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertInt64String(value);
      return int64FromString(value);
    },
    uEnc(value) {
      if (typeof value != "string") {
        value = value.toString();
      }
      assertUInt64String(value);
      return int64FromString(value);
    },
    dec(lo, hi) {
      return int64ToString(lo, hi);
    },
    uDec(lo, hi) {
      return uInt64ToString(lo, hi);
    }
  };
}
function assertInt64String(value) {
  if (!/^-?[0-9]+$/.test(value)) {
    throw new Error("invalid int64: " + value);
  }
}
function assertUInt64String(value) {
  if (!/^[0-9]+$/.test(value)) {
    throw new Error("invalid uint64: " + value);
  }
}

function scalarZeroValue(type, longAsString) {
  switch (type) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 0;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SFIXED64:
    case ScalarType.FIXED64:
    case ScalarType.SINT64:
      return longAsString ? "0" : protoInt64.zero;
    case ScalarType.BYTES:
      return new Uint8Array(0);
    default:
      return 0;
  }
}

var unsafeLocal = Symbol.for("reflect unsafe local");
function unsafeIsSetExplicit(target, localName) {
  return Object.prototype.hasOwnProperty.call(target, localName) && target[localName] !== void 0;
}
function setOwn(obj, key, value) {
  if (key === "__proto__") {
    Object.defineProperty(obj, "__proto__", {
      value,
      writable: true,
      enumerable: true,
      configurable: true
    });
  } else {
    obj[key] = value;
  }
}

function isObject(arg) {
  return arg !== null && typeof arg == "object" && !Array.isArray(arg);
}

function isWrapperDesc(messageDesc2) {
  const f = messageDesc2.fields[0];
  return isWrapperTypeName(messageDesc2.typeName) && f !== void 0 && f.fieldKind == "scalar" && f.name == "value" && f.number == 1;
}
var wrapperTypeNames = /* @__PURE__ */ new Set([
  "google.protobuf.DoubleValue",
  "google.protobuf.FloatValue",
  "google.protobuf.Int64Value",
  "google.protobuf.UInt64Value",
  "google.protobuf.Int32Value",
  "google.protobuf.UInt32Value",
  "google.protobuf.BoolValue",
  "google.protobuf.StringValue",
  "google.protobuf.BytesValue"
]);
function isWrapperTypeName(name) {
  return wrapperTypeNames.has(name);
}

var EDITION_PROTO3 = 999;
var EDITION_PROTO2 = 998;
var IMPLICIT = 2;
function create(schema, init) {
  if (isMessage(init, schema)) {
    return init;
  }
  return compiledCreate(schema)(init);
}
var compiledCreates = /* @__PURE__ */ new WeakMap();
function compiledCreate(desc) {
  let compiled = compiledCreates.get(desc);
  if (compiled === void 0) {
    compiled = compileCreate(desc);
    compiledCreates.set(desc, compiled);
  }
  return compiled;
}
var INIT_SINGULAR = 0;
var INIT_LIST = 1;
var INIT_MAP = 2;
var INIT_ONEOF = 3;
function compileCreate(desc) {
  const typeName = desc.typeName;
  const { properties, prototype } = compileInitMessage(desc);
  return (init) => {
    let message;
    if (prototype !== void 0) {
      message = Object.create(prototype);
      message.$typeName = typeName;
    } else {
      message = {
        $typeName: typeName
      };
    }
    for (let i = 0; i < properties.length; i++) {
      const property = properties[i];
      const name = property.name;
      const initValue = init === null || init === void 0 ? void 0 : init[name];
      switch (property.kind) {
        case INIT_SINGULAR:
          if (initValue != null) {
            message[name] = property.convert !== void 0 ? property.convert(initValue) : initValue;
          } else if (property.constant !== void 0) {
            message[name] = property.constant;
          }
          break;
        case INIT_LIST:
          message[name] = property.convert !== void 0 && Array.isArray(initValue) ? initValue.map(property.convert) : initValue !== null && initValue !== void 0 ? initValue : [];
          break;
        case INIT_MAP:
          if (property.convert === void 0 || !isObject(initValue)) {
            message[name] = initValue !== null && initValue !== void 0 ? initValue : {};
          } else {
            const converted = {};
            const keys = Object.keys(initValue);
            for (let k = 0; k < keys.length; k++) {
              setOwn(converted, keys[k], property.convert(initValue[keys[k]]));
            }
            message[name] = converted;
          }
          break;
        case INIT_ONEOF: {
          const oneofValue = initValue;
          if ((oneofValue === null || oneofValue === void 0 ? void 0 : oneofValue.case) != null) {
            const convert = property.convert.get(oneofValue.case);
            if (convert !== void 0) {
              message[name] = {
                case: oneofValue.case,
                value: convert(oneofValue.value)
              };
              break;
            }
          }
          message[name] = {
            case: void 0
          };
          break;
        }
      }
    }
    return message;
  };
}
function compileInitMessage(desc) {
  var _a, _b;
  const properties = [];
  const prototype = {};
  const usePrototype = needsPrototypeChain(desc);
  for (const member of desc.members) {
    const name = member.localName;
    if (member.kind == "oneof") {
      properties.push({
        name,
        kind: INIT_ONEOF,
        constant: void 0,
        convert: compileConvertOneof(member)
      });
      continue;
    }
    switch (member.fieldKind) {
      case "message": {
        properties.push({
          name,
          kind: INIT_SINGULAR,
          constant: void 0,
          convert: compileConvertMessage(member)
        });
        break;
      }
      case "list": {
        properties.push({
          name,
          kind: INIT_LIST,
          constant: void 0,
          convert: member.listKind == "message" ? (_a = compileConvertMessage(member)) !== null && _a !== void 0 ? _a : (value) => value : member.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        break;
      }
      case "map": {
        properties.push({
          name,
          kind: INIT_MAP,
          constant: void 0,
          convert: member.mapKind == "message" ? (_b = compileConvertMessage(member)) !== null && _b !== void 0 ? _b : (value) => value : member.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        break;
      }
      default: {
        const zeroValue = createZeroValue(member);
        properties.push({
          name,
          kind: INIT_SINGULAR,
          constant: member.presence == IMPLICIT ? zeroValue : void 0,
          convert: member.fieldKind == "scalar" && member.scalar == ScalarType.BYTES ? toU8Arr : void 0
        });
        if (usePrototype) {
          prototype[name] = zeroValue;
        }
        break;
      }
    }
  }
  return {
    properties,
    prototype: usePrototype ? prototype : void 0
  };
}
function compileConvertOneof(oneof) {
  const converters = /* @__PURE__ */ new Map();
  for (const field of oneof.fields) {
    let convert;
    if (field.fieldKind == "message") {
      convert = compileConvertMessage(field);
    } else if (field.fieldKind == "scalar" && field.scalar == ScalarType.BYTES) {
      convert = toU8Arr;
    }
    converters.set(field.localName, convert !== null && convert !== void 0 ? convert : (value) => value);
  }
  return converters;
}
function compileConvertMessage(field) {
  if (field.fieldKind == "message" && !field.oneof && isWrapperDesc(field.message)) {
    return field.message.fields[0].scalar == ScalarType.BYTES ? toU8Arr : void 0;
  }
  if (field.message.typeName == "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
    return void 0;
  }
  const messageDesc2 = field.message;
  let compiled;
  return (value) => {
    if (!isObject(value) || isMessage(value, messageDesc2)) {
      return value;
    }
    compiled !== null && compiled !== void 0 ? compiled : compiled = compiledCreate(messageDesc2);
    return compiled(value);
  };
}
function toU8Arr(value) {
  return Array.isArray(value) ? new Uint8Array(value) : value;
}
function needsPrototypeChain(desc) {
  switch (desc.file.edition) {
    case EDITION_PROTO3:
      return false;
    case EDITION_PROTO2:
      return true;
    default:
      return desc.fields.some((f) => f.presence != IMPLICIT && f.fieldKind != "message" && !f.oneof);
  }
}
function createZeroValue(field) {
  const defaultValue = field.getDefaultValue();
  if (defaultValue !== void 0) {
    return field.fieldKind == "scalar" && field.longAsString ? defaultValue.toString() : defaultValue;
  }
  return field.fieldKind == "scalar" ? scalarZeroValue(field.scalar, field.longAsString) : field.enum.values[0].number;
}

var te;
function configureTextEncoding(textEncoding) {
  var _a;
  te = Object.assign(Object.assign({}, textEncoding), {
    encodeUtf8Into: (_a = textEncoding.encodeUtf8Into) !== null && _a !== void 0 ? _a : emulateEncodeInto(textEncoding.encodeUtf8.bind(textEncoding))
  });
}
function getTextEncoding() {
  if (!te) {
    const globals = globalThis;
    if (!globals.TextEncoder || !globals.TextDecoder) {
      throw new Error("encoding API missing: install TextEncoder and TextDecoder on globalThis");
    }
    const textEncoder = new globals.TextEncoder();
    const textDecoder = new globals.TextDecoder("utf-8", {
      ignoreBOM: true
    });
    let textDecoderStrict;
    const config = {
      encodeUtf8(text2) {
        return textEncoder.encode(text2);
      },
      decodeUtf8(bytes, strict) {
        if (strict) {
          if (!textDecoderStrict) {
            textDecoderStrict = new globals.TextDecoder("utf-8", {
              fatal: true,
              ignoreBOM: true
            });
          }
          return textDecoderStrict.decode(bytes);
        }
        return textDecoder.decode(bytes);
      },
      checkUtf8(text2) {
        try {
          encodeURIComponent(text2);
          return true;
        } catch (_) {
          return false;
        }
      }
    };
    if (textEncoder.encodeInto) {
      config.encodeUtf8Into = textEncoder.encodeInto.bind(textEncoder);
    }
    const nativeStringIsWellFormed = String.prototype.isWellFormed;
    if (nativeStringIsWellFormed) {
      config.checkUtf8 = (text2) => {
        return nativeStringIsWellFormed.call(text2);
      };
    }
    configureTextEncoding(config);
  }
  return te;
}
function emulateEncodeInto(encodeUtf8) {
  return (text2, dest) => {
    const bytes = encodeUtf8(text2);
    dest.set(bytes);
    return {
      written: bytes.byteLength
    };
  };
}

var WireType;
(function(WireType2) {
  WireType2[WireType2["Varint"] = 0] = "Varint";
  WireType2[WireType2["Bit64"] = 1] = "Bit64";
  WireType2[WireType2["LengthDelimited"] = 2] = "LengthDelimited";
  WireType2[WireType2["StartGroup"] = 3] = "StartGroup";
  WireType2[WireType2["EndGroup"] = 4] = "EndGroup";
  WireType2[WireType2["Bit32"] = 5] = "Bit32";
})(WireType || (WireType = {}));
var EMPTY_BUFFER = new Uint8Array(0);
var EMPTY_VIEW = new DataView(EMPTY_BUFFER.buffer);
var ASCII_MAX_LENGTH = 32;
var BinaryReader = class {
  constructor(buf, decodeUtf8 = getTextEncoding().decodeUtf8) {
    this.decodeUtf8 = decodeUtf8;
    this.varint64Lo = 0;
    this.varint64Hi = 0;
    this.varint64 = varint64read;
    this.uint32 = varint32read;
    this.buf = buf;
    this.len = buf.length;
    this.pos = 0;
    this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength);
  }
  /**
     * Reads a tag - field number and wire type. Tags are uint32 varints; values
     * that do not fit in uint32 are rejected.
     */
  tag() {
    const start = this.pos;
    const tag = this.uint32();
    const bytesRead = this.pos - start;
    if (bytesRead > 5 || bytesRead == 5 && this.buf[this.pos - 1] > 15) {
      throw new Error("illegal tag: varint overflows uint32");
    }
    const fieldNo = tag >>> 3;
    const wireType = tag & 7;
    if (fieldNo <= 0 || wireType > 5) {
      throw new Error("illegal tag: field no " + fieldNo + " wire type " + wireType);
    }
    return [
      fieldNo,
      wireType
    ];
  }
  /**
     * Skip one element and return the skipped data.
     *
     * When skipping StartGroup, provide the tags field number to check for
     * matching field number in the EndGroup tag. Recursion into nested groups
     * is guarded by the `recursionLimit` argument: When the limit is reached,
     * this method throws.
     */
  skip(wireType, fieldNo, recursionLimit = 100) {
    let start = this.pos;
    switch (wireType) {
      case WireType.Varint:
        while (this.buf[this.pos++] & 128) {
        }
        break;
      // @ts-ignore TS7029: Fallthrough case in switch -- ignore instead of expect-error for compiler settings without noFallthroughCasesInSwitch: true
      case WireType.Bit64:
        this.pos += 4;
      case WireType.Bit32:
        this.pos += 4;
        break;
      case WireType.LengthDelimited:
        let len = this.uint32();
        this.pos += len;
        break;
      case WireType.StartGroup:
        if (recursionLimit <= 0) {
          throw new Error("maximum recursion depth reached");
        }
        for (; ; ) {
          const [fn, wt] = this.tag();
          if (wt === WireType.EndGroup) {
            if (fieldNo !== void 0 && fn !== fieldNo) {
              throw new Error("invalid end group tag");
            }
            break;
          }
          this.skip(wt, fn, recursionLimit - 1);
        }
        break;
      default:
        throw new Error("cant skip wire type " + wireType);
    }
    this.assertBounds();
    return this.buf.subarray(start, this.pos);
  }
  /**
     * Throws error if position in byte array is out of range.
     */
  assertBounds() {
    if (this.pos > this.len) throw new RangeError("premature EOF");
  }
  /**
     * Read a `int32` field, a signed 32 bit varint.
     */
  int32() {
    return this.uint32() | 0;
  }
  /**
     * Read a `sint32` field, a signed, zigzag-encoded 32-bit varint.
     */
  sint32() {
    let zze = this.uint32();
    return zze >>> 1 ^ -(zze & 1);
  }
  /**
     * Read a `int64` field, a signed 64-bit varint.
     */
  int64() {
    this.varint64();
    return protoInt64.dec(this.varint64Lo, this.varint64Hi);
  }
  /**
     * Read a `uint64` field, an unsigned 64-bit varint.
     */
  uint64() {
    this.varint64();
    return protoInt64.uDec(this.varint64Lo, this.varint64Hi);
  }
  /**
     * Read a `sint64` field, a signed, zig-zag-encoded 64-bit varint.
     */
  sint64() {
    this.varint64();
    let lo = this.varint64Lo;
    let hi = this.varint64Hi;
    let s = -(lo & 1);
    lo = (lo >>> 1 | (hi & 1) << 31) ^ s;
    hi = hi >>> 1 ^ s;
    return protoInt64.dec(lo, hi);
  }
  /**
     * Read a `bool` field, a variant.
     */
  bool() {
    const b = this.buf[this.pos];
    if (b < 128) {
      this.pos++;
      return b !== 0;
    }
    this.varint64();
    return this.varint64Lo !== 0 || this.varint64Hi !== 0;
  }
  /**
     * Read a `fixed32` field, an unsigned, fixed-length 32-bit integer.
     */
  fixed32() {
    return this.view.getUint32((this.pos += 4) - 4, true);
  }
  /**
     * Read a `sfixed32` field, a signed, fixed-length 32-bit integer.
     */
  sfixed32() {
    return this.view.getInt32((this.pos += 4) - 4, true);
  }
  /**
     * Read a `fixed64` field, an unsigned, fixed-length 64 bit integer.
     */
  fixed64() {
    return protoInt64.uDec(this.sfixed32(), this.sfixed32());
  }
  /**
     * Read a `fixed64` field, a signed, fixed-length 64-bit integer.
     */
  sfixed64() {
    return protoInt64.dec(this.sfixed32(), this.sfixed32());
  }
  /**
     * Read a `float` field, 32-bit floating point number.
     */
  float() {
    return this.view.getFloat32((this.pos += 4) - 4, true);
  }
  /**
     * Read a `double` field, a 64-bit floating point number.
     */
  double() {
    return this.view.getFloat64((this.pos += 8) - 8, true);
  }
  /**
     * Read a `bytes` field, length-delimited arbitrary data.
     */
  bytes() {
    let len = this.uint32(), start = this.pos;
    this.pos += len;
    this.assertBounds();
    return this.buf.subarray(start, start + len);
  }
  /**
     * Read a `string` field, length-delimited data converted to UTF-8 text. If
     * `strict` is true, throw on invalid UTF-8 instead of substituting U+FFFD.
     */
  string(strict) {
    const len = this.uint32();
    const start = this.pos;
    this.pos += len;
    this.assertBounds();
    const buf = this.buf;
    if (len <= ASCII_MAX_LENGTH) {
      const codes = new Array(len);
      for (let i = 0; i < len; i++) {
        const byte = buf[start + i];
        if (byte > 127) {
          return this.decodeUtf8(buf.subarray(start, this.pos), strict);
        }
        codes[i] = byte;
      }
      return String.fromCharCode.apply(String, codes);
    }
    return this.decodeUtf8(buf.subarray(start, this.pos), strict);
  }
};

var NULL_VALUE = 0;
function localMessageMapper(field) {
  if (usesJsonRepresentation(field)) {
    return {
      toMessage: (local) => wktStructToReflect(local),
      toLocal: (message) => wktStructToLocal(message)
    };
  }
  if (field.fieldKind == "message" && !field.oneof && isWrapperDesc(field.message)) {
    const wrapperDesc = field.message;
    const valueLocalName = wrapperDesc.fields[0].localName;
    return {
      toMessage: (local) => {
        const message = create(wrapperDesc);
        if (local !== void 0) {
          message[valueLocalName] = local;
        }
        return message;
      },
      toLocal: (message) => message[valueLocalName]
    };
  }
  const childDesc = field.message;
  return {
    toMessage: (local) => local === void 0 ? create(childDesc) : local,
    toLocal: (message) => message
  };
}
function usesJsonRepresentation(field) {
  return field.message.typeName == "google.protobuf.Struct" && field.parent.typeName != "google.protobuf.Value";
}
function wktStructToReflect(json) {
  const struct = {
    $typeName: "google.protobuf.Struct",
    fields: {}
  };
  if (isObject(json)) {
    for (const k of Object.keys(json)) {
      setOwn(struct.fields, k, wktValueToReflect(json[k]));
    }
  }
  return struct;
}
function wktStructToLocal(val) {
  const json = {};
  for (const k of Object.keys(val.fields)) {
    setOwn(json, k, wktValueToLocal(val.fields[k]));
  }
  return json;
}
function wktValueToLocal(val) {
  switch (val.kind.case) {
    case "structValue":
      return wktStructToLocal(val.kind.value);
    case "listValue":
      return val.kind.value.values.map(wktValueToLocal);
    case "nullValue":
    case void 0:
      return null;
    default:
      return val.kind.value;
  }
}
function wktValueToReflect(json) {
  const value = {
    $typeName: "google.protobuf.Value",
    kind: {
      case: void 0
    }
  };
  switch (typeof json) {
    case "number":
      value.kind = {
        case: "numberValue",
        value: json
      };
      break;
    case "string":
      value.kind = {
        case: "stringValue",
        value: json
      };
      break;
    case "boolean":
      value.kind = {
        case: "boolValue",
        value: json
      };
      break;
    case "object":
      if (json === null) {
        value.kind = {
          case: "nullValue",
          value: NULL_VALUE
        };
      } else if (Array.isArray(json)) {
        const listValue = {
          $typeName: "google.protobuf.ListValue",
          values: []
        };
        if (Array.isArray(json)) {
          for (const e of json) {
            listValue.values.push(wktValueToReflect(e));
          }
        }
        value.kind = {
          case: "listValue",
          value: listValue
        };
      } else {
        value.kind = {
          case: "structValue",
          value: wktStructToReflect(json)
        };
      }
      break;
  }
  return value;
}

var nativeSetFromBase64 = Uint8Array.prototype.setFromBase64;
function base64Decode(base64Str) {
  const len = base64Str.length;
  let size = len - (len + 3 >> 2);
  if ((len & 3) == 0 && base64Str[len - 1] == "=") {
    size -= base64Str[len - 2] == "=" ? 2 : 1;
  }
  const bytes = new Uint8Array(size);
  let written = -1;
  if (nativeSetFromBase64) {
    try {
      const result = nativeSetFromBase64.call(bytes, base64Str);
      if (result.read == len) {
        written = result.written;
      }
    } catch (_a) {
    }
  }
  if (written < 0) {
    written = setFromBase64(bytes, base64Str);
  }
  return written == size ? bytes : bytes.subarray(0, written);
}
function setFromBase64(bytes, base64Str) {
  const table = getDecodeTable();
  let bytePos = 0, groupPos = 0, b, p = 0;
  for (let i = 0; i < base64Str.length; i++) {
    b = table[base64Str.charCodeAt(i)];
    if (b === void 0) {
      switch (base64Str[i]) {
        // @ts-ignore TS7029: Fallthrough case in switch -- ignore instead of expect-error for compiler settings without noFallthroughCasesInSwitch: true
        case "=":
          groupPos = 0;
        // reset state when padding found
        case "\n":
        case "\r":
        case "	":
        case " ":
          continue;
        // skip white-space, and padding
        default:
          throw Error("invalid base64 string");
      }
    }
    switch (groupPos) {
      case 0:
        p = b;
        groupPos = 1;
        break;
      case 1:
        bytes[bytePos++] = p << 2 | (b & 48) >> 4;
        p = b;
        groupPos = 2;
        break;
      case 2:
        bytes[bytePos++] = (p & 15) << 4 | (b & 60) >> 2;
        p = b;
        groupPos = 3;
        break;
      case 3:
        bytes[bytePos++] = (p & 3) << 6 | b;
        groupPos = 0;
        break;
    }
  }
  if (groupPos == 1) throw Error("invalid base64 string");
  return bytePos;
}
var nativeToBase64 = Uint8Array.prototype.toBase64;
var encodeTableStd;
var encodeTableUrl;
var decodeTable;
function getEncodeTable(encoding) {
  if (!encodeTableStd) {
    encodeTableStd = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".split("");
    encodeTableUrl = encodeTableStd.slice(0, -2).concat("-", "_");
  }
  return encoding == "url" ? encodeTableUrl : encodeTableStd;
}
function getDecodeTable() {
  if (!decodeTable) {
    decodeTable = [];
    const encodeTable = getEncodeTable("std");
    for (let i = 0; i < encodeTable.length; i++) decodeTable[encodeTable[i].charCodeAt(0)] = i;
    decodeTable["-".charCodeAt(0)] = encodeTable.indexOf("+");
    decodeTable["_".charCodeAt(0)] = encodeTable.indexOf("/");
  }
  return decodeTable;
}

function protoCamelCase(snakeCase) {
  let capNext = false;
  const b = [];
  for (let i = 0; i < snakeCase.length; i++) {
    let c = snakeCase.charAt(i);
    switch (c) {
      case "_":
        capNext = true;
        break;
      case "0":
      case "1":
      case "2":
      case "3":
      case "4":
      case "5":
      case "6":
      case "7":
      case "8":
      case "9":
        b.push(c);
        capNext = false;
        break;
      default:
        if (capNext) {
          capNext = false;
          c = c.toUpperCase();
        }
        b.push(c);
        break;
    }
  }
  return b.join("");
}
var reservedObjectProperties = /* @__PURE__ */ new Set([
  // names reserved by JavaScript
  "constructor",
  "toString",
  "toJSON",
  "valueOf"
]);
function safeObjectProperty(name) {
  return reservedObjectProperties.has(name) ? name + "$" : name;
}

function restoreJsonNames(message) {
  for (const f of message.field) {
    if (!unsafeIsSetExplicit(f, "jsonName")) {
      f.jsonName = protoCamelCase(f.name);
    }
  }
  message.nestedType.forEach(restoreJsonNames);
}

function parseTextFormatEnumValue(descEnum, value) {
  const enumValue = descEnum.values.find((v) => v.name === value);
  if (!enumValue) {
    throw new Error(`cannot parse ${descEnum} default value: ${value}`);
  }
  return enumValue.number;
}
function parseTextFormatScalarValue(type, value) {
  switch (type) {
    case ScalarType.STRING:
      return value;
    case ScalarType.BYTES: {
      const u = unescapeBytesDefaultValue(value);
      if (u === false) {
        throw new Error(`cannot parse ${ScalarType[type]} default value: ${value}`);
      }
      return u;
    }
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return protoInt64.parse(value);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return protoInt64.uParse(value);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      switch (value) {
        case "inf":
          return Number.POSITIVE_INFINITY;
        case "-inf":
          return Number.NEGATIVE_INFINITY;
        case "nan":
          return Number.NaN;
        default:
          return parseFloat(value);
      }
    case ScalarType.BOOL:
      return value === "true";
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.SINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return parseInt(value, 10);
  }
}
function unescapeBytesDefaultValue(str) {
  const b = [];
  const input = {
    tail: str,
    c: "",
    next() {
      if (this.tail.length == 0) {
        return false;
      }
      this.c = this.tail[0];
      this.tail = this.tail.substring(1);
      return true;
    },
    take(n) {
      if (this.tail.length >= n) {
        const r = this.tail.substring(0, n);
        this.tail = this.tail.substring(n);
        return r;
      }
      return false;
    }
  };
  while (input.next()) {
    switch (input.c) {
      case "\\":
        if (input.next()) {
          switch (input.c) {
            case "\\":
              b.push(input.c.charCodeAt(0));
              break;
            case "b":
              b.push(8);
              break;
            case "f":
              b.push(12);
              break;
            case "n":
              b.push(10);
              break;
            case "r":
              b.push(13);
              break;
            case "t":
              b.push(9);
              break;
            case "v":
              b.push(11);
              break;
            case "0":
            case "1":
            case "2":
            case "3":
            case "4":
            case "5":
            case "6":
            case "7": {
              const s = input.c;
              const t = input.take(2);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 8);
              if (Number.isNaN(n)) {
                return false;
              }
              b.push(n);
              break;
            }
            case "x": {
              const s = input.c;
              const t = input.take(2);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 16);
              if (Number.isNaN(n)) {
                return false;
              }
              b.push(n);
              break;
            }
            case "u": {
              const s = input.c;
              const t = input.take(4);
              if (t === false) {
                return false;
              }
              const n = parseInt(s + t, 16);
              if (Number.isNaN(n)) {
                return false;
              }
              const chunk = new Uint8Array(4);
              const view = new DataView(chunk.buffer);
              view.setInt32(0, n, true);
              b.push(chunk[0], chunk[1], chunk[2], chunk[3]);
              break;
            }
            case "U": {
              const s = input.c;
              const t = input.take(8);
              if (t === false) {
                return false;
              }
              const tc = protoInt64.uEnc(s + t);
              const chunk = new Uint8Array(8);
              const view = new DataView(chunk.buffer);
              view.setInt32(0, tc.lo, true);
              view.setInt32(4, tc.hi, true);
              b.push(chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]);
              break;
            }
          }
        }
        break;
      default:
        b.push(input.c.charCodeAt(0));
    }
  }
  return new Uint8Array(b);
}

function* nestedTypes(desc) {
  switch (desc.kind) {
    case "file":
      for (const message of desc.messages) {
        yield message;
        yield* nestedTypes(message);
      }
      yield* desc.enums;
      yield* desc.services;
      yield* desc.extensions;
      break;
    case "message":
      for (const message of desc.nestedMessages) {
        yield message;
        yield* nestedTypes(message);
      }
      yield* desc.nestedEnums;
      yield* desc.nestedExtensions;
      break;
  }
}

function createEmbeddedFileRegistry(fileDescriptorProto, resolve) {
  return buildFileRegistry([
    fileDescriptorProto,
    resolve
  ]);
}
function buildFileRegistry(args, check) {
  const registry = createBaseRegistry();
  if (!args.length) {
    return registry;
  }
  if ("$typeName" in args[0] && args[0].$typeName == "google.protobuf.FileDescriptorSet") {
    for (const file of args[0].file) {
      check === null || check === void 0 ? void 0 : check(file);
      addFile(file, registry);
    }
    return registry;
  }
  if ("$typeName" in args[0]) {
    let recurseDeps = function(file) {
      const deps = [];
      for (const protoFileName of file.dependency) {
        if (registry.getFile(protoFileName) != void 0) {
          continue;
        }
        if (seen.has(protoFileName)) {
          continue;
        }
        const dep = resolve(protoFileName);
        if (!dep) {
          throw new Error(`Unable to resolve ${protoFileName}, imported by ${file.name}`);
        }
        if ("kind" in dep) {
          registry.addFile(dep, false, true);
        } else {
          seen.add(dep.name);
          deps.push(dep);
        }
      }
      return deps.concat(...deps.map(recurseDeps));
    };
    const input = args[0];
    const resolve = args[1];
    const seen = /* @__PURE__ */ new Set();
    for (const file of [
      input,
      ...recurseDeps(input)
    ].reverse()) {
      check === null || check === void 0 ? void 0 : check(file);
      addFile(file, registry);
    }
  } else {
    for (const fileReg of args) {
      for (const file of fileReg.files) {
        registry.addFile(file);
      }
    }
  }
  return registry;
}
function createBaseRegistry() {
  const types = /* @__PURE__ */ new Map();
  const extendees = /* @__PURE__ */ new Map();
  const files = /* @__PURE__ */ new Map();
  return {
    kind: "registry",
    types,
    extendees,
    [Symbol.iterator]() {
      return types.values();
    },
    get files() {
      return files.values();
    },
    addFile(file, skipTypes, withDeps) {
      files.set(file.proto.name, file);
      if (!skipTypes) {
        for (const type of nestedTypes(file)) {
          this.add(type);
        }
      }
      if (withDeps) {
        for (const f of file.dependencies) {
          this.addFile(f, skipTypes, withDeps);
        }
      }
    },
    add(desc) {
      if (desc.kind == "extension") {
        let numberToExt = extendees.get(desc.extendee.typeName);
        if (!numberToExt) {
          extendees.set(
            desc.extendee.typeName,
            // biome-ignore lint/suspicious/noAssignInExpressions: no
            numberToExt = /* @__PURE__ */ new Map()
          );
        }
        numberToExt.set(desc.number, desc);
      }
      types.set(desc.typeName, desc);
    },
    get(typeName) {
      return types.get(typeName);
    },
    getFile(fileName) {
      return files.get(fileName);
    },
    getMessage(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "message" ? t : void 0;
    },
    getEnum(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "enum" ? t : void 0;
    },
    getExtension(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "extension" ? t : void 0;
    },
    getExtensionFor(extendee, no) {
      var _a;
      return (_a = extendees.get(extendee.typeName)) === null || _a === void 0 ? void 0 : _a.get(no);
    },
    getService(typeName) {
      const t = types.get(typeName);
      return (t === null || t === void 0 ? void 0 : t.kind) == "service" ? t : void 0;
    }
  };
}
var EDITION_PROTO22 = 998;
var EDITION_PROTO32 = 999;
var EDITION_UNSTABLE = 9999;
var TYPE_STRING = 9;
var TYPE_GROUP = 10;
var TYPE_MESSAGE = 11;
var TYPE_BYTES = 12;
var TYPE_ENUM = 14;
var LABEL_REPEATED = 3;
var LABEL_REQUIRED = 2;
var JS_STRING = 1;
var IDEMPOTENCY_UNKNOWN = 0;
var EXPLICIT = 1;
var IMPLICIT2 = 2;
var LEGACY_REQUIRED = 3;
var PACKED = 1;
var DELIMITED = 2;
var OPEN = 1;
var VERIFY = 2;
var maximumEdition = 1002;
var featureDefaults = {
  // EDITION_PROTO2
  998: {
    fieldPresence: 1,
    enumType: 2,
    repeatedFieldEncoding: 2,
    utf8Validation: 3,
    messageEncoding: 1,
    jsonFormat: 2,
    enforceNamingStyle: 2,
    defaultSymbolVisibility: 1,
    enforceProtoLimits: 1
  },
  // EDITION_PROTO3
  999: {
    fieldPresence: 2,
    enumType: 1,
    repeatedFieldEncoding: 1,
    utf8Validation: 2,
    messageEncoding: 1,
    jsonFormat: 1,
    enforceNamingStyle: 2,
    defaultSymbolVisibility: 1,
    enforceProtoLimits: 1
  },
  // EDITION_2023
  1e3: {
    fieldPresence: 1,
    enumType: 1,
    repeatedFieldEncoding: 1,
    utf8Validation: 2,
    messageEncoding: 1,
    jsonFormat: 1,
    enforceNamingStyle: 2,
    defaultSymbolVisibility: 1,
    enforceProtoLimits: 1
  },
  // EDITION_2024
  1001: {
    fieldPresence: 1,
    enumType: 1,
    repeatedFieldEncoding: 1,
    utf8Validation: 2,
    messageEncoding: 1,
    jsonFormat: 1,
    enforceNamingStyle: 1,
    defaultSymbolVisibility: 2,
    enforceProtoLimits: 1
  },
  // EDITION_2026
  1002: {
    fieldPresence: 1,
    enumType: 1,
    repeatedFieldEncoding: 1,
    utf8Validation: 2,
    messageEncoding: 1,
    jsonFormat: 1,
    enforceNamingStyle: 3,
    defaultSymbolVisibility: 4,
    enforceProtoLimits: 2
  }
};
function addFile(proto, reg) {
  var _a, _b;
  const file = {
    kind: "file",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    edition: getFileEdition(proto),
    name: proto.name.replace(/\.proto$/, ""),
    dependencies: findFileDependencies(proto, reg),
    enums: [],
    messages: [],
    extensions: [],
    services: [],
    toString() {
      return `file ${proto.name}`;
    }
  };
  const mapEntriesStore = /* @__PURE__ */ new Map();
  const mapEntries = {
    get(typeName) {
      return mapEntriesStore.get(typeName);
    },
    add(desc) {
      var _a2;
      assert(((_a2 = desc.proto.options) === null || _a2 === void 0 ? void 0 : _a2.mapEntry) === true);
      mapEntriesStore.set(desc.typeName, desc);
    }
  };
  for (const enumProto of proto.enumType) {
    addEnum(enumProto, file, void 0, reg);
  }
  for (const messageProto of proto.messageType) {
    addMessage(messageProto, file, void 0, reg, mapEntries);
  }
  for (const serviceProto of proto.service) {
    addService(serviceProto, file, reg);
  }
  addExtensions(file, reg);
  for (const mapEntry of mapEntriesStore.values()) {
    addFields(mapEntry, reg, mapEntries);
  }
  for (const message of file.messages) {
    addFields(message, reg, mapEntries);
    addExtensions(message, reg);
  }
  reg.addFile(file, true);
}
function addExtensions(desc, reg) {
  switch (desc.kind) {
    case "file":
      for (const proto of desc.proto.extension) {
        const ext = newField(proto, desc, reg);
        desc.extensions.push(ext);
        reg.add(ext);
      }
      break;
    case "message":
      for (const proto of desc.proto.extension) {
        const ext = newField(proto, desc, reg);
        desc.nestedExtensions.push(ext);
        reg.add(ext);
      }
      for (const message of desc.nestedMessages) {
        addExtensions(message, reg);
      }
      break;
  }
}
function addFields(message, reg, mapEntries) {
  const allOneofs = message.proto.oneofDecl.map((proto) => newOneof(proto, message));
  const oneofsSeen = /* @__PURE__ */ new Set();
  for (const proto of message.proto.field) {
    const oneof = findOneof(proto, allOneofs);
    const field = newField(proto, message, reg, oneof, mapEntries);
    message.fields.push(field);
    message.field[field.localName] = field;
    if (oneof === void 0) {
      message.members.push(field);
    } else {
      oneof.fields.push(field);
      if (!oneofsSeen.has(oneof)) {
        oneofsSeen.add(oneof);
        message.members.push(oneof);
      }
    }
  }
  for (const oneof of allOneofs.filter((o) => oneofsSeen.has(o))) {
    message.oneofs.push(oneof);
  }
  for (const child of message.nestedMessages) {
    addFields(child, reg, mapEntries);
  }
}
function addEnum(proto, file, parent, reg) {
  var _a, _b, _c, _d, _e, _f, _g;
  var _h, _j;
  const sharedPrefix = findEnumSharedPrefix(proto.name, proto.value);
  const desc = {
    kind: "enum",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    parent,
    open: true,
    name: proto.name,
    typeName: makeTypeName(proto, parent, file),
    value: {},
    values: [],
    sharedPrefix,
    toString() {
      return `enum ${this.typeName}`;
    }
  };
  desc.open = isEnumOpen(desc);
  reg.add(desc);
  for (const p of proto.value) {
    const name = p.name;
    const value = {
      kind: "enum_value",
      proto: p,
      deprecated: (_d = (_c = p.options) === null || _c === void 0 ? void 0 : _c.deprecated) !== null && _d !== void 0 ? _d : false,
      parent: desc,
      name,
      localName: safeObjectProperty(sharedPrefix == void 0 ? name : name.substring(sharedPrefix.length)),
      number: p.number,
      jsonName: (_e = findEnumValueJsonName(p)) !== null && _e !== void 0 ? _e : name,
      toString() {
        return `enum value ${desc.typeName}.${name}`;
      }
    };
    desc.values.push(value);
    (_f = (_h = desc.value)[_j = p.number]) !== null && _f !== void 0 ? _f : _h[_j] = value;
  }
  ((_g = parent === null || parent === void 0 ? void 0 : parent.nestedEnums) !== null && _g !== void 0 ? _g : file.enums).push(desc);
}
function addMessage(proto, file, parent, reg, mapEntries) {
  var _a, _b, _c, _d;
  const desc = {
    kind: "message",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    parent,
    name: proto.name,
    typeName: makeTypeName(proto, parent, file),
    fields: [],
    field: {},
    oneofs: [],
    members: [],
    nestedEnums: [],
    nestedMessages: [],
    nestedExtensions: [],
    toString() {
      return `message ${this.typeName}`;
    }
  };
  if (((_c = proto.options) === null || _c === void 0 ? void 0 : _c.mapEntry) === true) {
    mapEntries.add(desc);
  } else {
    ((_d = parent === null || parent === void 0 ? void 0 : parent.nestedMessages) !== null && _d !== void 0 ? _d : file.messages).push(desc);
    reg.add(desc);
  }
  for (const enumProto of proto.enumType) {
    addEnum(enumProto, file, desc, reg);
  }
  for (const messageProto of proto.nestedType) {
    addMessage(messageProto, file, desc, reg, mapEntries);
  }
}
function addService(proto, file, reg) {
  var _a, _b;
  const desc = {
    kind: "service",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    file,
    name: proto.name,
    typeName: makeTypeName(proto, void 0, file),
    methods: [],
    method: {},
    toString() {
      return `service ${this.typeName}`;
    }
  };
  file.services.push(desc);
  reg.add(desc);
  for (const methodProto of proto.method) {
    const method = newMethod(methodProto, desc, reg);
    desc.methods.push(method);
    desc.method[method.localName] = method;
  }
}
function newMethod(proto, parent, reg) {
  var _a, _b, _c, _d;
  let methodKind;
  if (proto.clientStreaming && proto.serverStreaming) {
    methodKind = "bidi_streaming";
  } else if (proto.clientStreaming) {
    methodKind = "client_streaming";
  } else if (proto.serverStreaming) {
    methodKind = "server_streaming";
  } else {
    methodKind = "unary";
  }
  const input = reg.getMessage(trimLeadingDot(proto.inputType));
  const output2 = reg.getMessage(trimLeadingDot(proto.outputType));
  assert(input, `invalid MethodDescriptorProto: input_type ${proto.inputType} not found`);
  assert(output2, `invalid MethodDescriptorProto: output_type ${proto.inputType} not found`);
  const name = proto.name;
  return {
    kind: "rpc",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    parent,
    name,
    localName: safeObjectProperty(name.length ? safeObjectProperty(name[0].toLowerCase() + name.substring(1)) : name),
    methodKind,
    input,
    output: output2,
    idempotency: (_d = (_c = proto.options) === null || _c === void 0 ? void 0 : _c.idempotencyLevel) !== null && _d !== void 0 ? _d : IDEMPOTENCY_UNKNOWN,
    toString() {
      return `rpc ${parent.typeName}.${name}`;
    }
  };
}
function newOneof(proto, parent) {
  return {
    kind: "oneof",
    proto,
    deprecated: false,
    parent,
    fields: [],
    name: proto.name,
    localName: safeObjectProperty(protoCamelCase(proto.name)),
    toString() {
      return `oneof ${parent.typeName}.${this.name}`;
    }
  };
}
function newField(proto, parentOrFile, reg, oneof, mapEntries) {
  var _a, _b, _c;
  const isExtension = mapEntries === void 0;
  const field = {
    kind: "field",
    proto,
    deprecated: (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.deprecated) !== null && _b !== void 0 ? _b : false,
    name: proto.name,
    number: proto.number,
    scalar: void 0,
    message: void 0,
    enum: void 0,
    presence: getFieldPresence(proto, oneof, isExtension, parentOrFile),
    utf8Validation: isUtf8Validated(proto, parentOrFile),
    listKind: void 0,
    mapKind: void 0,
    mapKey: void 0,
    delimitedEncoding: void 0,
    packed: void 0,
    longAsString: false,
    getDefaultValue: void 0
  };
  let toStr;
  if (isExtension) {
    const file = parentOrFile.kind == "file" ? parentOrFile : parentOrFile.file;
    const parent = parentOrFile.kind == "file" ? void 0 : parentOrFile;
    const typeName = makeTypeName(proto, parent, file);
    field.kind = "extension";
    field.file = file;
    field.parent = parent;
    field.oneof = void 0;
    field.typeName = typeName;
    field.jsonName = `[${typeName}]`;
    toStr = () => `extension ${typeName}`;
    const extendee = reg.getMessage(trimLeadingDot(proto.extendee));
    assert(extendee, `invalid FieldDescriptorProto: extendee ${proto.extendee} not found`);
    field.extendee = extendee;
  } else {
    const parent = parentOrFile;
    assert(parent.kind == "message");
    field.parent = parent;
    field.oneof = oneof;
    field.localName = oneof ? protoCamelCase(proto.name) : safeObjectProperty(protoCamelCase(proto.name));
    field.jsonName = proto.jsonName;
    toStr = () => `field ${parent.typeName}.${proto.name}`;
  }
  Object.defineProperty(field, "toString", {
    value: toStr,
    writable: true,
    enumerable: true,
    configurable: true
  });
  const label = proto.label;
  const type = proto.type;
  const jstype = (_c = proto.options) === null || _c === void 0 ? void 0 : _c.jstype;
  if (label === LABEL_REPEATED) {
    const mapEntry = type == TYPE_MESSAGE ? mapEntries === null || mapEntries === void 0 ? void 0 : mapEntries.get(trimLeadingDot(proto.typeName)) : void 0;
    if (mapEntry) {
      field.fieldKind = "map";
      const { key, value } = findMapEntryFields(mapEntry);
      field.mapKey = key.scalar;
      field.mapKind = value.fieldKind;
      field.message = value.message;
      field.delimitedEncoding = false;
      field.enum = value.enum;
      field.scalar = value.scalar;
      return field;
    }
    field.fieldKind = "list";
    switch (type) {
      case TYPE_MESSAGE:
      case TYPE_GROUP:
        field.listKind = "message";
        field.message = reg.getMessage(trimLeadingDot(proto.typeName));
        assert(field.message);
        field.delimitedEncoding = isDelimitedEncoding(proto, parentOrFile);
        break;
      case TYPE_ENUM:
        field.listKind = "enum";
        field.enum = reg.getEnum(trimLeadingDot(proto.typeName));
        assert(field.enum);
        break;
      default:
        field.listKind = "scalar";
        field.scalar = type;
        field.longAsString = jstype == JS_STRING;
        break;
    }
    field.packed = isPackedField(proto, parentOrFile);
    return field;
  }
  switch (type) {
    case TYPE_MESSAGE:
    case TYPE_GROUP:
      field.fieldKind = "message";
      field.message = reg.getMessage(trimLeadingDot(proto.typeName));
      assert(field.message, `invalid FieldDescriptorProto: type_name ${proto.typeName} not found`);
      field.delimitedEncoding = isDelimitedEncoding(proto, parentOrFile);
      field.getDefaultValue = () => void 0;
      break;
    case TYPE_ENUM: {
      const enumeration = reg.getEnum(trimLeadingDot(proto.typeName));
      assert(enumeration !== void 0, `invalid FieldDescriptorProto: type_name ${proto.typeName} not found`);
      field.fieldKind = "enum";
      field.enum = reg.getEnum(trimLeadingDot(proto.typeName));
      field.getDefaultValue = () => {
        return unsafeIsSetExplicit(proto, "defaultValue") ? parseTextFormatEnumValue(enumeration, proto.defaultValue) : void 0;
      };
      break;
    }
    default: {
      field.fieldKind = "scalar";
      field.scalar = type;
      field.longAsString = jstype == JS_STRING;
      field.getDefaultValue = () => {
        return unsafeIsSetExplicit(proto, "defaultValue") ? parseTextFormatScalarValue(type, proto.defaultValue) : void 0;
      };
      break;
    }
  }
  return field;
}
function getFileEdition(proto) {
  switch (proto.syntax) {
    case "":
    case "proto2":
      return EDITION_PROTO22;
    case "proto3":
      return EDITION_PROTO32;
    case "editions":
      if (proto.edition === EDITION_UNSTABLE) {
        return maximumEdition;
      }
      if (proto.edition in featureDefaults) {
        return proto.edition;
      }
      throw new Error(`${proto.name}: unsupported edition`);
    default:
      throw new Error(`${proto.name}: unsupported syntax "${proto.syntax}"`);
  }
}
function findFileDependencies(proto, reg) {
  return proto.dependency.map((wantName) => {
    const dep = reg.getFile(wantName);
    if (!dep) {
      throw new Error(`Cannot find ${wantName}, imported by ${proto.name}`);
    }
    return dep;
  });
}
function findEnumSharedPrefix(enumName, values) {
  const prefix = camelToSnakeCase(enumName) + "_";
  for (const value of values) {
    if (!value.name.toLowerCase().startsWith(prefix)) {
      return void 0;
    }
    const shortName = value.name.substring(prefix.length);
    if (shortName.length == 0) {
      return void 0;
    }
    if (/^\d/.test(shortName)) {
      return void 0;
    }
  }
  return prefix;
}
function findEnumValueJsonName(proto) {
  var _a, _b;
  const extensionNumber = 998;
  const fieldNumber = 1;
  let jsonName;
  for (const uf of (_b = (_a = proto.options) === null || _a === void 0 ? void 0 : _a.$unknown) !== null && _b !== void 0 ? _b : []) {
    if (uf.no !== extensionNumber || uf.wireType !== WireType.LengthDelimited) {
      continue;
    }
    const reader = new BinaryReader(new BinaryReader(uf.data).bytes());
    while (reader.pos < reader.len) {
      const [no, wireType] = reader.tag();
      if (no === fieldNumber && wireType === WireType.LengthDelimited) {
        jsonName = reader.string();
      } else {
        reader.skip(wireType, no);
      }
    }
  }
  return jsonName;
}
function camelToSnakeCase(camel) {
  return (camel.substring(0, 1) + camel.substring(1).replace(/[A-Z]/g, (c) => "_" + c)).toLowerCase();
}
function makeTypeName(proto, parent, file) {
  let typeName;
  if (parent) {
    typeName = `${parent.typeName}.${proto.name}`;
  } else if (file.proto.package.length > 0) {
    typeName = `${file.proto.package}.${proto.name}`;
  } else {
    typeName = `${proto.name}`;
  }
  return typeName;
}
function trimLeadingDot(typeName) {
  return typeName.startsWith(".") ? typeName.substring(1) : typeName;
}
function findOneof(proto, allOneofs) {
  if (!unsafeIsSetExplicit(proto, "oneofIndex")) {
    return void 0;
  }
  if (proto.proto3Optional) {
    return void 0;
  }
  const oneof = allOneofs[proto.oneofIndex];
  assert(oneof, `invalid FieldDescriptorProto: oneof #${proto.oneofIndex} for field #${proto.number} not found`);
  return oneof;
}
function getFieldPresence(proto, oneof, isExtension, parent) {
  if (proto.label == LABEL_REQUIRED) {
    return LEGACY_REQUIRED;
  }
  if (proto.label == LABEL_REPEATED) {
    return IMPLICIT2;
  }
  if (!!oneof || proto.proto3Optional) {
    return EXPLICIT;
  }
  if (isExtension) {
    return EXPLICIT;
  }
  const resolved = resolveFeature("fieldPresence", {
    proto,
    parent
  });
  if (resolved == IMPLICIT2 && (proto.type == TYPE_MESSAGE || proto.type == TYPE_GROUP)) {
    return EXPLICIT;
  }
  return resolved;
}
function isPackedField(proto, parent) {
  if (proto.label != LABEL_REPEATED) {
    return false;
  }
  switch (proto.type) {
    case TYPE_STRING:
    case TYPE_BYTES:
    case TYPE_GROUP:
    case TYPE_MESSAGE:
      return false;
  }
  const o = proto.options;
  if (o && unsafeIsSetExplicit(o, "packed")) {
    return o.packed;
  }
  return PACKED == resolveFeature("repeatedFieldEncoding", {
    proto,
    parent
  });
}
function findMapEntryFields(mapEntry) {
  const key = mapEntry.fields.find((f) => f.number === 1);
  const value = mapEntry.fields.find((f) => f.number === 2);
  assert(key && key.fieldKind == "scalar" && key.scalar != ScalarType.BYTES && key.scalar != ScalarType.FLOAT && key.scalar != ScalarType.DOUBLE && value && value.fieldKind != "list" && value.fieldKind != "map");
  return {
    key,
    value
  };
}
function isEnumOpen(desc) {
  var _a;
  return OPEN == resolveFeature("enumType", {
    proto: desc.proto,
    parent: (_a = desc.parent) !== null && _a !== void 0 ? _a : desc.file
  });
}
function isDelimitedEncoding(proto, parent) {
  if (proto.type == TYPE_GROUP) {
    return true;
  }
  return DELIMITED == resolveFeature("messageEncoding", {
    proto,
    parent
  });
}
function isUtf8Validated(proto, parent) {
  return VERIFY == resolveFeature("utf8Validation", {
    proto,
    parent
  });
}
function resolveFeature(name, ref) {
  var _a, _b;
  const featureSet = (_a = ref.proto.options) === null || _a === void 0 ? void 0 : _a.features;
  if (featureSet) {
    const val = featureSet[name];
    if (val != 0) {
      return val;
    }
  }
  if ("kind" in ref) {
    if (ref.kind == "message") {
      return resolveFeature(name, (_b = ref.parent) !== null && _b !== void 0 ? _b : ref.file);
    }
    const editionDefaults = featureDefaults[ref.edition];
    if (!editionDefaults) {
      throw new Error(`feature default for edition ${ref.edition} not found`);
    }
    return editionDefaults[name];
  }
  return resolveFeature(name, ref.parent);
}
function assert(condition, msg) {
  if (!condition) {
    throw new Error(msg);
  }
}

function boot(boot2) {
  const root = bootFileDescriptorProto(boot2);
  root.messageType.forEach(restoreJsonNames);
  const reg = createEmbeddedFileRegistry(root, () => void 0);
  return reg.getFile(root.name);
}
function bootFileDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    syntax: "",
    edition: 0
  });
  return Object.assign(proto, Object.assign(Object.assign({
    $typeName: "google.protobuf.FileDescriptorProto",
    dependency: [],
    publicDependency: [],
    weakDependency: [],
    optionDependency: [],
    service: [],
    extension: []
  }, init), {
    messageType: init.messageType.map(bootDescriptorProto),
    enumType: init.enumType.map(bootEnumDescriptorProto)
  }));
}
function bootDescriptorProto(init) {
  var _a, _b, _c, _d, _e, _f, _g, _h;
  const proto = /* @__PURE__ */ Object.create({
    visibility: 0
  });
  return Object.assign(proto, {
    $typeName: "google.protobuf.DescriptorProto",
    name: init.name,
    field: (_b = (_a = init.field) === null || _a === void 0 ? void 0 : _a.map(bootFieldDescriptorProto)) !== null && _b !== void 0 ? _b : [],
    extension: [],
    nestedType: (_d = (_c = init.nestedType) === null || _c === void 0 ? void 0 : _c.map(bootDescriptorProto)) !== null && _d !== void 0 ? _d : [],
    enumType: (_f = (_e = init.enumType) === null || _e === void 0 ? void 0 : _e.map(bootEnumDescriptorProto)) !== null && _f !== void 0 ? _f : [],
    extensionRange: (_h = (_g = init.extensionRange) === null || _g === void 0 ? void 0 : _g.map((e) => Object.assign({
      $typeName: "google.protobuf.DescriptorProto.ExtensionRange"
    }, e))) !== null && _h !== void 0 ? _h : [],
    oneofDecl: [],
    reservedRange: [],
    reservedName: []
  });
}
function bootFieldDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    label: 1,
    typeName: "",
    extendee: "",
    defaultValue: "",
    oneofIndex: 0,
    jsonName: "",
    proto3Optional: false
  });
  return Object.assign(proto, Object.assign(Object.assign({
    $typeName: "google.protobuf.FieldDescriptorProto"
  }, init), {
    options: init.options ? bootFieldOptions(init.options) : void 0
  }));
}
function bootFieldOptions(init) {
  var _a, _b, _c;
  const proto = /* @__PURE__ */ Object.create({
    ctype: 0,
    packed: false,
    jstype: 0,
    lazy: false,
    unverifiedLazy: false,
    deprecated: false,
    weak: false,
    debugRedact: false,
    retention: 0
  });
  return Object.assign(proto, Object.assign(Object.assign({
    $typeName: "google.protobuf.FieldOptions"
  }, init), {
    targets: (_a = init.targets) !== null && _a !== void 0 ? _a : [],
    editionDefaults: (_c = (_b = init.editionDefaults) === null || _b === void 0 ? void 0 : _b.map((e) => Object.assign({
      $typeName: "google.protobuf.FieldOptions.EditionDefault"
    }, e))) !== null && _c !== void 0 ? _c : [],
    uninterpretedOption: []
  }));
}
function bootEnumDescriptorProto(init) {
  const proto = /* @__PURE__ */ Object.create({
    visibility: 0
  });
  return Object.assign(proto, {
    $typeName: "google.protobuf.EnumDescriptorProto",
    name: init.name,
    reservedName: [],
    reservedRange: [],
    value: init.value.map((e) => Object.assign({
      $typeName: "google.protobuf.EnumValueDescriptorProto"
    }, e))
  });
}

function messageDesc(file, path, ...paths) {
  return paths.reduce((acc, cur) => acc.nestedMessages[cur], file.messages[path]);
}

var file_google_protobuf_descriptor = /* @__PURE__ */ boot({
  "name": "google/protobuf/descriptor.proto",
  "package": "google.protobuf",
  "messageType": [
    {
      "name": "FileDescriptorSet",
      "field": [
        {
          "name": "file",
          "number": 1,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FileDescriptorProto"
        }
      ],
      "extensionRange": [
        {
          "start": 536e6,
          "end": 536000001
        }
      ]
    },
    {
      "name": "FileDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "package",
          "number": 2,
          "type": 9,
          "label": 1
        },
        {
          "name": "dependency",
          "number": 3,
          "type": 9,
          "label": 3
        },
        {
          "name": "public_dependency",
          "number": 10,
          "type": 5,
          "label": 3
        },
        {
          "name": "weak_dependency",
          "number": 11,
          "type": 5,
          "label": 3
        },
        {
          "name": "option_dependency",
          "number": 15,
          "type": 9,
          "label": 3
        },
        {
          "name": "message_type",
          "number": 4,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.DescriptorProto"
        },
        {
          "name": "enum_type",
          "number": 5,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.EnumDescriptorProto"
        },
        {
          "name": "service",
          "number": 6,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.ServiceDescriptorProto"
        },
        {
          "name": "extension",
          "number": 7,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FieldDescriptorProto"
        },
        {
          "name": "options",
          "number": 8,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FileOptions"
        },
        {
          "name": "source_code_info",
          "number": 9,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.SourceCodeInfo"
        },
        {
          "name": "syntax",
          "number": 12,
          "type": 9,
          "label": 1
        },
        {
          "name": "edition",
          "number": 14,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.Edition"
        }
      ]
    },
    {
      "name": "DescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "field",
          "number": 2,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FieldDescriptorProto"
        },
        {
          "name": "extension",
          "number": 6,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FieldDescriptorProto"
        },
        {
          "name": "nested_type",
          "number": 3,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.DescriptorProto"
        },
        {
          "name": "enum_type",
          "number": 4,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.EnumDescriptorProto"
        },
        {
          "name": "extension_range",
          "number": 5,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.DescriptorProto.ExtensionRange"
        },
        {
          "name": "oneof_decl",
          "number": 8,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.OneofDescriptorProto"
        },
        {
          "name": "options",
          "number": 7,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.MessageOptions"
        },
        {
          "name": "reserved_range",
          "number": 9,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.DescriptorProto.ReservedRange"
        },
        {
          "name": "reserved_name",
          "number": 10,
          "type": 9,
          "label": 3
        },
        {
          "name": "visibility",
          "number": 11,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.SymbolVisibility"
        }
      ],
      "nestedType": [
        {
          "name": "ExtensionRange",
          "field": [
            {
              "name": "start",
              "number": 1,
              "type": 5,
              "label": 1
            },
            {
              "name": "end",
              "number": 2,
              "type": 5,
              "label": 1
            },
            {
              "name": "options",
              "number": 3,
              "type": 11,
              "label": 1,
              "typeName": ".google.protobuf.ExtensionRangeOptions"
            }
          ]
        },
        {
          "name": "ReservedRange",
          "field": [
            {
              "name": "start",
              "number": 1,
              "type": 5,
              "label": 1
            },
            {
              "name": "end",
              "number": 2,
              "type": 5,
              "label": 1
            }
          ]
        }
      ]
    },
    {
      "name": "ExtensionRangeOptions",
      "field": [
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        },
        {
          "name": "declaration",
          "number": 2,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.ExtensionRangeOptions.Declaration",
          "options": {
            "retention": 2
          }
        },
        {
          "name": "features",
          "number": 50,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "verification",
          "number": 3,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.ExtensionRangeOptions.VerificationState",
          "defaultValue": "UNVERIFIED",
          "options": {
            "retention": 2
          }
        }
      ],
      "nestedType": [
        {
          "name": "Declaration",
          "field": [
            {
              "name": "number",
              "number": 1,
              "type": 5,
              "label": 1
            },
            {
              "name": "full_name",
              "number": 2,
              "type": 9,
              "label": 1
            },
            {
              "name": "type",
              "number": 3,
              "type": 9,
              "label": 1
            },
            {
              "name": "reserved",
              "number": 5,
              "type": 8,
              "label": 1
            },
            {
              "name": "repeated",
              "number": 6,
              "type": 8,
              "label": 1
            }
          ]
        }
      ],
      "enumType": [
        {
          "name": "VerificationState",
          "value": [
            {
              "name": "DECLARATION",
              "number": 0
            },
            {
              "name": "UNVERIFIED",
              "number": 1
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "FieldDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "number",
          "number": 3,
          "type": 5,
          "label": 1
        },
        {
          "name": "label",
          "number": 4,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FieldDescriptorProto.Label"
        },
        {
          "name": "type",
          "number": 5,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FieldDescriptorProto.Type"
        },
        {
          "name": "type_name",
          "number": 6,
          "type": 9,
          "label": 1
        },
        {
          "name": "extendee",
          "number": 2,
          "type": 9,
          "label": 1
        },
        {
          "name": "default_value",
          "number": 7,
          "type": 9,
          "label": 1
        },
        {
          "name": "oneof_index",
          "number": 9,
          "type": 5,
          "label": 1
        },
        {
          "name": "json_name",
          "number": 10,
          "type": 9,
          "label": 1
        },
        {
          "name": "options",
          "number": 8,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions"
        },
        {
          "name": "proto3_optional",
          "number": 17,
          "type": 8,
          "label": 1
        }
      ],
      "enumType": [
        {
          "name": "Type",
          "value": [
            {
              "name": "TYPE_DOUBLE",
              "number": 1
            },
            {
              "name": "TYPE_FLOAT",
              "number": 2
            },
            {
              "name": "TYPE_INT64",
              "number": 3
            },
            {
              "name": "TYPE_UINT64",
              "number": 4
            },
            {
              "name": "TYPE_INT32",
              "number": 5
            },
            {
              "name": "TYPE_FIXED64",
              "number": 6
            },
            {
              "name": "TYPE_FIXED32",
              "number": 7
            },
            {
              "name": "TYPE_BOOL",
              "number": 8
            },
            {
              "name": "TYPE_STRING",
              "number": 9
            },
            {
              "name": "TYPE_GROUP",
              "number": 10
            },
            {
              "name": "TYPE_MESSAGE",
              "number": 11
            },
            {
              "name": "TYPE_BYTES",
              "number": 12
            },
            {
              "name": "TYPE_UINT32",
              "number": 13
            },
            {
              "name": "TYPE_ENUM",
              "number": 14
            },
            {
              "name": "TYPE_SFIXED32",
              "number": 15
            },
            {
              "name": "TYPE_SFIXED64",
              "number": 16
            },
            {
              "name": "TYPE_SINT32",
              "number": 17
            },
            {
              "name": "TYPE_SINT64",
              "number": 18
            }
          ]
        },
        {
          "name": "Label",
          "value": [
            {
              "name": "LABEL_OPTIONAL",
              "number": 1
            },
            {
              "name": "LABEL_REPEATED",
              "number": 3
            },
            {
              "name": "LABEL_REQUIRED",
              "number": 2
            }
          ]
        }
      ]
    },
    {
      "name": "OneofDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "options",
          "number": 2,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.OneofOptions"
        }
      ]
    },
    {
      "name": "EnumDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "value",
          "number": 2,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.EnumValueDescriptorProto"
        },
        {
          "name": "options",
          "number": 3,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.EnumOptions"
        },
        {
          "name": "reserved_range",
          "number": 4,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.EnumDescriptorProto.EnumReservedRange"
        },
        {
          "name": "reserved_name",
          "number": 5,
          "type": 9,
          "label": 3
        },
        {
          "name": "visibility",
          "number": 6,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.SymbolVisibility"
        }
      ],
      "nestedType": [
        {
          "name": "EnumReservedRange",
          "field": [
            {
              "name": "start",
              "number": 1,
              "type": 5,
              "label": 1
            },
            {
              "name": "end",
              "number": 2,
              "type": 5,
              "label": 1
            }
          ]
        }
      ]
    },
    {
      "name": "EnumValueDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "number",
          "number": 2,
          "type": 5,
          "label": 1
        },
        {
          "name": "options",
          "number": 3,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.EnumValueOptions"
        }
      ]
    },
    {
      "name": "ServiceDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "method",
          "number": 2,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.MethodDescriptorProto"
        },
        {
          "name": "options",
          "number": 3,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.ServiceOptions"
        }
      ]
    },
    {
      "name": "MethodDescriptorProto",
      "field": [
        {
          "name": "name",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "input_type",
          "number": 2,
          "type": 9,
          "label": 1
        },
        {
          "name": "output_type",
          "number": 3,
          "type": 9,
          "label": 1
        },
        {
          "name": "options",
          "number": 4,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.MethodOptions"
        },
        {
          "name": "client_streaming",
          "number": 5,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "server_streaming",
          "number": 6,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        }
      ]
    },
    {
      "name": "FileOptions",
      "field": [
        {
          "name": "java_package",
          "number": 1,
          "type": 9,
          "label": 1
        },
        {
          "name": "java_outer_classname",
          "number": 8,
          "type": 9,
          "label": 1
        },
        {
          "name": "java_multiple_files",
          "number": 10,
          "type": 8,
          "label": 1,
          "defaultValue": "false",
          "options": {}
        },
        {
          "name": "java_generate_equals_and_hash",
          "number": 20,
          "type": 8,
          "label": 1,
          "options": {
            "deprecated": true
          }
        },
        {
          "name": "java_string_check_utf8",
          "number": 27,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "optimize_for",
          "number": 9,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FileOptions.OptimizeMode",
          "defaultValue": "SPEED"
        },
        {
          "name": "go_package",
          "number": 11,
          "type": 9,
          "label": 1
        },
        {
          "name": "cc_generic_services",
          "number": 16,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "java_generic_services",
          "number": 17,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "py_generic_services",
          "number": 18,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "deprecated",
          "number": 23,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "cc_enable_arenas",
          "number": 31,
          "type": 8,
          "label": 1,
          "defaultValue": "true",
          "options": {}
        },
        {
          "name": "objc_class_prefix",
          "number": 36,
          "type": 9,
          "label": 1
        },
        {
          "name": "csharp_namespace",
          "number": 37,
          "type": 9,
          "label": 1
        },
        {
          "name": "swift_prefix",
          "number": 39,
          "type": 9,
          "label": 1
        },
        {
          "name": "php_class_prefix",
          "number": 40,
          "type": 9,
          "label": 1
        },
        {
          "name": "php_namespace",
          "number": 41,
          "type": 9,
          "label": 1
        },
        {
          "name": "php_metadata_namespace",
          "number": 44,
          "type": 9,
          "label": 1
        },
        {
          "name": "ruby_package",
          "number": 45,
          "type": 9,
          "label": 1
        },
        {
          "name": "features",
          "number": 50,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "enumType": [
        {
          "name": "OptimizeMode",
          "value": [
            {
              "name": "SPEED",
              "number": 1
            },
            {
              "name": "CODE_SIZE",
              "number": 2
            },
            {
              "name": "LITE_RUNTIME",
              "number": 3
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "MessageOptions",
      "field": [
        {
          "name": "message_set_wire_format",
          "number": 1,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "no_standard_descriptor_accessor",
          "number": 2,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "deprecated",
          "number": 3,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "map_entry",
          "number": 7,
          "type": 8,
          "label": 1
        },
        {
          "name": "deprecated_legacy_json_field_conflicts",
          "number": 11,
          "type": 8,
          "label": 1,
          "options": {
            "deprecated": true
          }
        },
        {
          "name": "features",
          "number": 12,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "FieldOptions",
      "field": [
        {
          "name": "ctype",
          "number": 1,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions.CType",
          "defaultValue": "STRING"
        },
        {
          "name": "packed",
          "number": 2,
          "type": 8,
          "label": 1
        },
        {
          "name": "jstype",
          "number": 6,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions.JSType",
          "defaultValue": "JS_NORMAL"
        },
        {
          "name": "lazy",
          "number": 5,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "unverified_lazy",
          "number": 15,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "deprecated",
          "number": 3,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "weak",
          "number": 10,
          "type": 8,
          "label": 1,
          "defaultValue": "false",
          "options": {
            "deprecated": true
          }
        },
        {
          "name": "debug_redact",
          "number": 16,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "retention",
          "number": 17,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions.OptionRetention"
        },
        {
          "name": "targets",
          "number": 19,
          "type": 14,
          "label": 3,
          "typeName": ".google.protobuf.FieldOptions.OptionTargetType"
        },
        {
          "name": "edition_defaults",
          "number": 20,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FieldOptions.EditionDefault"
        },
        {
          "name": "features",
          "number": 21,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "feature_support",
          "number": 22,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions.FeatureSupport"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "nestedType": [
        {
          "name": "EditionDefault",
          "field": [
            {
              "name": "edition",
              "number": 3,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.Edition"
            },
            {
              "name": "value",
              "number": 2,
              "type": 9,
              "label": 1
            }
          ]
        },
        {
          "name": "FeatureSupport",
          "field": [
            {
              "name": "edition_introduced",
              "number": 1,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.Edition"
            },
            {
              "name": "edition_deprecated",
              "number": 2,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.Edition"
            },
            {
              "name": "deprecation_warning",
              "number": 3,
              "type": 9,
              "label": 1
            },
            {
              "name": "edition_removed",
              "number": 4,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.Edition"
            },
            {
              "name": "removal_error",
              "number": 5,
              "type": 9,
              "label": 1
            }
          ]
        }
      ],
      "enumType": [
        {
          "name": "CType",
          "value": [
            {
              "name": "STRING",
              "number": 0
            },
            {
              "name": "CORD",
              "number": 1
            },
            {
              "name": "STRING_PIECE",
              "number": 2
            }
          ]
        },
        {
          "name": "JSType",
          "value": [
            {
              "name": "JS_NORMAL",
              "number": 0
            },
            {
              "name": "JS_STRING",
              "number": 1
            },
            {
              "name": "JS_NUMBER",
              "number": 2
            }
          ]
        },
        {
          "name": "OptionRetention",
          "value": [
            {
              "name": "RETENTION_UNKNOWN",
              "number": 0
            },
            {
              "name": "RETENTION_RUNTIME",
              "number": 1
            },
            {
              "name": "RETENTION_SOURCE",
              "number": 2
            }
          ]
        },
        {
          "name": "OptionTargetType",
          "value": [
            {
              "name": "TARGET_TYPE_UNKNOWN",
              "number": 0
            },
            {
              "name": "TARGET_TYPE_FILE",
              "number": 1
            },
            {
              "name": "TARGET_TYPE_EXTENSION_RANGE",
              "number": 2
            },
            {
              "name": "TARGET_TYPE_MESSAGE",
              "number": 3
            },
            {
              "name": "TARGET_TYPE_FIELD",
              "number": 4
            },
            {
              "name": "TARGET_TYPE_ONEOF",
              "number": 5
            },
            {
              "name": "TARGET_TYPE_ENUM",
              "number": 6
            },
            {
              "name": "TARGET_TYPE_ENUM_ENTRY",
              "number": 7
            },
            {
              "name": "TARGET_TYPE_SERVICE",
              "number": 8
            },
            {
              "name": "TARGET_TYPE_METHOD",
              "number": 9
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "OneofOptions",
      "field": [
        {
          "name": "features",
          "number": 1,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "EnumOptions",
      "field": [
        {
          "name": "allow_alias",
          "number": 2,
          "type": 8,
          "label": 1
        },
        {
          "name": "deprecated",
          "number": 3,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "deprecated_legacy_json_field_conflicts",
          "number": 6,
          "type": 8,
          "label": 1,
          "options": {
            "deprecated": true
          }
        },
        {
          "name": "features",
          "number": 7,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "EnumValueOptions",
      "field": [
        {
          "name": "deprecated",
          "number": 1,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "features",
          "number": 2,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "debug_redact",
          "number": 3,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "feature_support",
          "number": 4,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FieldOptions.FeatureSupport"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "ServiceOptions",
      "field": [
        {
          "name": "features",
          "number": 34,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "deprecated",
          "number": 33,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "MethodOptions",
      "field": [
        {
          "name": "deprecated",
          "number": 33,
          "type": 8,
          "label": 1,
          "defaultValue": "false"
        },
        {
          "name": "idempotency_level",
          "number": 34,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.MethodOptions.IdempotencyLevel",
          "defaultValue": "IDEMPOTENCY_UNKNOWN"
        },
        {
          "name": "features",
          "number": 35,
          "type": 11,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet"
        },
        {
          "name": "uninterpreted_option",
          "number": 999,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption"
        }
      ],
      "enumType": [
        {
          "name": "IdempotencyLevel",
          "value": [
            {
              "name": "IDEMPOTENCY_UNKNOWN",
              "number": 0
            },
            {
              "name": "NO_SIDE_EFFECTS",
              "number": 1
            },
            {
              "name": "IDEMPOTENT",
              "number": 2
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 990,
          "end": 999
        },
        {
          "start": 1e3,
          "end": 536870912
        }
      ]
    },
    {
      "name": "UninterpretedOption",
      "field": [
        {
          "name": "name",
          "number": 2,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.UninterpretedOption.NamePart"
        },
        {
          "name": "identifier_value",
          "number": 3,
          "type": 9,
          "label": 1
        },
        {
          "name": "positive_int_value",
          "number": 4,
          "type": 4,
          "label": 1
        },
        {
          "name": "negative_int_value",
          "number": 5,
          "type": 3,
          "label": 1
        },
        {
          "name": "double_value",
          "number": 6,
          "type": 1,
          "label": 1
        },
        {
          "name": "string_value",
          "number": 7,
          "type": 12,
          "label": 1
        },
        {
          "name": "aggregate_value",
          "number": 8,
          "type": 9,
          "label": 1
        }
      ],
      "nestedType": [
        {
          "name": "NamePart",
          "field": [
            {
              "name": "name_part",
              "number": 1,
              "type": 9,
              "label": 2
            },
            {
              "name": "is_extension",
              "number": 2,
              "type": 8,
              "label": 2
            }
          ]
        }
      ]
    },
    {
      "name": "FeatureSet",
      "field": [
        {
          "name": "field_presence",
          "number": 1,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.FieldPresence",
          "options": {
            "retention": 1,
            "targets": [
              4,
              1
            ],
            "editionDefaults": [
              {
                "value": "EXPLICIT",
                "edition": 900
              },
              {
                "value": "IMPLICIT",
                "edition": 999
              },
              {
                "value": "EXPLICIT",
                "edition": 1e3
              }
            ]
          }
        },
        {
          "name": "enum_type",
          "number": 2,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.EnumType",
          "options": {
            "retention": 1,
            "targets": [
              6,
              1
            ],
            "editionDefaults": [
              {
                "value": "CLOSED",
                "edition": 900
              },
              {
                "value": "OPEN",
                "edition": 999
              }
            ]
          }
        },
        {
          "name": "repeated_field_encoding",
          "number": 3,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.RepeatedFieldEncoding",
          "options": {
            "retention": 1,
            "targets": [
              4,
              1
            ],
            "editionDefaults": [
              {
                "value": "EXPANDED",
                "edition": 900
              },
              {
                "value": "PACKED",
                "edition": 999
              }
            ]
          }
        },
        {
          "name": "utf8_validation",
          "number": 4,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.Utf8Validation",
          "options": {
            "retention": 1,
            "targets": [
              4,
              1
            ],
            "editionDefaults": [
              {
                "value": "NONE",
                "edition": 900
              },
              {
                "value": "VERIFY",
                "edition": 999
              }
            ]
          }
        },
        {
          "name": "message_encoding",
          "number": 5,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.MessageEncoding",
          "options": {
            "retention": 1,
            "targets": [
              4,
              1
            ],
            "editionDefaults": [
              {
                "value": "LENGTH_PREFIXED",
                "edition": 900
              }
            ]
          }
        },
        {
          "name": "json_format",
          "number": 6,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.JsonFormat",
          "options": {
            "retention": 1,
            "targets": [
              3,
              6,
              1
            ],
            "editionDefaults": [
              {
                "value": "LEGACY_BEST_EFFORT",
                "edition": 900
              },
              {
                "value": "ALLOW",
                "edition": 999
              }
            ]
          }
        },
        {
          "name": "enforce_naming_style",
          "number": 7,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.EnforceNamingStyle",
          "options": {
            "retention": 2,
            "targets": [
              1,
              2,
              3,
              4,
              5,
              6,
              7,
              8,
              9
            ],
            "editionDefaults": [
              {
                "value": "STYLE_LEGACY",
                "edition": 900
              },
              {
                "value": "STYLE2024",
                "edition": 1001
              },
              {
                "value": "STYLE2026",
                "edition": 1002
              }
            ]
          }
        },
        {
          "name": "default_symbol_visibility",
          "number": 8,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.VisibilityFeature.DefaultSymbolVisibility",
          "options": {
            "retention": 2,
            "targets": [
              1
            ],
            "editionDefaults": [
              {
                "value": "EXPORT_ALL",
                "edition": 900
              },
              {
                "value": "EXPORT_TOP_LEVEL",
                "edition": 1001
              },
              {
                "value": "STRICT",
                "edition": 1002
              }
            ]
          }
        },
        {
          "name": "enforce_proto_limits",
          "number": 9,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.FeatureSet.ProtoLimitsFeature.EnforceProtoLimits",
          "options": {
            "retention": 2,
            "targets": [
              6,
              3,
              4,
              5
            ],
            "editionDefaults": [
              {
                "value": "LEGACY_NO_EXPLICIT_LIMITS",
                "edition": 900
              },
              {
                "value": "PROTO_LIMITS2026",
                "edition": 1002
              }
            ]
          }
        }
      ],
      "nestedType": [
        {
          "name": "VisibilityFeature",
          "enumType": [
            {
              "name": "DefaultSymbolVisibility",
              "value": [
                {
                  "name": "DEFAULT_SYMBOL_VISIBILITY_UNKNOWN",
                  "number": 0
                },
                {
                  "name": "EXPORT_ALL",
                  "number": 1
                },
                {
                  "name": "EXPORT_TOP_LEVEL",
                  "number": 2
                },
                {
                  "name": "LOCAL_ALL",
                  "number": 3
                },
                {
                  "name": "STRICT",
                  "number": 4
                }
              ]
            }
          ]
        },
        {
          "name": "ProtoLimitsFeature",
          "enumType": [
            {
              "name": "EnforceProtoLimits",
              "value": [
                {
                  "name": "PROTO_LIMITS_UNKNOWN",
                  "number": 0
                },
                {
                  "name": "LEGACY_NO_EXPLICIT_LIMITS",
                  "number": 1
                },
                {
                  "name": "PROTO_LIMITS2026",
                  "number": 2
                }
              ]
            }
          ]
        }
      ],
      "enumType": [
        {
          "name": "FieldPresence",
          "value": [
            {
              "name": "FIELD_PRESENCE_UNKNOWN",
              "number": 0
            },
            {
              "name": "EXPLICIT",
              "number": 1
            },
            {
              "name": "IMPLICIT",
              "number": 2
            },
            {
              "name": "LEGACY_REQUIRED",
              "number": 3
            }
          ]
        },
        {
          "name": "EnumType",
          "value": [
            {
              "name": "ENUM_TYPE_UNKNOWN",
              "number": 0
            },
            {
              "name": "OPEN",
              "number": 1
            },
            {
              "name": "CLOSED",
              "number": 2
            }
          ]
        },
        {
          "name": "RepeatedFieldEncoding",
          "value": [
            {
              "name": "REPEATED_FIELD_ENCODING_UNKNOWN",
              "number": 0
            },
            {
              "name": "PACKED",
              "number": 1
            },
            {
              "name": "EXPANDED",
              "number": 2
            }
          ]
        },
        {
          "name": "Utf8Validation",
          "value": [
            {
              "name": "UTF8_VALIDATION_UNKNOWN",
              "number": 0
            },
            {
              "name": "VERIFY",
              "number": 2
            },
            {
              "name": "NONE",
              "number": 3
            }
          ]
        },
        {
          "name": "MessageEncoding",
          "value": [
            {
              "name": "MESSAGE_ENCODING_UNKNOWN",
              "number": 0
            },
            {
              "name": "LENGTH_PREFIXED",
              "number": 1
            },
            {
              "name": "DELIMITED",
              "number": 2
            }
          ]
        },
        {
          "name": "JsonFormat",
          "value": [
            {
              "name": "JSON_FORMAT_UNKNOWN",
              "number": 0
            },
            {
              "name": "ALLOW",
              "number": 1
            },
            {
              "name": "LEGACY_BEST_EFFORT",
              "number": 2
            }
          ]
        },
        {
          "name": "EnforceNamingStyle",
          "value": [
            {
              "name": "ENFORCE_NAMING_STYLE_UNKNOWN",
              "number": 0
            },
            {
              "name": "STYLE2024",
              "number": 1
            },
            {
              "name": "STYLE_LEGACY",
              "number": 2
            },
            {
              "name": "STYLE2026",
              "number": 3
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 1e3,
          "end": 9995
        },
        {
          "start": 9995,
          "end": 1e4
        },
        {
          "start": 1e4,
          "end": 10001
        }
      ]
    },
    {
      "name": "FeatureSetDefaults",
      "field": [
        {
          "name": "defaults",
          "number": 1,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault"
        },
        {
          "name": "minimum_edition",
          "number": 4,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.Edition"
        },
        {
          "name": "maximum_edition",
          "number": 5,
          "type": 14,
          "label": 1,
          "typeName": ".google.protobuf.Edition"
        }
      ],
      "nestedType": [
        {
          "name": "FeatureSetEditionDefault",
          "field": [
            {
              "name": "edition",
              "number": 3,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.Edition"
            },
            {
              "name": "overridable_features",
              "number": 4,
              "type": 11,
              "label": 1,
              "typeName": ".google.protobuf.FeatureSet"
            },
            {
              "name": "fixed_features",
              "number": 5,
              "type": 11,
              "label": 1,
              "typeName": ".google.protobuf.FeatureSet"
            }
          ]
        }
      ]
    },
    {
      "name": "SourceCodeInfo",
      "field": [
        {
          "name": "location",
          "number": 1,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.SourceCodeInfo.Location"
        }
      ],
      "nestedType": [
        {
          "name": "Location",
          "field": [
            {
              "name": "path",
              "number": 1,
              "type": 5,
              "label": 3,
              "options": {
                "packed": true
              }
            },
            {
              "name": "span",
              "number": 2,
              "type": 5,
              "label": 3,
              "options": {
                "packed": true
              }
            },
            {
              "name": "leading_comments",
              "number": 3,
              "type": 9,
              "label": 1
            },
            {
              "name": "trailing_comments",
              "number": 4,
              "type": 9,
              "label": 1
            },
            {
              "name": "leading_detached_comments",
              "number": 6,
              "type": 9,
              "label": 3
            }
          ]
        }
      ],
      "extensionRange": [
        {
          "start": 536e6,
          "end": 536000001
        }
      ]
    },
    {
      "name": "GeneratedCodeInfo",
      "field": [
        {
          "name": "annotation",
          "number": 1,
          "type": 11,
          "label": 3,
          "typeName": ".google.protobuf.GeneratedCodeInfo.Annotation"
        }
      ],
      "nestedType": [
        {
          "name": "Annotation",
          "field": [
            {
              "name": "path",
              "number": 1,
              "type": 5,
              "label": 3,
              "options": {
                "packed": true
              }
            },
            {
              "name": "source_file",
              "number": 2,
              "type": 9,
              "label": 1
            },
            {
              "name": "begin",
              "number": 3,
              "type": 5,
              "label": 1
            },
            {
              "name": "end",
              "number": 4,
              "type": 5,
              "label": 1
            },
            {
              "name": "semantic",
              "number": 5,
              "type": 14,
              "label": 1,
              "typeName": ".google.protobuf.GeneratedCodeInfo.Annotation.Semantic"
            }
          ],
          "enumType": [
            {
              "name": "Semantic",
              "value": [
                {
                  "name": "NONE",
                  "number": 0
                },
                {
                  "name": "SET",
                  "number": 1
                },
                {
                  "name": "ALIAS",
                  "number": 2
                }
              ]
            }
          ]
        }
      ]
    }
  ],
  "enumType": [
    {
      "name": "Edition",
      "value": [
        {
          "name": "EDITION_UNKNOWN",
          "number": 0
        },
        {
          "name": "EDITION_LEGACY",
          "number": 900
        },
        {
          "name": "EDITION_PROTO2",
          "number": 998
        },
        {
          "name": "EDITION_PROTO3",
          "number": 999
        },
        {
          "name": "EDITION_2023",
          "number": 1e3
        },
        {
          "name": "EDITION_2024",
          "number": 1001
        },
        {
          "name": "EDITION_2026",
          "number": 1002
        },
        {
          "name": "EDITION_UNSTABLE",
          "number": 9999
        },
        {
          "name": "EDITION_1_TEST_ONLY",
          "number": 1
        },
        {
          "name": "EDITION_2_TEST_ONLY",
          "number": 2
        },
        {
          "name": "EDITION_99997_TEST_ONLY",
          "number": 99997
        },
        {
          "name": "EDITION_99998_TEST_ONLY",
          "number": 99998
        },
        {
          "name": "EDITION_99999_TEST_ONLY",
          "number": 99999
        },
        {
          "name": "EDITION_MAX",
          "number": 2147483647
        }
      ]
    },
    {
      "name": "SymbolVisibility",
      "value": [
        {
          "name": "VISIBILITY_UNSET",
          "number": 0
        },
        {
          "name": "VISIBILITY_LOCAL",
          "number": 1
        },
        {
          "name": "VISIBILITY_EXPORT",
          "number": 2
        }
      ]
    }
  ]
});
var FileDescriptorProtoSchema = /* @__PURE__ */ messageDesc(file_google_protobuf_descriptor, 1);
var ExtensionRangeOptions_VerificationState;
(function(ExtensionRangeOptions_VerificationState2) {
  ExtensionRangeOptions_VerificationState2[ExtensionRangeOptions_VerificationState2["DECLARATION"] = 0] = "DECLARATION";
  ExtensionRangeOptions_VerificationState2[ExtensionRangeOptions_VerificationState2["UNVERIFIED"] = 1] = "UNVERIFIED";
})(ExtensionRangeOptions_VerificationState || (ExtensionRangeOptions_VerificationState = {}));
var FieldDescriptorProto_Type;
(function(FieldDescriptorProto_Type2) {
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["DOUBLE"] = 1] = "DOUBLE";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FLOAT"] = 2] = "FLOAT";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["INT64"] = 3] = "INT64";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["UINT64"] = 4] = "UINT64";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["INT32"] = 5] = "INT32";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FIXED64"] = 6] = "FIXED64";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["FIXED32"] = 7] = "FIXED32";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["BOOL"] = 8] = "BOOL";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["STRING"] = 9] = "STRING";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["GROUP"] = 10] = "GROUP";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["MESSAGE"] = 11] = "MESSAGE";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["BYTES"] = 12] = "BYTES";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["UINT32"] = 13] = "UINT32";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["ENUM"] = 14] = "ENUM";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SFIXED32"] = 15] = "SFIXED32";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SFIXED64"] = 16] = "SFIXED64";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SINT32"] = 17] = "SINT32";
  FieldDescriptorProto_Type2[FieldDescriptorProto_Type2["SINT64"] = 18] = "SINT64";
})(FieldDescriptorProto_Type || (FieldDescriptorProto_Type = {}));
var FieldDescriptorProto_Label;
(function(FieldDescriptorProto_Label2) {
  FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["OPTIONAL"] = 1] = "OPTIONAL";
  FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["REPEATED"] = 3] = "REPEATED";
  FieldDescriptorProto_Label2[FieldDescriptorProto_Label2["REQUIRED"] = 2] = "REQUIRED";
})(FieldDescriptorProto_Label || (FieldDescriptorProto_Label = {}));
var FileOptions_OptimizeMode;
(function(FileOptions_OptimizeMode2) {
  FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["SPEED"] = 1] = "SPEED";
  FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["CODE_SIZE"] = 2] = "CODE_SIZE";
  FileOptions_OptimizeMode2[FileOptions_OptimizeMode2["LITE_RUNTIME"] = 3] = "LITE_RUNTIME";
})(FileOptions_OptimizeMode || (FileOptions_OptimizeMode = {}));
var FieldOptions_CType;
(function(FieldOptions_CType2) {
  FieldOptions_CType2[FieldOptions_CType2["STRING"] = 0] = "STRING";
  FieldOptions_CType2[FieldOptions_CType2["CORD"] = 1] = "CORD";
  FieldOptions_CType2[FieldOptions_CType2["STRING_PIECE"] = 2] = "STRING_PIECE";
})(FieldOptions_CType || (FieldOptions_CType = {}));
var FieldOptions_JSType;
(function(FieldOptions_JSType2) {
  FieldOptions_JSType2[FieldOptions_JSType2["JS_NORMAL"] = 0] = "JS_NORMAL";
  FieldOptions_JSType2[FieldOptions_JSType2["JS_STRING"] = 1] = "JS_STRING";
  FieldOptions_JSType2[FieldOptions_JSType2["JS_NUMBER"] = 2] = "JS_NUMBER";
})(FieldOptions_JSType || (FieldOptions_JSType = {}));
var FieldOptions_OptionRetention;
(function(FieldOptions_OptionRetention2) {
  FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_UNKNOWN"] = 0] = "RETENTION_UNKNOWN";
  FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_RUNTIME"] = 1] = "RETENTION_RUNTIME";
  FieldOptions_OptionRetention2[FieldOptions_OptionRetention2["RETENTION_SOURCE"] = 2] = "RETENTION_SOURCE";
})(FieldOptions_OptionRetention || (FieldOptions_OptionRetention = {}));
var FieldOptions_OptionTargetType;
(function(FieldOptions_OptionTargetType2) {
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_UNKNOWN"] = 0] = "TARGET_TYPE_UNKNOWN";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_FILE"] = 1] = "TARGET_TYPE_FILE";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_EXTENSION_RANGE"] = 2] = "TARGET_TYPE_EXTENSION_RANGE";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_MESSAGE"] = 3] = "TARGET_TYPE_MESSAGE";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_FIELD"] = 4] = "TARGET_TYPE_FIELD";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ONEOF"] = 5] = "TARGET_TYPE_ONEOF";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ENUM"] = 6] = "TARGET_TYPE_ENUM";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_ENUM_ENTRY"] = 7] = "TARGET_TYPE_ENUM_ENTRY";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_SERVICE"] = 8] = "TARGET_TYPE_SERVICE";
  FieldOptions_OptionTargetType2[FieldOptions_OptionTargetType2["TARGET_TYPE_METHOD"] = 9] = "TARGET_TYPE_METHOD";
})(FieldOptions_OptionTargetType || (FieldOptions_OptionTargetType = {}));
var MethodOptions_IdempotencyLevel;
(function(MethodOptions_IdempotencyLevel2) {
  MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["IDEMPOTENCY_UNKNOWN"] = 0] = "IDEMPOTENCY_UNKNOWN";
  MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["NO_SIDE_EFFECTS"] = 1] = "NO_SIDE_EFFECTS";
  MethodOptions_IdempotencyLevel2[MethodOptions_IdempotencyLevel2["IDEMPOTENT"] = 2] = "IDEMPOTENT";
})(MethodOptions_IdempotencyLevel || (MethodOptions_IdempotencyLevel = {}));
var FeatureSet_VisibilityFeature_DefaultSymbolVisibility;
(function(FeatureSet_VisibilityFeature_DefaultSymbolVisibility2) {
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["DEFAULT_SYMBOL_VISIBILITY_UNKNOWN"] = 0] = "DEFAULT_SYMBOL_VISIBILITY_UNKNOWN";
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["EXPORT_ALL"] = 1] = "EXPORT_ALL";
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["EXPORT_TOP_LEVEL"] = 2] = "EXPORT_TOP_LEVEL";
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["LOCAL_ALL"] = 3] = "LOCAL_ALL";
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility2[FeatureSet_VisibilityFeature_DefaultSymbolVisibility2["STRICT"] = 4] = "STRICT";
})(FeatureSet_VisibilityFeature_DefaultSymbolVisibility || (FeatureSet_VisibilityFeature_DefaultSymbolVisibility = {}));
var FeatureSet_ProtoLimitsFeature_EnforceProtoLimits;
(function(FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2) {
  FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["PROTO_LIMITS_UNKNOWN"] = 0] = "PROTO_LIMITS_UNKNOWN";
  FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["LEGACY_NO_EXPLICIT_LIMITS"] = 1] = "LEGACY_NO_EXPLICIT_LIMITS";
  FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2[FeatureSet_ProtoLimitsFeature_EnforceProtoLimits2["PROTO_LIMITS2026"] = 2] = "PROTO_LIMITS2026";
})(FeatureSet_ProtoLimitsFeature_EnforceProtoLimits || (FeatureSet_ProtoLimitsFeature_EnforceProtoLimits = {}));
var FeatureSet_FieldPresence;
(function(FeatureSet_FieldPresence2) {
  FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["FIELD_PRESENCE_UNKNOWN"] = 0] = "FIELD_PRESENCE_UNKNOWN";
  FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["EXPLICIT"] = 1] = "EXPLICIT";
  FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["IMPLICIT"] = 2] = "IMPLICIT";
  FeatureSet_FieldPresence2[FeatureSet_FieldPresence2["LEGACY_REQUIRED"] = 3] = "LEGACY_REQUIRED";
})(FeatureSet_FieldPresence || (FeatureSet_FieldPresence = {}));
var FeatureSet_EnumType;
(function(FeatureSet_EnumType2) {
  FeatureSet_EnumType2[FeatureSet_EnumType2["ENUM_TYPE_UNKNOWN"] = 0] = "ENUM_TYPE_UNKNOWN";
  FeatureSet_EnumType2[FeatureSet_EnumType2["OPEN"] = 1] = "OPEN";
  FeatureSet_EnumType2[FeatureSet_EnumType2["CLOSED"] = 2] = "CLOSED";
})(FeatureSet_EnumType || (FeatureSet_EnumType = {}));
var FeatureSet_RepeatedFieldEncoding;
(function(FeatureSet_RepeatedFieldEncoding2) {
  FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["REPEATED_FIELD_ENCODING_UNKNOWN"] = 0] = "REPEATED_FIELD_ENCODING_UNKNOWN";
  FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["PACKED"] = 1] = "PACKED";
  FeatureSet_RepeatedFieldEncoding2[FeatureSet_RepeatedFieldEncoding2["EXPANDED"] = 2] = "EXPANDED";
})(FeatureSet_RepeatedFieldEncoding || (FeatureSet_RepeatedFieldEncoding = {}));
var FeatureSet_Utf8Validation;
(function(FeatureSet_Utf8Validation2) {
  FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["UTF8_VALIDATION_UNKNOWN"] = 0] = "UTF8_VALIDATION_UNKNOWN";
  FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["VERIFY"] = 2] = "VERIFY";
  FeatureSet_Utf8Validation2[FeatureSet_Utf8Validation2["NONE"] = 3] = "NONE";
})(FeatureSet_Utf8Validation || (FeatureSet_Utf8Validation = {}));
var FeatureSet_MessageEncoding;
(function(FeatureSet_MessageEncoding2) {
  FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["MESSAGE_ENCODING_UNKNOWN"] = 0] = "MESSAGE_ENCODING_UNKNOWN";
  FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["LENGTH_PREFIXED"] = 1] = "LENGTH_PREFIXED";
  FeatureSet_MessageEncoding2[FeatureSet_MessageEncoding2["DELIMITED"] = 2] = "DELIMITED";
})(FeatureSet_MessageEncoding || (FeatureSet_MessageEncoding = {}));
var FeatureSet_JsonFormat;
(function(FeatureSet_JsonFormat2) {
  FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["JSON_FORMAT_UNKNOWN"] = 0] = "JSON_FORMAT_UNKNOWN";
  FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["ALLOW"] = 1] = "ALLOW";
  FeatureSet_JsonFormat2[FeatureSet_JsonFormat2["LEGACY_BEST_EFFORT"] = 2] = "LEGACY_BEST_EFFORT";
})(FeatureSet_JsonFormat || (FeatureSet_JsonFormat = {}));
var FeatureSet_EnforceNamingStyle;
(function(FeatureSet_EnforceNamingStyle2) {
  FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["ENFORCE_NAMING_STYLE_UNKNOWN"] = 0] = "ENFORCE_NAMING_STYLE_UNKNOWN";
  FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE2024"] = 1] = "STYLE2024";
  FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE_LEGACY"] = 2] = "STYLE_LEGACY";
  FeatureSet_EnforceNamingStyle2[FeatureSet_EnforceNamingStyle2["STYLE2026"] = 3] = "STYLE2026";
})(FeatureSet_EnforceNamingStyle || (FeatureSet_EnforceNamingStyle = {}));
var GeneratedCodeInfo_Annotation_Semantic;
(function(GeneratedCodeInfo_Annotation_Semantic2) {
  GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["NONE"] = 0] = "NONE";
  GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["SET"] = 1] = "SET";
  GeneratedCodeInfo_Annotation_Semantic2[GeneratedCodeInfo_Annotation_Semantic2["ALIAS"] = 2] = "ALIAS";
})(GeneratedCodeInfo_Annotation_Semantic || (GeneratedCodeInfo_Annotation_Semantic = {}));
var Edition;
(function(Edition2) {
  Edition2[Edition2["EDITION_UNKNOWN"] = 0] = "EDITION_UNKNOWN";
  Edition2[Edition2["EDITION_LEGACY"] = 900] = "EDITION_LEGACY";
  Edition2[Edition2["EDITION_PROTO2"] = 998] = "EDITION_PROTO2";
  Edition2[Edition2["EDITION_PROTO3"] = 999] = "EDITION_PROTO3";
  Edition2[Edition2["EDITION_2023"] = 1e3] = "EDITION_2023";
  Edition2[Edition2["EDITION_2024"] = 1001] = "EDITION_2024";
  Edition2[Edition2["EDITION_2026"] = 1002] = "EDITION_2026";
  Edition2[Edition2["EDITION_UNSTABLE"] = 9999] = "EDITION_UNSTABLE";
  Edition2[Edition2["EDITION_1_TEST_ONLY"] = 1] = "EDITION_1_TEST_ONLY";
  Edition2[Edition2["EDITION_2_TEST_ONLY"] = 2] = "EDITION_2_TEST_ONLY";
  Edition2[Edition2["EDITION_99997_TEST_ONLY"] = 99997] = "EDITION_99997_TEST_ONLY";
  Edition2[Edition2["EDITION_99998_TEST_ONLY"] = 99998] = "EDITION_99998_TEST_ONLY";
  Edition2[Edition2["EDITION_99999_TEST_ONLY"] = 99999] = "EDITION_99999_TEST_ONLY";
  Edition2[Edition2["EDITION_MAX"] = 2147483647] = "EDITION_MAX";
})(Edition || (Edition = {}));
var SymbolVisibility;
(function(SymbolVisibility2) {
  SymbolVisibility2[SymbolVisibility2["VISIBILITY_UNSET"] = 0] = "VISIBILITY_UNSET";
  SymbolVisibility2[SymbolVisibility2["VISIBILITY_LOCAL"] = 1] = "VISIBILITY_LOCAL";
  SymbolVisibility2[SymbolVisibility2["VISIBILITY_EXPORT"] = 2] = "VISIBILITY_EXPORT";
})(SymbolVisibility || (SymbolVisibility = {}));

function makeReadContext(options) {
  return Object.assign(Object.assign({
    readUnknownFields: true,
    recursionLimit: 100
  }, options), {
    depth: 0
  });
}
function fromBinary(schema, bytes, options) {
  const message = create(schema);
  compiledReader(schema).read(message, new BinaryReader(bytes), makeReadContext(options), bytes.byteLength);
  return message;
}
var compiledReaders = /* @__PURE__ */ new WeakMap();
function compiledReader(desc) {
  let compiled = compiledReaders.get(desc);
  if (compiled === void 0) {
    compiled = compileMessage(desc);
  }
  return compiled;
}
function compileMessage(desc) {
  const descString = String(desc);
  const fieldReaders = /* @__PURE__ */ new Map();
  const compiled = {
    read: compileMessageReader(descString, fieldReaders),
    readGroup: compileGroupReader(descString, fieldReaders)
  };
  compiledReaders.set(desc, compiled);
  for (const field of desc.fields) {
    fieldReaders.set(field.number, compileFieldReader(field));
  }
  return compiled;
}
function compileMessageReader(descString, fieldReaders) {
  return (message, reader, ctx, length) => {
    var _a;
    if (++ctx.depth > ctx.recursionLimit) {
      throw new Error(`cannot decode ${descString} from binary: maximum recursion depth of ${ctx.recursionLimit} reached`);
    }
    const end = reader.pos + length;
    const unknownFields = (_a = message.$unknown) !== null && _a !== void 0 ? _a : [];
    while (reader.pos < end) {
      const [fieldNo, wireType] = reader.tag();
      const fieldReader = fieldReaders.get(fieldNo);
      if (fieldReader === void 0) {
        const data = reader.skip(wireType, fieldNo, ctx.recursionLimit - ctx.depth);
        if (ctx.readUnknownFields) {
          unknownFields.push({
            no: fieldNo,
            wireType,
            data
          });
        }
        continue;
      }
      fieldReader(message, reader, ctx, wireType);
    }
    if (unknownFields.length > 0) {
      message.$unknown = unknownFields;
    }
    ctx.depth--;
  };
}
function compileGroupReader(descString, fieldReaders) {
  return (message, reader, ctx, fieldNo) => {
    var _a;
    if (++ctx.depth > ctx.recursionLimit) {
      throw new Error(`cannot decode ${descString} from binary: maximum recursion depth of ${ctx.recursionLimit} reached`);
    }
    let recordFieldNo;
    let wireType;
    const unknownFields = (_a = message.$unknown) !== null && _a !== void 0 ? _a : [];
    while (reader.pos < reader.len) {
      [recordFieldNo, wireType] = reader.tag();
      if (wireType == WireType.EndGroup) {
        break;
      }
      const fieldReader = fieldReaders.get(recordFieldNo);
      if (fieldReader === void 0) {
        const data = reader.skip(wireType, recordFieldNo, ctx.recursionLimit - ctx.depth);
        if (ctx.readUnknownFields) {
          unknownFields.push({
            no: recordFieldNo,
            wireType,
            data
          });
        }
        continue;
      }
      fieldReader(message, reader, ctx, wireType);
    }
    if (wireType != WireType.EndGroup || recordFieldNo !== fieldNo) {
      throw new Error("invalid end group tag");
    }
    if (unknownFields.length > 0) {
      message.$unknown = unknownFields;
    }
    ctx.depth--;
  };
}
function compileFieldReader(field) {
  switch (field.fieldKind) {
    case "scalar":
      return compileScalarFieldReader(field);
    case "enum":
      return compileEnumFieldReader(field);
    case "message":
      return compileMessageFieldReader(field);
    case "list":
      return compileListFieldReader(field);
    case "map":
      return compileMapFieldReader(field);
  }
}
function compileScalarFieldReader(field) {
  const readScalar = compileScalarReader(field.scalar, field.utf8Validation, field.longAsString);
  const localName = field.localName;
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, reader) => {
      message[oneofLocalName] = {
        case: localName,
        value: readScalar(reader)
      };
    };
  }
  return (message, reader) => {
    message[localName] = readScalar(reader);
  };
}
function compileEnumFieldReader(field) {
  var _a;
  const localName = field.localName;
  const oneofLocalName = (_a = field.oneof) === null || _a === void 0 ? void 0 : _a.localName;
  if (field.enum.open) {
    if (oneofLocalName !== void 0) {
      return (message, reader) => {
        message[oneofLocalName] = {
          case: localName,
          value: reader.int32()
        };
      };
    }
    return (message, reader) => {
      message[localName] = reader.int32();
    };
  }
  const values = field.enum.values;
  const fieldNo = field.number;
  return (message, reader, ctx, wireType) => {
    var _a2;
    const val = reader.int32();
    if (values.some((v) => v.number === val)) {
      if (oneofLocalName !== void 0) {
        message[oneofLocalName] = {
          case: localName,
          value: val
        };
      } else {
        message[localName] = val;
      }
    } else if (ctx.readUnknownFields) {
      const bytes = [];
      varint32write(val, bytes);
      const unknownFields = (_a2 = message.$unknown) !== null && _a2 !== void 0 ? _a2 : [];
      unknownFields.push({
        no: fieldNo,
        wireType,
        data: new Uint8Array(bytes)
      });
      message.$unknown = unknownFields;
    }
  };
}
function compileMessageFieldReader(field) {
  const localName = field.localName;
  const { toMessage, toLocal } = localMessageMapper(field);
  const readChild = compileChildReader(field);
  if (field.oneof) {
    const oneofLocalName = field.oneof.localName;
    return (message, reader, ctx) => {
      const oneof = message[oneofLocalName];
      const child = toMessage(oneof.case === localName ? oneof.value : void 0);
      readChild(child, reader, ctx);
      message[oneofLocalName] = {
        case: localName,
        value: toLocal(child)
      };
    };
  }
  return (message, reader, ctx) => {
    const child = toMessage(message[localName]);
    readChild(child, reader, ctx);
    message[localName] = toLocal(child);
  };
}
function compileChildReader(field) {
  const compiledChild = compiledReader(field.message);
  if (field.delimitedEncoding) {
    const fieldNo = field.number;
    return (child, reader, ctx) => compiledChild.readGroup(child, reader, ctx, fieldNo);
  }
  return (child, reader, ctx) => compiledChild.read(child, reader, ctx, reader.uint32());
}
function compileListFieldReader(field) {
  const localName = field.localName;
  if (field.listKind == "message") {
    const { toMessage, toLocal } = localMessageMapper(field);
    const readChild = compileChildReader(field);
    return (message, reader, ctx) => {
      const child = toMessage(void 0);
      readChild(child, reader, ctx);
      message[localName].push(toLocal(child));
    };
  }
  const scalarType = field.listKind == "enum" ? ScalarType.INT32 : field.scalar;
  const longAsString = field.listKind == "scalar" ? field.longAsString : false;
  const readScalar = compileScalarReader(scalarType, field.utf8Validation, longAsString);
  const packedPossible = scalarType != ScalarType.STRING && scalarType != ScalarType.BYTES;
  return (message, reader, ctx, wireType) => {
    const items = message[localName];
    if (wireType == WireType.LengthDelimited && packedPossible) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) {
        items.push(readScalar(reader));
      }
    } else {
      items.push(readScalar(reader));
    }
  };
}
function compileMapFieldReader(field) {
  const localName = field.localName;
  const readKey = compileScalarReader(field.mapKey, field.utf8Validation, false);
  const keyZero = scalarZeroValue(field.mapKey, false);
  let readValue;
  let valueDefault;
  switch (field.mapKind) {
    case "scalar": {
      const scalar = field.scalar;
      const readScalar = compileScalarReader(scalar, field.utf8Validation, false);
      readValue = (reader) => readScalar(reader);
      if (scalar == ScalarType.BYTES) {
        valueDefault = () => new Uint8Array(0);
      } else {
        const zero = scalarZeroValue(scalar, false);
        valueDefault = () => zero;
      }
      break;
    }
    case "enum": {
      const zero = field.enum.values[0].number;
      readValue = (reader) => reader.int32();
      valueDefault = () => zero;
      break;
    }
    case "message": {
      const { toMessage, toLocal } = localMessageMapper(field);
      const readChild = compiledReader(field.message).read;
      readValue = (reader, ctx, existing) => {
        const child = toMessage(existing);
        readChild(child, reader, ctx, reader.uint32());
        return toLocal(child);
      };
      valueDefault = () => toLocal(toMessage(void 0));
      break;
    }
  }
  return (message, reader, ctx) => {
    const record = message[localName];
    let key;
    let val;
    const len = reader.uint32();
    const end = reader.pos + len;
    while (reader.pos < end) {
      const [fieldNo, wireType] = reader.tag();
      switch (fieldNo) {
        case 1:
          key = readKey(reader);
          break;
        case 2:
          val = readValue(reader, ctx, val);
          break;
        default:
          reader.skip(wireType, fieldNo, ctx.recursionLimit - ctx.depth);
      }
    }
    if (key === void 0) {
      key = keyZero;
    }
    if (val === void 0) {
      val = valueDefault();
    }
    setOwn(record, key, val);
  };
}
function compileScalarReader(type, utf8Validation, longAsString) {
  switch (type) {
    case ScalarType.STRING:
      return (reader) => reader.string(utf8Validation);
    case ScalarType.BOOL:
      return (reader) => reader.bool();
    case ScalarType.DOUBLE:
      return (reader) => reader.double();
    case ScalarType.FLOAT:
      return (reader) => reader.float();
    case ScalarType.INT32:
      return (reader) => reader.int32();
    case ScalarType.INT64:
      if (longAsString) {
        return (reader) => String(reader.int64());
      }
      return (reader) => reader.int64();
    case ScalarType.UINT64:
      if (longAsString) {
        return (reader) => String(reader.uint64());
      }
      return (reader) => reader.uint64();
    case ScalarType.FIXED64:
      if (longAsString) {
        return (reader) => String(reader.fixed64());
      }
      return (reader) => reader.fixed64();
    case ScalarType.BYTES:
      return (reader) => reader.bytes();
    case ScalarType.FIXED32:
      return (reader) => reader.fixed32();
    case ScalarType.SFIXED32:
      return (reader) => reader.sfixed32();
    case ScalarType.SFIXED64:
      if (longAsString) {
        return (reader) => String(reader.sfixed64());
      }
      return (reader) => reader.sfixed64();
    case ScalarType.SINT64:
      if (longAsString) {
        return (reader) => String(reader.sint64());
      }
      return (reader) => reader.sint64();
    case ScalarType.UINT32:
      return (reader) => reader.uint32();
    case ScalarType.SINT32:
      return (reader) => reader.sint32();
  }
}

function fileDesc(b64, imports) {
  var _a;
  const root = fromBinary(FileDescriptorProtoSchema, base64Decode(b64));
  root.messageType.forEach(restoreJsonNames);
  root.dependency = (_a = imports === null || imports === void 0 ? void 0 : imports.map((f) => f.proto.name)) !== null && _a !== void 0 ? _a : [];
  const reg = createEmbeddedFileRegistry(root, (protoFileName) => imports === null || imports === void 0 ? void 0 : imports.find((f) => f.proto.name === protoFileName));
  return reg.getFile(root.name);
}

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

var file_km_plugin_v1_plugin = /* @__PURE__ */ fileDesc("ChlrbS9wbHVnaW4vdjEvcGx1Z2luLnByb3RvEgxrbS5wbHVnaW4udjEihwMKCUhvc3RGcmFtZRIKCgJpZBgBIAEoDRIiCgRsb2FkGAIgASgLMhIua20ucGx1Z2luLnYxLkxvYWRIABIkCgVoZWxsbxgDIAEoCzITLmttLnBsdWdpbi52MS5IZWxsb0gAEjIKDGF1dGhlbnRpY2F0ZRgEIAEoCzIaLmttLnBsdWdpbi52MS5BdXRoZW50aWNhdGVIABIsCgljb25maWd1cmUYBSABKAsyFy5rbS5wbHVnaW4udjEuQ29uZmlndXJlSAASNwoPaGFuZGxlX21lc3NhZ2VzGAYgASgLMhwua20ucGx1Z2luLnYxLkhhbmRsZU1lc3NhZ2VzSAASMQoMaGFuZGxlX2Vycm9yGAcgASgLMhkua20ucGx1Z2luLnYxLkhhbmRsZUVycm9ySAASIgoEcGluZxgIIAEoCzISLmttLnBsdWdpbi52MS5QaW5nSAASKgoIc2h1dGRvd24YCSABKAsyFi5rbS5wbHVnaW4udjEuU2h1dGRvd25IAEIGCgRib2R5IrMECgtQbHVnaW5GcmFtZRIQCghyZXBseV90bxgBIAEoDRImCgZsb2FkZWQYAiABKAsyFC5rbS5wbHVnaW4udjEuTG9hZGVkSAASKwoJaGVsbG9fYWNrGAMgASgLMhYua20ucGx1Z2luLnYxLkhlbGxvQWNrSAASPwoTYXV0aGVudGljYXRlX3Jlc3VsdBgEIAEoCzIgLmttLnBsdWdpbi52MS5BdXRoZW50aWNhdGVSZXN1bHRIABIuCgpjb25maWd1cmVkGAUgASgLMhgua20ucGx1Z2luLnYxLkNvbmZpZ3VyZWRIABIoCgdoYW5kbGVkGAYgASgLMhUua20ucGx1Z2luLnYxLkhhbmRsZWRIABIiCgRwb25nGAcgASgLMhIua20ucGx1Z2luLnYxLlBvbmdIABIxCgxzaHV0ZG93bl9hY2sYCCABKAsyGS5rbS5wbHVnaW4udjEuU2h1dGRvd25BY2tIABIgCgNsb2cYCSABKAsyES5rbS5wbHVnaW4udjEuTG9nSAASIgoEZW1pdBgKIAEoCzISLmttLnBsdWdpbi52MS5FbWl0SAASKwoJc2V0X3N0YXRlGAsgASgLMhYua20ucGx1Z2luLnYxLlNldFN0YXRlSAASKAoHcmVmdXNlZBgMIAEoCzIVLmttLnBsdWdpbi52MS5SZWZ1c2VkSAASJgoGZmFpbGVkGA0gASgLMhQua20ucGx1Z2luLnYxLkZhaWxlZEgAQgYKBGJvZHkiBgoETG9hZCJbCgZMb2FkZWQSDAoEbmFtZRgBIAEoCRIPCgd2ZXJzaW9uGAIgASgJEhkKEXByb3RvY29sX3ZlcnNpb25zGAMgAygNEhcKD2RlZmluaXRpb25fanNvbhgEIAEoCSKKAQoFSGVsbG8SGQoRcHJvdG9jb2xfdmVyc2lvbnMYASADKA0SEgoKa21fdmVyc2lvbhgCIAEoCRITCgtwbHVnaW5fbmFtZRgDIAEoCRIWCg5wbHVnaW5fdmVyc2lvbhgEIAEoCRIMCgR0aWVyGAUgASgJEhcKD21heF9mcmFtZV9ieXRlcxgGIAEoDSKCAQoISGVsbG9BY2sSGAoQcHJvdG9jb2xfdmVyc2lvbhgBIAEoDRITCgtwbHVnaW5fbmFtZRgCIAEoCRIWCg5wbHVnaW5fdmVyc2lvbhgDIAEoCRIVCg1yZXF1aXJlZF90aWVyGAQgASgJEhgKEGhhc19hdXRoZW50aWNhdGUYBSABKAgiRwoMQXV0aGVudGljYXRlEgwKBHRpZXIYASABKAkSEwoLY3VzdG9tZXJfaWQYAiABKAkSFAoMZXhwaXJlc19hdF9zGAMgASgDIjYKEkF1dGhlbnRpY2F0ZVJlc3VsdBIQCghhY2NlcHRlZBgBIAEoCBIOCgZyZWFzb24YAiABKAkiSQoJQ29uZmlndXJlEhMKC2NvbmZpZ19qc29uGAEgASgJEicKBXN0YXRlGAIgAygLMhgua20ucGx1Z2luLnYxLlN0YXRlRW50cnkiLQoKU3RhdGVFbnRyeRILCgNrZXkYASABKAkSEgoKdmFsdWVfanNvbhgCIAEoCSIMCgpDb25maWd1cmVkImoKDkhhbmRsZU1lc3NhZ2VzEicKCG1lc3NhZ2VzGAEgAygLMhUua20ucGx1Z2luLnYxLk1lc3NhZ2USGAoQZHJvcHBlZF9tZXNzYWdlcxgCIAEoBBIVCg1kcm9wcGVkX2J5dGVzGAMgASgEIoUBCgdNZXNzYWdlEhIKCmRhdGFfYnl0ZXMYASABKA0SKgoJZGlyZWN0aW9uGAIgASgOMhcua20ucGx1Z2luLnYxLkRpcmVjdGlvbhIWCg5jb3JyZWxhdGlvbl9pZBgDIAEoCRIiCgVldmVudBgEIAEoCzITLmttLnBsdWdpbi52MS5FdmVudCLkAgoFRXZlbnQSCgoCaWQYASABKAkSDwoHdGltZV91cxgCIAEoAxIOCgZzZXJ2ZXIYAyABKAkSDAoEa2luZBgEIAEoCRITCgZtZXRob2QYBSABKAlIAIgBARIRCgR0b29sGAYgASgJSAGIAQESEwoGcnBjX2lkGAcgASgJSAKIAQESEgoKc2l6ZV9ieXRlcxgIIAEoBBIRCgl0cnVuY2F0ZWQYCSABKAgSKwoGZm9ybWF0GAogASgOMhsua20ucGx1Z2luLnYxLlBheWxvYWRGb3JtYXQSFwoKYW5zd2Vyc19pZBgLIAEoCUgDiAEBEhgKC2R1cmF0aW9uX3VzGAwgASgDSASIAQESEwoGY2xpZW50GA0gASgJSAWIAQFCCQoHX21ldGhvZEIHCgVfdG9vbEIJCgdfcnBjX2lkQg0KC19hbnN3ZXJzX2lkQg4KDF9kdXJhdGlvbl91c0IJCgdfY2xpZW50Im0KB0hhbmRsZWQSEAoIbWVzc2FnZXMYASABKA0SDgoGZmFpbGVkGAIgASgNEhMKC2ZpcnN0X2Vycm9yGAMgASgJEhUKDWRyb3BwZWRfZW1pdHMYBCABKA0SFAoMZHJvcHBlZF9sb2dzGAUgASgNIiwKC0hhbmRsZUVycm9yEgwKBGNvZGUYASABKAkSDwoHbWVzc2FnZRgCIAEoCSIGCgRQaW5nIgYKBFBvbmciGgoIU2h1dGRvd24SDgoGcmVhc29uGAEgASgJIg0KC1NodXRkb3duQWNrIksKA0xvZxIlCgVsZXZlbBgBIAEoDjIWLmttLnBsdWdpbi52MS5Mb2dMZXZlbBIMCgR0ZXh0GAIgASgJEg8KB2NvbnNvbGUYAyABKAkiogEKBEVtaXQSEAoIZXZlbnRfaWQYASABKAkSKAoHZmluZGluZxgCIAEoCzIVLmttLnBsdWdpbi52MS5GaW5kaW5nSAASJgoGbWV0cmljGAMgASgLMhQua20ucGx1Z2luLnYxLk1ldHJpY0gAEi4KCmFubm90YXRpb24YBCABKAsyGC5rbS5wbHVnaW4udjEuQW5ub3RhdGlvbkgAQgYKBHdoYXQifQoHRmluZGluZxILCgNrZXkYASABKAkSKAoIc2V2ZXJpdHkYAiABKA4yFi5rbS5wbHVnaW4udjEuU2V2ZXJpdHkSDQoFdGl0bGUYAyABKAkSDgoGZGV0YWlsGAQgASgJEg4KBnNlcnZlchgFIAEoCRIMCgR0b29sGAYgASgJIjMKBk1ldHJpYxIMCgRuYW1lGAEgASgJEg0KBXZhbHVlGAIgASgBEgwKBHVuaXQYAyABKAkiKAoKQW5ub3RhdGlvbhILCgNrZXkYASABKAkSDQoFdmFsdWUYAiABKAkiKwoIU2V0U3RhdGUSCwoDa2V5GAEgASgJEhIKCnZhbHVlX2pzb24YAiABKAkiJgoHUmVmdXNlZBIMCgR3aGF0GAEgASgJEg0KBXZhbHVlGAIgASgJIicKBkZhaWxlZBIMCgRjb2RlGAEgASgJEg8KB21lc3NhZ2UYAiABKAkqZgoJRGlyZWN0aW9uEhkKFURJUkVDVElPTl9VTlNQRUNJRklFRBAAEh4KGkRJUkVDVElPTl9DTElFTlRfVE9fU0VSVkVSEAESHgoaRElSRUNUSU9OX1NFUlZFUl9UT19DTElFTlQQAiqUAQoNUGF5bG9hZEZvcm1hdBIeChpQQVlMT0FEX0ZPUk1BVF9VTlNQRUNJRklFRBAAEhcKE1BBWUxPQURfRk9STUFUX05PTkUQARIXChNQQVlMT0FEX0ZPUk1BVF9KU09OEAISFwoTUEFZTE9BRF9GT1JNQVRfVEVYVBADEhgKFFBBWUxPQURfRk9STUFUX0JZVEVTEAQqegoITG9nTGV2ZWwSGQoVTE9HX0xFVkVMX1VOU1BFQ0lGSUVEEAASEwoPTE9HX0xFVkVMX0RFQlVHEAESEgoOTE9HX0xFVkVMX0lORk8QAhIVChFMT0dfTEVWRUxfV0FSTklORxADEhMKD0xPR19MRVZFTF9FUlJPUhAEKmQKCFNldmVyaXR5EhgKFFNFVkVSSVRZX1VOU1BFQ0lGSUVEEAASEQoNU0VWRVJJVFlfSU5GTxABEhQKEFNFVkVSSVRZX1dBUk5JTkcQAhIVChFTRVZFUklUWV9DUklUSUNBTBADYgZwcm90bzM");
var HostFrameSchema = /* @__PURE__ */ messageDesc(file_km_plugin_v1_plugin, 0);
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
      event: readEvent(message.event),
      direction,
      correlationId
    }, data);
  }
};
function readEvent(event) {
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
    session.take(fromBinary(HostFrameSchema, header), payload);
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
  for (const schema of file_km_plugin_v1_plugin.messages) create(schema);
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
