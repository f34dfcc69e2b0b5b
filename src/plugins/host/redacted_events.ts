/**
 * What a plugin says, with secrets taken out before km keeps or shows any of it: one that was granted whole messages, or a variable, may repeat
 * what is in them without a thought. What it keeps for itself (its state) stays as it is, since it must read again what it wrote.
 * @module
 */
import type { Redactor } from "../../core/redact.ts";
import type { Emitted } from "../wire/decode.ts";
import type { SessionEvents } from "./session_options.ts";

/** Takes secrets out of a text. */
export type Redact = Redactor["text"];

// deno-lint-ignore no-control-regex -- the escape character is what is looked for
const STYLE = /(\x1b\[[0-9;]{0,40}m)/g;

/** `on`, which is told everything without secrets. */
export function redactEvents(on: SessionEvents, redactPlain: Redact): SessionEvents {
  const redact: Redact = (text) => redactStyled(text, redactPlain);
  return {
    onLog: (level, text, shown) => {
      const clean = redact(text);
      // Most often both are the same text.
      on.onLog(level, clean, shown === null ? null : shown === text ? clean : redact(shown));
    },
    onEmit: (eventId, what) => on.onEmit(eventId, redactEmitted(what, redact)),
    onSetState: (key, valueJson) => on.onSetState(key, valueJson),
    onRefused: (access) => on.onRefused({ ...access, value: redact(access.value) }),
    onStderr: (text) => on.onStderr(redact(text)),
    onEnd: (end) => on.onEnd({ ...end, detail: redact(end.detail) }),
  };
}

/** The letters that set a colour would hide that a word begins behind them: a secret is looked for without them, too. */
function redactStyled(text: string, redact: Redact): string {
  if (!text.includes("\x1b[")) return redact(text);
  const parts = text.split(STYLE).map((part, index) => index % 2 === 1 ? part : redact(part)).join("");
  const plain = parts.replace(STYLE, "");
  const clean = redact(plain);
  return clean === plain ? parts : clean;
}

function redactEmitted(what: Emitted, redact: Redact): Emitted {
  switch (what.type) {
    case "finding": {
      const { key, title, detail, server, tool } = what;
      return {
        ...what,
        key: redact(key),
        title: redact(title),
        detail: redact(detail),
        server: server === null ? null : redact(server),
        tool: tool === null ? null : redact(tool),
      };
    }
    case "metric":
      return { ...what, name: redact(what.name), unit: redact(what.unit) };
    case "annotation":
      return { ...what, key: redact(what.key), value: redact(what.value) };
  }
}
