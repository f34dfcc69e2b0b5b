/** Entry of the relay's thread. It gets one message, runs the relay to its end, and is never terminated before. @module */
/// <reference lib="webworker" />
import { openLibc } from "./libc.ts";
import { lowerOtherThreads } from "./priority.ts";
import { type RelayFds, runRelay } from "./relay_loop.ts";

/** The one message. */
export interface RelayThreadStart {
  readonly fds: RelayFds;
  readonly control: SharedArrayBuffer;
  readonly tap: SharedArrayBuffer | null;
}

self.onmessage = (event: MessageEvent<RelayThreadStart>) => {
  const { fds, control, tap } = event.data;
  lowerOtherThreads();
  runRelay(openLibc(), fds, {
    tap,
    control: new Int32Array(control),
    notify: (notice) => self.postMessage(notice),
  });
};
