/** What `km sessions screen` does. @module */
import type { ScreenCells } from "../../core/screen.ts";
import { KmError } from "../../core/error.ts";
import { jsonText } from "../json_text.ts";
import { write, writeLines } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { connectSessions, type DaemonClient } from "./daemon_client.ts";
import { withSuggestion } from "./find_one.ts";
import { shownLines } from "./shown_lines.ts";

export interface ScreenFlags {
  readonly ansi: boolean;
  readonly cells: boolean;
  readonly scrollback: boolean;
}

/** Prints the screen; returns the exit code. @throws {KmError} */
export async function printScreen(ref: string, { ansi, cells, scrollback }: ScreenFlags): Promise<number> {
  if (Number(ansi) + Number(cells) + Number(scrollback) > 1) {
    throw new KmError(
      "usage",
      "Cannot print a screen in two ways: give one of --ansi, --cells and --scrollback",
    );
  }
  const daemon = await connectSessions();
  if (cells) {
    writeLines([jsonText(await ask<ScreenCells>(daemon, ref, "cells", false))]);
    return 0;
  }
  if (ansi) {
    write(`${await ask<string>(daemon, ref, "ansi", false)}\x1b[m\n`);
    return 0;
  }
  await printText(daemon, ref, scrollback);
  return 0;
}

/** Prints the screen as text, without the blank lines below it. */
export async function printText(daemon: DaemonClient, ref: string, scrollback = false): Promise<void> {
  const lines = await ask<string[]>(daemon, ref, "text", scrollback);
  const last = lines.findLastIndex((line) => line !== "");
  writeLines(shownLines(lines.slice(0, last + 1)));
}

async function ask<T>(
  daemon: DaemonClient,
  ref: string,
  format: "text" | "ansi" | "cells",
  scrollback: boolean,
): Promise<T> {
  const request = {
    param: { id: ref },
    query: { format, scrollback: scrollback ? "true" as const : "false" as const },
  };
  const { screen } = await withSuggestion(
    daemon,
    ref,
    () => answerOf<{ screen: T }>(daemon.client.api.sessions[":id"].screen.$get(request)),
  );
  return screen;
}
