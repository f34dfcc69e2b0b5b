/** Which bytes are UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. @see RFC 3629 section 4 @module */

/** How many bytes the character has that begins with `lead`; 0: none does. */
export function characterBytes(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Whether `byte` may be the one at `index`, which is not the first, of a character that begins with `lead`. */
export function mayContinue(lead: number, index: number, byte: number): boolean {
  if (byte < 0x80 || byte > 0xbf) return false;
  if (index > 1) return true;
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0;
    case 0xed:
      return byte < 0xa0;
    case 0xf0:
      return byte >= 0x90;
    case 0xf4:
      return byte < 0x90;
    default:
      return true;
  }
}
