/** What monitors could hand over to no host, as they left it in files. @module */
import { join } from "node:path";
import type { LeftShed } from "../../core/plugin_link.ts";
import { removeIfThere } from "./replace_file.ts";

const MAX_CHARS = 200;

/** All that is left there, taken together. `take`: each file is removed once it was read. */
export function leftShed(folder: string, { take }: { readonly take: boolean }): LeftShed {
  let [messages, bytes] = [0, 0];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const left = read(path);
    if (take) removeIfThere(path);
    messages += left.messages;
    bytes += left.bytes;
  }
  return { messages, bytes };
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // No monitor ever left anything.
  }
}

function read(path: string): LeftShed {
  try {
    const text = Deno.readTextFileSync(path).slice(0, MAX_CHARS);
    const { messages, bytes } = JSON.parse(text) as Partial<LeftShed>; // as: that is what is checked here
    return { messages: countOf(messages), bytes: countOf(bytes) };
  } catch {
    return { messages: 0, bytes: 0 };
  }
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : 0;
}
