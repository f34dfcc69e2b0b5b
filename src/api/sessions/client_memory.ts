/**
 * What is known of a client of the WebSockets beyond one connection: which of its input was taken, and what it was answered, so that what it sends
 * again after a reconnect is done once.
 * @module
 */

/** Clients of one user that are remembered; who connected longest ago is forgotten first. */
const MAX_CLIENTS = 256;
const MAX_SESSIONS = 1024;
/** Answers are small: commands, whose texts are not, are remembered by the store. */
const MAX_ANSWERS = 256;

export type Answer = Readonly<Record<string, unknown>>;

/** Of one client. */
export class ClientMemory {
  readonly #inputs = new Map<string, number>();
  readonly #answers = new Map<string, Promise<Answer>>();

  /** Bytes of input that a session has from this client. */
  inputThrough(sessionId: string): number {
    return this.#inputs.get(sessionId) ?? 0;
  }

  tookInput(sessionId: string, through: number): void {
    keep(this.#inputs, sessionId, through, MAX_SESSIONS);
  }

  /** Does what the message of this id asks for, unless it was done: then the answer is the same. What failed may be tried again. */
  async once(messageId: string | undefined, act: () => Promise<Answer>): Promise<Answer> {
    if (messageId === undefined) return await act();
    const known = this.#answers.get(messageId);
    if (known) return await known;
    const answer = act();
    keep(this.#answers, messageId, answer, MAX_ANSWERS);
    try {
      return await answer;
    } catch (error) {
      this.#answers.delete(messageId);
      throw error;
    }
  }
}

/** Of all clients, by who they are and how they call themselves. */
export class ClientMemories {
  readonly #users = new Map<string, Map<string, ClientMemory>>();

  /** The memory of a client; `clientId` null: nothing is remembered beyond this connection. */
  of(user: string, clientId: string | null): ClientMemory {
    if (clientId === null) return new ClientMemory();
    const clients = this.#users.get(user) ?? new Map<string, ClientMemory>();
    this.#users.set(user, clients);
    const memory = clients.get(clientId) ?? new ClientMemory();
    keep(clients, clientId, memory, MAX_CLIENTS);
    return memory;
  }
}

/** Puts an entry at the end of a map, which forgets the first when it is full. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value ?? "");
}
