/** JSON of which there is one reading only: no key twice, nothing nested without end, nothing that prints as something else. @module */
import { printable } from "../../core/printable.ts";

/** Deeper is nobody's manifest, and recursion over it might not end well. */
const MAX_DEPTH = 32;

/**
 * Parses `bytes`. Duplicate keys are refused because parsers differ in which they take: what one reader showed a user, another might not do.
 * @throws {SyntaxError} with a message that ends a sentence: `it is no JSON`
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    // A mark at its beginning is no JSON either, so it is not taken off.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError("it is no JSON", { cause });
  }
  refuseAmbiguous(text);
  return value;
}

/** `text` is JSON, as `JSON.parse` just said: only strings and brackets need looking at. */
function refuseAmbiguous(text: string): void {
  /** Keys of each open object, outermost first; null for a list. */
  const open: (Set<string> | null)[] = [];
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : null);
      if (open.length > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} times`);
    } else if (token === "}" || token === "]") {
      open.pop();
    } else {
      checkString(token, open.at(-1) ?? null);
    }
  }
}

function checkString(token: string, keys: Set<string> | null): void {
  const isKey = !token.endsWith('"');
  const value = String(JSON.parse(isKey ? token.slice(0, token.lastIndexOf('"') + 1) : token));
  if (printable(value) !== value) {
    throw new SyntaxError(
      `it holds "${
        printable(value).slice(0, 120)
      }": control, bidirectional and invisible characters are not allowed`,
    );
  }
  if (!isKey) return;
  if (keys?.has(value)) throw new SyntaxError(`it names "${value.slice(0, 120)}" twice in one object`);
  keys?.add(value);
}

/** True for what `{…}` makes. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
