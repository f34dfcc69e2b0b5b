/** The thread that follows the store, as the hub sees it. It starts with the first stream; searches run in another one and never delay it. @module */
import { Worker } from "node:worker_threads";
import type {
  FromTail,
  JoinAnswer,
  SliceAnswer,
  TailFailure,
  TailGroup,
  TailPage,
  TailSkip,
  ToTail,
} from "./tail_messages.ts";

/** What comes without being asked for. */
export interface TailListener {
  /** Settles when it can take more. */
  onNews(news: TailPage | TailSkip): Promise<void> | void;
  /** The thread is lost, with all groups. */
  onEnd(): void;
}

/** Answers come by callback and not as promises, because a stream must have become live before the next page is handled. */
export interface Tail extends Disposable {
  join(group: TailGroup, after: number | null, callback: (answer: JoinAnswer | TailFailure) => void): void;
  slice(seq: number, offset: number, callback: (answer: SliceAnswer | TailFailure) => void): void;
  leave(group: number): void;
  listener: TailListener | null;
}

/** Room for new objects of the thread, in MB. V8's own choice takes 50 MB more under 1,000 events/s (measured 2026-11-21). */
const YOUNG_GENERATION_MB = 3;

type Callback = (answer: never) => void;

export class TailThread implements Tail {
  readonly #path: string;
  readonly #waiting = new Map<number, Callback>();
  #worker: Worker | null = null;
  #lastId = 0;
  listener: TailListener | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  join(group: TailGroup, after: number | null, callback: (answer: JoinAnswer | TailFailure) => void): void {
    this.#post({ kind: "join", id: this.#expect(callback), group, after });
  }

  slice(seq: number, offset: number, callback: (answer: SliceAnswer | TailFailure) => void): void {
    this.#post({ kind: "slice", id: this.#expect(callback), seq, offset });
  }

  leave(group: number): void {
    if (this.#worker) this.#post({ kind: "leave", group });
  }

  [Symbol.dispose](): void {
    void this.#worker?.terminate().catch(() => {}); // it is gone either way
    this.#worker = null;
    this.#waiting.clear();
  }

  #expect(callback: Callback): number {
    this.#waiting.set(++this.#lastId, callback);
    return this.#lastId;
  }

  #post(message: ToTail): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./tail_worker.ts", import.meta.url), {
      name: "km tail",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on("message", (message: FromTail) => this.#handle(message));
    worker.on("error", () => {
      this[Symbol.dispose]();
      this.listener?.onEnd();
    });
    worker.postMessage({ kind: "open", path: this.#path } satisfies ToTail);
    return worker;
  }

  async #pass(news: TailPage | TailSkip): Promise<void> {
    const worker = this.#worker;
    await this.listener?.onNews(news);
    if (worker && worker === this.#worker) this.#post({ kind: "taken" });
  }

  #handle(message: FromTail): void {
    if (message.kind === "page" || message.kind === "skip") {
      void this.#pass(message);
      return;
    }
    const callback = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    callback?.(message as never); // as: whoever asked knows which answer comes
  }
}
