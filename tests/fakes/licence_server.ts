/** The server of an issuer of licences. @module */

/** A licence server: real HTTP on loopback; what it answers is set, what it was asked is kept. */
export class FakeLicenceServer implements AsyncDisposable {
  /** Tokens that it was sent. */
  readonly asked: string[] = [];
  answer: () => Response | Promise<Response> = () => Response.json({ ok: true });
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      this.asked.push((await request.json()).token);
      return await this.answer();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/check`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
