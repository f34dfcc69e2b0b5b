/* Client and servers of the relay bench: starts a command as an MCP client would, measures it, prints one JSON object.
 *
 *   driver [--sockets] echo COUNT SIZE -- COMMAND...           round trips of SIZE-byte lines through a server that echoes
 *   driver [--sockets] rpc COUNT SIZE -- COMMAND...            MCP handshake, then tools/call round trips
 *   driver [--sockets] push BYTES SIZE -- COMMAND...           client to server, until `driver sink BYTES` says all came
 *   driver [--sockets] pull BYTES SIZE -- COMMAND...           server (`driver source BYTES SIZE`) to client
 *   driver [--sockets] start COUNT 0 -- COMMAND...             spawn to start and to first line of `driver hello`, EOF to exit
 *   driver [--sockets] memory BYTES SIZE -- COMMAND...         resident memory 2 s after start, and while BYTES are pushed
 *   driver [--sockets] soak RATE SIZE SECONDS -- COMMAND...    RATE messages/s, half requests, half answers of `driver answer SIZE`
 *   driver sink BYTES | source BYTES SIZE | hello | answer SIZE      the servers
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, FILLER = 1 << 20, LONGEST = 1 << 21 };
struct child { pid_t pid; int in, out; };

static int sockets;
static char filler[FILLER + LONGEST], line[LONGEST];

static void fail(const char *what) { perror(what); exit(1); }

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void put(int fd, const char *bytes, size_t length) {
  for (ssize_t n; length > 0; bytes += n, length -= (size_t)n)
    if ((n = write(fd, bytes, length)) < 0) fail("write");
}

/* Reads what there is, at most `room` bytes; the end of the stream is the end of the measurement. */
static size_t get(int fd, char *bytes, size_t room) {
  ssize_t n = read(fd, bytes, room);
  if (n > 0) return (size_t)n;
  if (n < 0) fail("read");
  fprintf(stderr, "driver: the command closed its stdout too early\n");
  exit(1);
}

/* Text that compresses like prose rather than like a run of one letter, so that a recorder has honest work. */
static void make_filler(void) {
  unsigned seed = 1;
  for (size_t at = 0; at < sizeof filler; at++) {
    seed = seed * 1103515245u + 12345u;
    unsigned r = seed >> 16;
    filler[at] = r % 6 == 0 ? ' ' : (char)('a' + (r >> 4) % 12);
  }
}

/* A JSON-RPC line of exactly `size` bytes (at least 150), LF included; no two alike. */
static size_t make_line(const char *head, const char *tail, long id, size_t size) {
  size_t at = (size_t)sprintf(line, head, id), end = size - strlen(tail);
  if (at > end) end = at;
  memcpy(line + at, filler + id * 7919 % FILLER, end - at);
  strcpy(line + end, tail);
  return end + strlen(tail);
}

#define CALL "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":\""
#define CALL_END "\"}}}\n"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":%ld,\"message\":\""
#define NOTE_END "\"}}\n"
#define RESULT "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\""
#define RESULT_END "\"}]}}\n"

static void channel(int ends[2], int reader) {
  int pair[2];
  if (sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, pair) : pipe(pair)) fail("pipe");
  for (int i = 0; i < 2; i++) fcntl(pair[i], F_SETFD, FD_CLOEXEC);
  ends[0] = pair[reader], ends[1] = pair[!reader];
}

static struct child start(char **command) {
  int in[2], out[2]; /* [0]: ours, [1]: the child's */
  channel(in, 1), channel(out, 0);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(in[1], 0), dup2(out[1], 1);
    execvp(command[0], command);
    fail(command[0]);
  }
  close(in[1]), close(out[1]);
  return (struct child){pid, in[0], out[0]};
}

/* Closes the child's stdin and waits for its end. Returns the milliseconds that took. */
static double finish(struct child c) {
  double began = now_us();
  close(c.in);
  while (read(c.out, line, CHUNK) > 0) {}
  waitpid(c.pid, NULL, 0);
  close(c.out);
  return (now_us() - began) / 1e3;
}

/* Reads whole lines until one holds `text`. */
static void read_until(int fd, const char *text) {
  static char got[LONGEST];
  static size_t have;
  for (;;) {
    char *end;
    while ((end = memchr(got, '\n', have))) {
      *end = 0;
      int found = strstr(got, text) != NULL;
      have -= (size_t)(end + 1 - got);
      memmove(got, end + 1, have);
      if (found) return;
    }
    have += get(fd, got + have, sizeof got - have - 1);
  }
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return d < 0 ? -1 : d > 0;
}

static void print_times(double *us, long count, const char *more) {
  double sum = 0;
  for (long i = 0; i < count; i++) sum += us[i];
  qsort(us, (size_t)count, sizeof *us, ascending);
  printf("{\"p50\":%.1f,\"p99\":%.1f,\"mean\":%.1f,\"max\":%.1f%s}\n", us[count / 2], us[count * 99 / 100],
         sum / count, us[count - 1], more);
}

