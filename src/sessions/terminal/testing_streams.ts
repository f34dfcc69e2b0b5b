/** For tests: output as hostile as it gets, the same for the same seed. @module */

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

const TEXTS = [
  "hello world ",
  "The quick brown fox jumps over the lazy dog. ",
  "x",
  "漢字かな",
  "é e\u0301 a\u0302\u0303 ",
  "“quotes” … — ",
  "🙂🚀👩‍👩‍👧",
  "\u200b",
  "─│┌┐ ░▒▓",
  "한",
  "\u0301",
];
const MODES = [1, 6, 7, 9, 12, 25, 45, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 2004, 2026];
const SCREENS = [47, 1047, 1048, 1049];
const OSC = [
  "0;title",
  "2;other “title”",
  "8;;https://km.example/a",
  "8;;",
  "8;id=q;http://km.example/b",
  "9;4;1;20",
  "52;c;aGk=",
  "7501;state=idle:app=x",
  "10;?",
  "133;A",
  "4;1;?",
  "9;done",
];

/** `length` pieces of output: text, cursor movements, modes, looks, strings. */
export function hostileStream(seed: number, length: number): Uint8Array {
  const random = seeded(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)] as T; // As: the index is within the list.
  const number = () => pick(["", "0", "1", "2", "3", "5", "8", "13", "21", "40", "79", "999"]);
  const kinds: (() => string)[] = [
    () => pick(TEXTS),
    () => pick(TEXTS).repeat(1 + upTo(8)),
    () => pick(["\r\n", "\n", "\r", "\t", "\b", "\x07", "\x0e", "\x0f", "\v"]),
    () => "\r\n".repeat(upTo(6)),
    () => `\x1b[${number()}${pick([..."ABCDEFGHIJKLMPSTXZ@`abdefgrsu"])}`,
    () => `\x1b[${number()};${number()}${pick([..."Hfr"])}`,
    () => `\x1b[${pick(["0", "1", "2", "3", "4", "4:3", "5", "7", "8", "9", "21", "22", "24", "27", "53"])}m`,
    () =>
      `\x1b[${
        pick([
          "31",
          "42",
          "97",
          "104",
          "38;5;200",
          "48;5;17",
          "38;2;1;2;3",
          "48;2;9;8;7",
          "58;5;9",
          "39",
          "49",
          "59",
        ])
      }m`,
    () => "\x1b[m",
    () => `\x1b[?${pick(MODES)}${pick(["h", "l"])}`,
    () => `\x1b[?${pick(SCREENS)}${pick(["h", "l"])}`,
    () => `\x1b[${pick(["4", "20"])}${pick(["h", "l", "l"])}`,
    () => `\x1b${pick([..."78DEHM=>no|}~"])}`,
    () => `\x1b${pick([..."()*+"])}${pick([..."0AB4K"])}`,
    () =>
      `\x1b[${
        pick([
          "0 q",
          "3 q",
          "6 q",
          ">4;2m",
          ">4m",
          ">1u",
          ">7u",
          "<u",
          "=5;2u",
          '1"q',
          '0"q',
          "?J",
          "?2K",
          "1J",
          "1K",
        ])
      }`,
    () => `\x1b]${pick(OSC)}${pick(["\x07", "\x1b\\"])}`,
    () => `\x1bP${pick(["$qm", "1;2q#0~", "+q544e"])}\x1b\\`,
    () => `\x1b${pick(["_app", "^pm", "Xsos"])}\x1b\\`,
    () =>
      pick([
        "\x1b[3\n1m",
        "\x1b[1;\x18",
        "\u009b31m",
        "\u0085",
        "\x1b#8",
        "\x1b[c",
        "\x1b[6n",
        "\x1b[!p",
        "\x1b[2 @",
        "\x1b[ A",
        "\x1b['}",
      ]),
    () => random() < 0.1 ? "\x1bc" : "",
  ];
  const text = Array.from({ length }, () => pick(kinds)()).join("");
  const bytes = new TextEncoder().encode(text);
  // Here and there bytes that are no UTF-8.
  for (let i = 0; i < bytes.length / 500; i++) {
    if (random() < 0.3) bytes[upTo(bytes.length)] = 0x80 + upTo(128);
  }
  return bytes;
}
