/** The thread that answers questions: a slow search delays other searches, never a stream, a batch or a health check. @module */
import type { Reader } from "../api/deps.ts";
import type { QueryArgs, QueryName } from "../api/queries.ts";
import { type ErrorCode, KmError } from "../core/error.ts";

/** What the thread is asked. The first message is the path of the database. */
export interface QueryMessage {
  readonly id: number;
  readonly name: QueryName;
  readonly args: unknown;
}

/** What it answers. */
export type AnswerMessage =
  | { readonly id: number; readonly json: Uint8Array<ArrayBuffer> }
  | {
    readonly id: number;
    readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
  };

type Waiting = PromiseWithResolvers<Uint8Array<ArrayBuffer>>;

export class QueryThread implements Reader, Disposable {
  readonly #worker = new Worker(new URL("./query_worker.ts", import.meta.url), {
    type: "module",
    name: "km queries",
  });
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(dbPath: string) {
    this.#worker.onmessage = ({ data }: MessageEvent<AnswerMessage>) => this.#settle(data);
    this.#worker.postMessage(dbPath);
  }

  query<Name extends QueryName>(name: Name, args: QueryArgs<Name>): Promise<Uint8Array<ArrayBuffer>> {
    const id = ++this.#lastId;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, name, args } satisfies QueryMessage);
    return waiting.promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    const ended = new KmError("store_unavailable", "Cannot answer: the daemon is stopping");
    for (const { reject } of this.#waiting.values()) reject(ended);
    this.#waiting.clear();
  }

  #settle(answer: AnswerMessage): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (!waiting) return;
    if ("json" in answer) waiting.resolve(answer.json);
    else {
      const { code, message, hint } = answer.error;
      waiting.reject(new KmError(code, message, hint === undefined ? {} : { hint }));
    }
  }
}
