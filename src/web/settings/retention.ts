/** Which change of a setting deletes messages at once. Pure. @module */
import { parseSize } from "../../core/size.ts";

/** True when less is kept after `key` changed from `before` to `after`. What km will refuse changes nothing. */
export function keepsLess(key: string, before: string, after: string): boolean {
  switch (key) {
    case "retention.days":
      return daysOf(after) < daysOf(before);
    case "retention.maxBytes":
      return bytesOf(after) < bytesOf(before);
    default:
      return false;
  }
}

/** 0 keeps for ever. */
function daysOf(text: string): number {
  const days = Number(text);
  return days === 0 ? Infinity : days;
}

function bytesOf(text: string): number {
  if (text === "none") return Infinity;
  try {
    return parseSize(text);
  } catch {
    return NaN;
  }
}
