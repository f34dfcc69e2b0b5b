/** What keeps one answer from taking the memory of the daemon. @module */

/** A page ends when its messages have this many bytes: a thousand messages of 2 MB each would be 2 GB. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;
