/** What keeps one answer from taking the memory of the daemon. @module */

/**
 * A page ends when its messages have this many bytes: a thousand messages of 2 MB each would be 2 GB. What is being answered takes ten times
 * as much (bytes, text, value, the whole answer), and several answers wait for their sockets.
 */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
