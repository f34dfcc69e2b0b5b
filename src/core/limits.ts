/** How much one question to the API may ask for: it refuses more, and its clients ask in pieces. @module */

/** Most entries of one page. */
export const MAX_PAGE_ENTRIES = 1000;

/** Most ids of one question: they make a URL of 7.4 kB, which every server and proxy takes. */
export const MAX_IDS = 200;
