/** Which way a message went, as a sign and in words. Pure. @module */
import type { Row } from "./row.ts";

export function arrowOf({ direction }: Pick<Row, "direction">): string {
  return direction === "client_to_server" ? "→" : direction === "server_to_client" ? "←" : "·";
}

/** The direction in words. */
export function wayOf({ direction }: Pick<Row, "direction">): string {
  return direction === "client_to_server"
    ? "to the server"
    : direction === "server_to_client"
    ? "to the client"
    : "seen by km";
}