static void echo(long count, size_t size, char **command) {
  struct child c = start(command);
  long warm = 1000; /* a session lasts longer than a compiler takes to warm up */
  double *us = malloc(sizeof(double) * (size_t)(count + 1));
  for (long i = -warm; i < count; i++) {
    size_t length = make_line(NOTE, NOTE_END, i + warm, size), got = 0;
    double began = now_us();
    put(c.in, line, length);
    while (got < length) got += get(c.out, line, CHUNK);
    if (i >= 0) us[i] = now_us() - began;
  }
  finish(c);
  print_times(us, count, "");
}

static void rpc(long count, size_t size, char **command) {
  struct child c = start(command);
  const char *hello = "{\"jsonrpc\":\"2.0\",\"id\":\"hello\",\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
                      "\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n";
  const char *ready = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
  put(c.in, hello, strlen(hello));
  read_until(c.out, "protocolVersion");
  put(c.in, ready, strlen(ready));
  long warm = count / 10;
  double *us = malloc(sizeof(double) * (size_t)(count + 1));
  for (long i = -warm; i < count; i++) {
    char id[32];
    sprintf(id, "\"id\":%ld", i + warm + 1000);
    size_t length = make_line(CALL, CALL_END, i + warm + 1000, size);
    double began = now_us();
    put(c.in, line, length);
    read_until(c.out, id);
    if (i >= 0) us[i] = now_us() - began;
  }
  kill(c.pid, SIGTERM); /* some bridges ignore EOF */
  finish(c);
  print_times(us, count, "");
}

static void send_lines(int fd, long bytes, size_t size) {
  for (long sent = 0, i = 0; sent < bytes; i++) {
    size_t length = make_line(NOTE, NOTE_END, i, size);
    if ((long)length > bytes - sent) length = (size_t)(bytes - sent), line[length - 1] = '\n';
    put(fd, line, length);
    sent += (long)length;
  }
}

static void push(long bytes, size_t size, char **command) {
  struct child c = start(command);
  read_until(c.out, "ready");
  double began = now_us();
  send_lines(c.in, bytes, size);
  read_until(c.out, "done");
  double us = now_us() - began;
  printf("{\"mbps\":%.1f,\"exitMs\":%.1f}\n", bytes / us, finish(c));
}

static void pull(long bytes, size_t size, char **command) {
  struct child c = start(command);
  (void)size;
  put(c.in, "go\n", 3);
  for (size_t had = 0; had < 6;) had += get(c.out, line, 6 - had); /* "ready\n": the clock starts when the path is up */
  double began = now_us();
  put(c.in, "go\n", 3);
  for (long got = 0; got < bytes;) got += (long)get(c.out, line, CHUNK);
  double us = now_us() - began;
  printf("{\"mbps\":%.1f,\"exitMs\":%.1f}\n", bytes / us, finish(c));
}

/* `hello` says when it started, by the clock that all processes share: that is when the wrapper had spawned it. */
static void startup(long count, char **command) {
  double *spawn_us = malloc(sizeof(double) * (size_t)count), *first_us = malloc(sizeof(double) * (size_t)count), exit_ms = 0;
  for (long i = 0; i < count; i++) {
    double began = now_us();
    struct child c = start(command);
    size_t had = 0;
    while (!memchr(line, '\n', had)) had += get(c.out, line + had, CHUNK);
    first_us[i] = now_us() - began;
    spawn_us[i] = atof(line) - began;
    exit_ms += finish(c);
  }
  qsort(first_us, (size_t)count, sizeof *first_us, ascending);
  char more[96];
  sprintf(more, ",\"firstLineUs\":%.1f,\"exitMs\":%.1f", first_us[count / 2], exit_ms / count);
  print_times(spawn_us, count, more);
}

static void hello(void) {
  int length = sprintf(line, "%.0f\n", now_us());
  put(1, line, (size_t)length);
  while (read(0, line, CHUNK) > 0) {}
}

static long status_kb(pid_t pid, const char *field) {
  char path[64], row[256];
  long kb = -1;
  sprintf(path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(row, sizeof row, file))
    if (!strncmp(row, field, strlen(field))) kb = atol(row + strlen(field) + 1);
  if (file) fclose(file);
  return kb;
}

/* VmHWM is the kernel's own high-water mark; writing 5 to clear_refs makes it start anew, so that it means the transfer alone. */
static void memory(long bytes, size_t size, char **command) {
  char path[64];
  struct child c = start(command);
  read_until(c.out, "ready");
  sleep(2);
  long idle = status_kb(c.pid, "VmRSS");
  sprintf(path, "/proc/%d/clear_refs", c.pid);
  FILE *file = fopen(path, "w");
  if (file) fputs("5", file), fclose(file);
  double began = now_us();
  send_lines(c.in, bytes, size);
  read_until(c.out, "done");
  double us = now_us() - began;
  long peak = status_kb(c.pid, "VmHWM");
  sleep(2);
  long after = status_kb(c.pid, "VmRSS");
  printf("{\"idleKb\":%ld,\"peakKb\":%ld,\"afterKb\":%ld,\"mbps\":%.1f,\"exitMs\":%.1f}\n", idle, peak, after, bytes / us, finish(c));
}

