/** Sizes as people write them. @module */

import { KmError } from "./error.ts";

/** KB is 1000 bytes and KiB 1024, as ISO/IEC 80000-13 has it; case does not matter, and `K`, `M`, `G` alone mean KB, MB, GB. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Returns the bytes that `text` names: `512KB`, `2MB`, `1MiB`, `1.5GB`, `4096`. @throws {KmError} usage when it names none */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match && UNITS[(match[2] ?? "").toLowerCase()];
  const bytes = match && unit ? Math.round(Number(match[1]) * unit) : NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new KmError("usage", `Cannot read "${text}" as a size`, {
      hint: "write bytes as 512KB, 2MB, 1MiB or a plain number (KB is 1000, KiB is 1024)",
    });
  }
  return bytes;
}
