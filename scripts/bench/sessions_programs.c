/* What runs in the terminals of the bench of sessions.
   fill COLS LINES   so many lines of colour, as wide as the screen; says "full"; then nothing
   burst BYTES       for each byte that it reads, so many bytes of numbered lines, then a line "last"
   lines PER_SECOND  lines with the time at which each was written, in ns of the monotonic clock */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
static long long now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void raw(void) { struct termios t; tcgetattr(0, &t); cfmakeraw(&t); tcsetattr(0, TCSANOW, &t); }
static void put(const char *text, long count) { while (count > 0) { long done = write(1, text, count); if (done <= 0) exit(1); text += done; count -= done; } }
int main(int argc, char **argv) {
  char line[1024], byte, x[512];
  long value = argc > 2 ? atol(argv[2]) : 0;
  if (argc < 3) return 1;
  raw();
  memset(x, 'x', sizeof x);
  if (!strcmp(argv[1], "fill")) {
    for (long i = 0, lines = atol(argv[3]); i < lines; i++)
      put(line, snprintf(line, sizeof line, "\x1b[3%ldmline %06ld \xe6\xbc\xa2\xe5\xad\x97 \x1b[1mbold\x1b[0m %.*s\r\n", i % 8, i, (int)value - 24, x));
    put("full", 4);
  } else if (!strcmp(argv[1], "burst")) {
    put("ready", 5);
    while (read(0, &byte, 1) == 1) {
      for (long sent = 0, i = 0, count; sent < value; sent += count, i++)
        put(line, count = snprintf(line, sizeof line, "line %08ld \x1b[3%ldmthe quick brown fox\x1b[0m jumps over the lazy dog\r\n", i, i % 8));
      put("last", 4);
    }
  } else if (!strcmp(argv[1], "lines")) {
    put("ready", 5);
    if (read(0, &byte, 1) != 1) return 1;
    for (long long next = now_ns();; next += 1000000000LL / value) {
      struct timespec until = {next / 1000000000LL, next % 1000000000LL};
      while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0);
      put(line, snprintf(line, sizeof line, "@%018lld\r\n", now_ns()));
    }
  }
  pause();
  return 0;
}
