/** What a plugin is told of that is no message: one at a time, the next when it took that one, so that whoever does not read costs no memory. @module */

export class ErrorTeller {
  readonly #send: (code: string, message: string) => Promise<void>;
  #isTelling = false;
  /** The first that came meanwhile stands for all. */
  #next: readonly [code: string, message: string] | null = null;
  #others = 0;

  /** `send` settles when the plugin took it. */
  constructor(send: (code: string, message: string) => Promise<void>) {
    this.#send = send;
  }

  tell(code: string, message: string): void {
    if (!this.#isTelling) void this.#tell(code, message);
    else if (this.#next === null) this.#next = [code, message];
    else this.#others++;
  }

  async #tell(code: string, message: string): Promise<void> {
    this.#isTelling = true;
    await this.#send(code, message).catch(() => {}); // It has ended, and the end is told as such.
    this.#isTelling = false;
    if (this.#next === null) return;
    const [nextCode, nextMessage] = this.#next;
    const more = this.#others === 0 ? "" : ` (and ${this.#others} more)`;
    this.#next = null;
    this.#others = 0;
    this.tell(nextCode, `${nextMessage}${more}`);
  }
}
