/** An MCP client over stdio that asks one thing after the other. @module */

interface Answer {
  readonly id?: number;
}

export class PatientClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncGenerator<string>;
  readonly #patienceMs: number;
  #lastId = 0;

  constructor(
    [program = "", ...args]: readonly string[],
    env: Readonly<Record<string, string>>,
    patienceMs: number,
  ) {
    this.#child = new Deno.Command(program, { args, env, stdin: "piped", stdout: "piped", stderr: "inherit" })
      .spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
    this.#patienceMs = patienceMs;
  }

  /** Asks, and waits for the answer, be it an error. @throws when none comes */
  async ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    this.#send({ jsonrpc: "2.0", id, method, params });
    const late = setTimeout(() => this.#child.kill("SIGKILL"), this.#patienceMs);
    try {
      for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
        const answer = JSON.parse(line.value) as Answer;
        if (answer.id === id) return answer;
      }
      throw new Error(`no answer to ${method}`);
    } finally {
      clearTimeout(late);
    }
  }

  tell(method: string): void {
    this.#send({ jsonrpc: "2.0", method });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {}); // It may have ended before.
    await this.#lines.return(undefined);
    await this.#child.status;
  }

  #send(message: unknown): void {
    this.#writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => {}); // The answer is missed.
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
