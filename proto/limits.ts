/**
 * Most that a plugin may say, whatever its manifest says. The SDK tells an author who goes over it (`TypeError`); more than this on the wire is a
 * protocol error.
 * @module
 */

/** Longest key or name, in UTF-16 units. Longer ones are refused. */
export const MAX_KEY_CHARACTERS = 256;
/** Longest title of a finding. */
export const MAX_TITLE_CHARACTERS = 512;
/** Longest detail of a finding. */
export const MAX_DETAIL_CHARACTERS: number = 16 * 1024;
/** Longest annotation. */
export const MAX_ANNOTATION_CHARACTERS: number = 4 * 1024;
/** Longest unit of a metric. */
export const MAX_UNIT_CHARACTERS = 32;
/** Longest log line; longer ones are cut. */
export const MAX_LOG_CHARACTERS: number = 16 * 1024;
/** Longest text of an error, or name of an import; longer ones are cut. */
export const MAX_REASON_CHARACTERS: number = 2 * 1024;

/** All that a plugin keeps, keys and JSON text together, in bytes of UTF-8: 1 MiB. */
export const MAX_STATE_BYTES: number = 1024 * 1024;
/** As many keys it may keep. */
export const MAX_STATE_KEYS = 4096;

/** Findings, metrics and annotations per batch of messages, and between two of them; what is more is dropped and counted. */
export const MAX_EMITS_PER_BATCH = 1000;
/** Log lines, likewise. */
export const MAX_LOGS_PER_BATCH = 1000;
