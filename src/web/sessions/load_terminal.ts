/** Loads what draws terminals, once, when the first is to be drawn. @module */
import type { TerminalScreen } from "./terminal/terminal_screen.ts";

/** What the bundle of `terminal_chunk.ts` exports. */
export interface TerminalModule {
  readonly TerminalScreen: typeof TerminalScreen;
}

let loading: Promise<TerminalModule> | undefined;

export function loadTerminal(): Promise<TerminalModule> {
  loading ??= load();
  // What could not be loaded is tried again by the next terminal.
  loading.catch(() => loading = undefined);
  return loading;
}

async function load(): Promise<TerminalModule> {
  await loadSheet("/assets/terminal.css");
  // Not a literal: it is a bundle of its own, and must not become part of this one.
  const path = new URL("/assets/terminal.js", location.origin).href;
  // deno-lint-ignore rooms/direction -- `terminal_chunk.ts` is of this room
  return await import(path) as TerminalModule; // as: that is what it exports
}

function loadSheet(href: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  link.onload = () => resolve();
  link.onerror = () => reject(new Error("The terminal's styles could not be loaded"));
  document.head.append(link);
  return promise;
}
