/**
 * What the daemon has to say, one line each: on stderr, or in a file that is turned over before it grows large. Callers give facts, never
 * what was recorded and never a secret.
 * @module
 */
import { formatTimeUs, systemClock } from "../core/clock.ts";
import { printable } from "../core/printable.ts";

/** A full file becomes `<file>.1`, in place of the one before. */
const MAX_LOG_BYTES = 5 * 1024 * 1024;

export interface DaemonLog extends Disposable {
  /** Adds one line with the time in front. Never throws: a daemon does not end because its log cannot be written. */
  line(text: string): void;
}

/** Logs through `write`, whole lines at a time. */
export function streamLog(write: (text: string) => void): DaemonLog {
  return { line: (text) => write(logLine(text)), [Symbol.dispose]() {} };
}

/** Logs into the file at `path` (0600), after what is there. */
export function fileLog(path: string, maxBytes: number = MAX_LOG_BYTES): DaemonLog {
  const encoder = new TextEncoder();
  let file: Deno.FsFile | null = null;
  let sizeBytes = 0;
  const open = () => {
    file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
    sizeBytes = file.statSync().size;
  };
  const close = () => {
    file?.close();
    file = null;
  };
  return {
    line(text) {
      try {
        if (file === null) open();
        if (sizeBytes >= maxBytes) {
          close();
          Deno.renameSync(path, `${path}.1`);
          open();
        }
        const bytes = encoder.encode(logLine(text));
        for (let at = 0; at < bytes.length;) at += file?.writeSync(bytes.subarray(at)) ?? bytes.length;
        sizeBytes += bytes.length;
      } catch {
        close(); // A full disk, a folder that is gone: the next line tries again.
      }
    },
    [Symbol.dispose]: close,
  };
}

function logLine(text: string): string {
  return `${formatTimeUs(systemClock.nowUs())} ${printable(text)}\n`;
}