struct counter { int fd; long lines; };

static void *count_lines(void *argument) {
  struct counter *counter = argument;
  char *bytes = malloc(CHUNK);
  for (ssize_t n; (n = read(counter->fd, bytes, CHUNK)) > 0;)
    for (ssize_t i = 0; i < n; i++) __atomic_fetch_add(&counter->lines, bytes[i] == '\n', __ATOMIC_RELAXED);
  return NULL;
}

static void soak(long rate, size_t size, double seconds, char **command) {
  struct child c = start(command);
  struct counter counter = {c.out, 0};
  pthread_t reader;
  put(c.in, line, make_line(CALL, CALL_END, 0, size)); /* the first answer says that everybody is up */
  read_until(c.out, "\"id\":0");
  pthread_create(&reader, NULL, count_lines, &counter);
  long sent = 0, total = (long)(rate / 2 * seconds);
  double began = now_us(), worst_us = 0;
  while (sent < total) {
    long due = (long)((now_us() - began) / 1e6 * (rate / 2)) + 1;
    for (; sent < due && sent < total; sent++) {
      size_t length = make_line(CALL, CALL_END, sent + 1, size);
      double put_at = now_us();
      put(c.in, line, length);
      if (now_us() - put_at > worst_us) worst_us = now_us() - put_at;
    }
    usleep(500);
  }
  double us = now_us() - began;
  for (int i = 0; i < 10000 && __atomic_load_n(&counter.lines, __ATOMIC_RELAXED) < sent; i++) usleep(1000);
  double closing = now_us();
  close(c.in);
  pthread_join(reader, NULL);
  waitpid(c.pid, NULL, 0);
  sent++, counter.lines++; /* the first */
  printf("{\"requests\":%ld,\"answers\":%ld,\"seconds\":%.2f,\"perSecond\":%.0f,\"worstWriteMs\":%.1f,\"exitMs\":%.1f}\n", sent,
         counter.lines, us / 1e6, (sent + counter.lines) / (us / 1e6), worst_us / 1e3, (now_us() - closing) / 1e3);
}

static void sink(long bytes) {
  put(1, "ready\n", 6);
  for (ssize_t n; bytes > 0 && (n = read(0, line, CHUNK)) > 0;) bytes -= n;
  if (bytes == 0) put(1, "done\n", 5);
  while (read(0, line, CHUNK) > 0) {}
}

static void source(long bytes, size_t size) {
  if (read(0, line, 3) != 3) return;
  put(1, "ready\n", 6);
  if (read(0, line, 3) == 3) send_lines(1, bytes, size);
  while (read(0, line, CHUNK) > 0) {}
}

static void answer(size_t size) {
  char *request = malloc(LONGEST);
  FILE *in = fdopen(0, "r");
  while (fgets(request, LONGEST, in)) {
    char *id = strstr(request, "\"id\":");
    if (id) put(1, line, make_line(RESULT, RESULT_END, atol(id + 5), size));
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--sockets")) sockets = 1, argv++, argc--;
  const char *mode = argc > 1 ? argv[1] : "";
  long a = argc > 2 ? atol(argv[2]) : 0, b = argc > 3 ? atol(argv[3]) : 0;
  char **command = argv + 1;
  while (*command && strcmp(*command, "--")) command++;
  if (*command) command++;
  signal(SIGPIPE, SIG_IGN);
  if (strcmp(mode, "hello") && strcmp(mode, "start")) make_filler(); /* 10 ms that would blur a start-up time */
  if (!strcmp(mode, "sink")) sink(a);
  else if (!strcmp(mode, "source")) source(a, (size_t)b);
  else if (!strcmp(mode, "hello")) hello();
  else if (!strcmp(mode, "answer")) answer((size_t)a);
  else if (!*command) return fprintf(stderr, "driver: no command\n"), 2;
  else if (!strcmp(mode, "echo")) echo(a, (size_t)b, command);
  else if (!strcmp(mode, "rpc")) rpc(a, (size_t)b, command);
  else if (!strcmp(mode, "push")) push(a, (size_t)b, command);
  else if (!strcmp(mode, "pull")) pull(a, (size_t)b, command);
  else if (!strcmp(mode, "start")) startup(a, command);
  else if (!strcmp(mode, "memory")) memory(a, (size_t)b, command);
  else if (!strcmp(mode, "soak")) soak(a, (size_t)b, atof(argv[4]), command);
  else return fprintf(stderr, "driver: unknown mode \"%s\"\n", mode), 2;
  return 0;
}
