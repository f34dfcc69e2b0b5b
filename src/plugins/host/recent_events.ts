/** On which server an event was that a plugin speaks of: of the latest ones only. @module */

const EVENTS = 16_384;

export class RecentEvents {
  readonly #servers = new Map<string, string>();

  add(id: string, server: string): void {
    this.#servers.set(id, server);
    if (this.#servers.size <= EVENTS) return;
    const [oldest] = this.#servers.keys();
    if (oldest !== undefined) this.#servers.delete(oldest);
  }

  serverOf(id: string): string | null {
    return this.#servers.get(id) ?? null;
  }
}
