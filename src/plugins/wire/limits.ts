/**
 * Most that a plugin may say, whatever its manifest says. The bootstrap tells an author who goes over it (`TypeError`); more than this on the wire
 * was not sent by the bootstrap, and is a protocol error.
 * @module
 */

/** Characters (UTF-16). Longer keys and names are cut nowhere: they are refused. */
export const MAX_KEY_CHARACTERS = 256;
export const MAX_TITLE_CHARACTERS = 512;
export const MAX_DETAIL_CHARACTERS = 16 * 1024;
export const MAX_ANNOTATION_CHARACTERS = 4 * 1024;
export const MAX_UNIT_CHARACTERS = 32;
/** Longer log lines are cut, by the bootstrap. */
export const MAX_LOG_CHARACTERS = 16 * 1024;
/** Errors, names of imports: cut likewise. */
export const MAX_REASON_CHARACTERS = 2 * 1024;

/** All that a plugin keeps, keys and JSON text together, in UTF-16 code units: 1 Mi. */
export const MAX_STATE_CHARACTERS: number = 1024 * 1024;
export const MAX_STATE_KEYS = 4096;

/** Per batch of messages (and between two of them); what is more is counted and dropped. */
export const MAX_EMITS_PER_BATCH = 1000;
export const MAX_LOGS_PER_BATCH = 1000;
