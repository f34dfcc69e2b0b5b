/** What both relays keep to. @module */

/** Largest read: what a Linux pipe holds by default. */
export const READ_BYTES = 64 * 1024;
/**
 * How much of the server's stderr waits for a client that does not read it. A server must never hang on its log
 * (mark3labs/mcp-go#956), so beyond this the log is no longer forwarded; it is still recorded.
 */
export const MAX_LOG_BACKLOG_BYTES = 16 * 1024 * 1024;
/** How long the server's streams must be silent after its end before a stream that somebody else still holds is given up. */
export const LINGER_MS = 100;
/** The same for one that somebody else keeps writing to. */
export const MAX_LINGER_MS = 1000;
