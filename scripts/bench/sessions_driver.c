/* Clients of the bench of sessions, in C so that their own runtime does not count. Figures as JSON on stdout: times in µs.
   echo-ws PORT TOKEN SESSION KEYS PAUSE_US                one key after the other: written to a WebSocket of km, back as output
   echo-tmux KEYS PAUSE_US COMMAND…                        the same over the control mode of tmux, which COMMAND starts
   load PORT TOKEN FIRST LAST VIEWERS KEYS_PER_S WARM_S S  VIEWERS sockets on each session from FIRST to LAST; the first of each types
   broadcast PORT TOKEN SESSION VIEWERS WARM_S S           sockets on a session that runs "lines"
   A key is known by its place in the output: the programs in the terminals write a byte for each byte they read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT = 1, SNAPSHOT = 2, INPUT = 3, FRAME_HEADER = 13, WRITTEN_KEYS = 1 << 16 };
#define CONNECT_LIMIT_US 20e6

static void fail(const char *why) { fprintf(stderr, "%s: %s\n", why, strerror(errno)); exit(1); }
static double now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
/* Half to one and a half times as long: the same each time, it would meet the daemon's own timers always or never. */
static double about(double us) { return us * (0.5 + drand48()); }
static void sleep_us(double us) { if (us > 0) { struct timespec t = {us / 1e6, (long)(us * 1e3) % 1000000000L}; nanosleep(&t, NULL); } }

/* Samples. */
typedef struct { double *values; long count, room; } Samples;
static void add(Samples *s, double value) {
  if (s->count == s->room && !(s->values = realloc(s->values, (s->room = s->room ? 2 * s->room : 4096) * sizeof *s->values))) fail("memory");
  s->values[s->count++] = value;
}
static int order(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
static void print_times(Samples *s) {
  qsort(s->values, s->count, sizeof *s->values, order);
  if (s->count > 0) printf("\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f,", s->values[s->count / 2], s->values[s->count * 9 / 10], s->values[s->count * 99 / 100], s->values[s->count - 1]);
  printf("\"samples\":%ld", s->count);
}

/* One WebSocket, bound to one session. */
typedef struct Viewer {
  int fd, session, types;
  uint8_t *in;
  size_t used, room;
  int shown;            /* a snapshot came: what follows is new */
  uint64_t base, heard; /* output before the first key, and through which it has come */
  uint64_t typed;
  double *due;          /* of the session's keys: when each was to be written; of one of the viewers, for all of them */
  long messages;
} Viewer;

static void send_frame(Viewer *v, int opcode, const void *data, size_t count) {
  uint8_t frame[4096 + 8];
  size_t at = 0;
  frame[at++] = 0x80 | opcode;
  if (count < 126) frame[at++] = 0x80 | count;
  else { frame[at++] = 0x80 | 126; frame[at++] = count >> 8; frame[at++] = count; }
  memset(frame + at, 0, 4); /* a mask that changes nothing */
  at += 4;
  if (count + at > sizeof frame) fail("too long a message");
  memcpy(frame + at, data, count);
  if (send(v->fd, frame, at + count, MSG_NOSIGNAL) != (ssize_t)(at + count)) fail("cannot send");
}

static void send_key(Viewer *v) {
  uint8_t message[FRAME_HEADER + 1] = {INPUT};
  uint32_t session = htonl(v->session), low = htonl(v->typed++);
  memcpy(message + 1, &session, 4);
  memcpy(message + 9, &low, 4);
  message[FRAME_HEADER] = 'a';
  send_frame(v, 2, message, sizeof message);
}

/* Reads once; false: nothing was there. */
static int fill(Viewer *v) {
  if (v->room - v->used < 65536 && !(v->in = realloc(v->in, v->room = 2 * v->room + 131072))) fail("memory");
  ssize_t count = recv(v->fd, v->in + v->used, v->room - v->used, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (count <= 0) fail("km closed a socket");
  v->used += count;
  return 1;
}

/* The whole message at `at`, null when it is not all here; moves `at` behind it. */
static uint8_t *next_message(Viewer *v, size_t *at, size_t *count, int *opcode) {
  uint8_t *h = v->in + *at;
  size_t there = v->used - *at, head = 2;
  if (there < 2) return NULL;
  size_t length = h[1] & 127;
  if (length == 126) { if (there < 4) return NULL; length = h[2] << 8 | h[3]; head = 4; }
  else if (length == 127) { if (there < 10) return NULL; length = 0; for (int i = 2; i < 10; i++) length = length << 8 | h[i]; head = 10; }
  if (there < head + length) return NULL;
  *opcode = h[0] & 15;
  *count = length;
  *at += head + length;
  return h + head;
}

static void handle_all(Viewer *v, void (*output)(Viewer *, uint8_t *, size_t)) {
  size_t at = 0, count;
  int opcode;
  for (uint8_t *m; (m = next_message(v, &at, &count, &opcode));) {
    v->messages++;
    if (opcode == 1 && memmem(m, count, "\"type\":\"error\"", 14)) { fprintf(stderr, "%.*s\n", (int)count, m); exit(1); }
    if (opcode == 8) { fprintf(stderr, "closed: %.*s\n", (int)count - 2, m + 2); exit(1); }
    if (opcode != 2 || count < FRAME_HEADER) continue;
    uint32_t high, low;
    memcpy(&high, m + 5, 4);
    memcpy(&low, m + 9, 4);
    uint64_t seq = (uint64_t)ntohl(high) << 32 | ntohl(low);
    if (m[0] == SNAPSHOT) { v->shown++; v->base = v->heard = seq; }
    else if (m[0] == OUTPUT) {
      if (v->shown && seq != v->heard) { fprintf(stderr, "a gap in the output: %llu after %llu\n", (unsigned long long)seq, (unsigned long long)v->heard); exit(1); }
      output(v, m + FRAME_HEADER, count - FRAME_HEADER);
      v->heard = seq + count - FRAME_HEADER;
    }
  }
  memmove(v->in, v->in + at, v->used - at);
  v->used -= at;
}

static void ignore(Viewer *v, uint8_t *bytes, size_t count) { (void)v; (void)bytes; (void)count; }

/* Connects, authenticates, attaches; comes back when the screen has come. */
static void open_viewer(Viewer *v, int port, const char *token, int session, int types) {
  char text[4096];
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  memset(v, 0, sizeof *v);
  v->session = session;
  v->types = types;
  v->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (v->fd < 0 || connect(v->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("cannot connect");
  setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  int count = snprintf(text, sizeof text, "GET /api/sessions/%d/ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", session, port);
  if (send(v->fd, text, count, MSG_NOSIGNAL) != count) fail("cannot send");
  for (uint8_t *end = NULL; !end;) {
    fill(v);
    if (!(end = memmem(v->in, v->used, "\r\n\r\n", 4))) continue;
    if (memcmp(v->in, "HTTP/1.1 101", 12)) { fprintf(stderr, "%.*s\n", (int)v->used, v->in); exit(1); }
    size_t head = end + 4 - v->in;
    memmove(v->in, v->in + head, v->used -= head);
  }
  send_frame(v, 1, text, snprintf(text, sizeof text, "{\"type\":\"auth\",\"message_id\":\"1\",\"data\":{\"token\":\"%s\"}}", token));
  send_frame(v, 1, text, snprintf(text, sizeof text, "{\"type\":\"command\",\"message_id\":\"2\",\"data\":{\"action\":\"attach\",\"write\":%s}}", types ? "true" : "false"));
  for (double limit = now_us() + CONNECT_LIMIT_US; !v->shown;) {
    if (now_us() > limit) { fprintf(stderr, "no screen came\n"); exit(1); }
    fill(v);
    handle_all(v, ignore);
  }
}

static void echo_ws(char **arg) {
  Viewer v;
  Samples times = {0};
  open_viewer(&v, atoi(arg[0]), arg[1], atoi(arg[2]), 1);
  long keys = atol(arg[3]), warm = keys / 10;
  for (long key = 0; key < keys + warm; key++) {
    double start = now_us();
    send_key(&v);
    while (v.heard < v.base + v.typed) { fill(&v); handle_all(&v, ignore); }
    if (key >= warm) add(&times, now_us() - start);
    sleep_us(about(atof(arg[4])));
  }
  printf("{"); print_times(&times); printf("}\n");
}

static char lines[1 << 20];
static size_t lines_used;

/* Reads lines of control mode until one of them is output. */
static void await_output(int fd) {
  for (;;) {
    for (char *end; (end = memchr(lines, '\n', lines_used));) {
      size_t count = end + 1 - lines;
      int is_output = count > 8 && !memcmp(lines, "%output ", 8);
      if (count >= 5 && !memcmp(lines, "%exit", 5)) fail("tmux ended");
      if (count >= 6 && !memcmp(lines, "%error", 6)) fail("tmux refused a command");
      memmove(lines, end + 1, lines_used -= count);
      if (is_output) return;
    }
    ssize_t got = read(fd, lines + lines_used, sizeof lines - lines_used);
    if (got <= 0) fail("tmux closed its output");
    lines_used += got;
  }
}

static void echo_tmux(char **arg) {
  static const char KEY[] = "send-keys -l a\n";
  int to[2], from[2];
  Samples times = {0};
  if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC)) fail("pipe");
  pid_t pid = fork();
  if (pid == 0) { dup2(to[0], 0); dup2(from[1], 1); execvp(arg[2], arg + 2); _exit(127); }
  close(to[0]);
  close(from[1]);
  await_output(from[0]); /* the program says that it is ready */
  sleep_us(300000);
  long keys = atol(arg[0]), warm = keys / 10;
  for (long key = 0; key < keys + warm; key++) {
    double start = now_us();
    if (write(to[1], KEY, sizeof KEY - 1) != sizeof KEY - 1) fail("cannot write to tmux");
    await_output(from[0]);
    if (key >= warm) add(&times, now_us() - start);
    sleep_us(about(atof(arg[1])));
  }
  if (write(to[1], "kill-server\n", 12) != 12) fail("cannot end tmux");
  waitpid(pid, NULL, 0);
  printf("{"); print_times(&times); printf("}\n");
}

static Samples load_times;
static double measure_from;

/* Every byte is a key; it was due when the plan said so, however late it was written. */
static void hear_keys(Viewer *v, uint8_t *bytes, size_t count) {
  (void)bytes;
  double now = now_us();
  for (uint64_t key = v->heard - v->base, end = key + count; key < end; key++) {
    double due = v->due[key % WRITTEN_KEYS];
    if (due >= measure_from) add(&load_times, now - due);
  }
}

static void watch(int set, Viewer *v) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
  fcntl(v->fd, F_SETFL, O_NONBLOCK);
  if (epoll_ctl(set, EPOLL_CTL_ADD, v->fd, &event)) fail("epoll");
}

static void read_ready(int set, double wait_us, void (*output)(Viewer *, uint8_t *, size_t)) {
  struct epoll_event events[64];
  struct timespec wait = {wait_us > 0 ? wait_us / 1e6 : 0, wait_us > 0 ? (long)(wait_us * 1e3) % 1000000000L : 0};
  int count = epoll_pwait2(set, events, 64, &wait, NULL);
  for (int i = 0; i < count; i++) { Viewer *v = events[i].data.ptr; if (fill(v)) handle_all(v, output); }
}

static long all_messages(Viewer *viewers, int count) { long sum = 0; for (int i = 0; i < count; i++) sum += viewers[i].messages; return sum; }

static void tell(const char *what) { printf("%s\n", what); fflush(stdout); }

static void load(char **arg) {
  int port = atoi(arg[0]), first = atoi(arg[2]), sessions = atoi(arg[3]) - first + 1, each = atoi(arg[4]), set = epoll_create1(EPOLL_CLOEXEC);
  double per_s = atof(arg[5]), warm_us = atof(arg[6]) * 1e6, us = atof(arg[7]) * 1e6;
  Viewer *viewers = calloc(sessions * each, sizeof *viewers);
  for (int i = 0; i < sessions * each; i++) open_viewer(&viewers[i], port, arg[1], first + i / each, i % each == 0);
  for (int s = 0; s < sessions; s++) {
    double *due = calloc(WRITTEN_KEYS, sizeof *due);
    for (int i = s * each; i < (s + 1) * each; i++) { viewers[i].due = due; watch(set, &viewers[i]); }
  }
  double start = now_us(), step = 1e6 / per_s, end = start + warm_us + us, latest = 0;
  long keys = 0, measured_messages = 0, measured_keys = 0;
  measure_from = start + warm_us;
  int is_measuring = 0;
  for (;;) {
    double now = now_us(), due = start + keys * step;
    if (!is_measuring && now >= measure_from) { is_measuring = 1; measured_messages = all_messages(viewers, sessions * each); measured_keys = keys; tell("measuring"); }
    if (due >= end) break;
    if (due > now) { read_ready(set, due - now, hear_keys); continue; }
    Viewer *v = &viewers[(keys++ % sessions) * each];
    v->due[v->typed % WRITTEN_KEYS] = due;
    if (now - due > latest) latest = now - due;
    send_key(v);
    read_ready(set, 0, hear_keys);
  }
  measured_messages = all_messages(viewers, sessions * each) - measured_messages;
  measured_keys = keys - measured_keys;
  tell("measured");
  /* What is on its way still. */
  for (double limit = now_us() + 5e6; now_us() < limit;) {
    int missing = 0;
    for (int i = 0; i < sessions * each; i++) missing += viewers[i].heard < viewers[i].base + viewers[i / each * each].typed;
    if (!missing) break;
    read_ready(set, 10000, hear_keys);
  }
  long expected = 0, heard = 0;
  for (int i = 0; i < sessions * each; i++) { expected += viewers[i / each * each].typed; heard += viewers[i].heard - viewers[i].base; }
  printf("{"); print_times(&load_times);
  printf(",\"keysPerSecond\":%.1f,\"messagesPerSecond\":%.1f,\"missing\":%ld,\"latestKey\":%.1f}\n", measured_keys / us * 1e6, measured_messages / us * 1e6, expected - heard, latest);
}

/* Lines say when they were written. One may be in two messages: only whole ones count. */
static void hear_lines(Viewer *v, uint8_t *bytes, size_t count) {
  (void)v;
  double now = now_us();
  for (uint8_t *at = bytes, *end = bytes + count; (at = memchr(at, '@', end - at)) && end - at > 20; at++) add(&load_times, now - strtoll((char *)at + 1, NULL, 10) / 1e3);
}

static void broadcast(char **arg) {
  int count = atoi(arg[3]), set = epoll_create1(EPOLL_CLOEXEC);
  double warm_us = atof(arg[4]) * 1e6, us = atof(arg[5]) * 1e6;
  Viewer *viewers = calloc(count, sizeof *viewers);
  for (int i = 0; i < count; i++) open_viewer(&viewers[i], atoi(arg[0]), arg[1], atoi(arg[2]), i == 0);
  for (int i = 0; i < count; i++) watch(set, &viewers[i]);
  send_key(&viewers[0]);
  for (double end = now_us() + warm_us; now_us() < end;) read_ready(set, 10000, ignore);
  long before = all_messages(viewers, count);
  uint64_t bytes = 0;
  for (int i = 0; i < count; i++) bytes -= viewers[i].heard;
  double start = now_us();
  tell("measuring");
  while (now_us() < start + us) read_ready(set, 10000, hear_lines);
  double took = now_us() - start;
  long messages = all_messages(viewers, count) - before;
  for (int i = 0; i < count; i++) bytes += viewers[i].heard;
  tell("measured");
  printf("{"); print_times(&load_times);
  printf(",\"messagesPerSecond\":%.1f,\"mbps\":%.2f}\n", messages / took * 1e6, bytes / took);
}

int main(int argc, char **argv) {
  const struct { const char *name; void (*run)(char **); int arguments; } modes[] = {{"echo-ws", echo_ws, 5}, {"echo-tmux", echo_tmux, 3}, {"load", load, 8}, {"broadcast", broadcast, 6}};
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
    if (!strcmp(argv[1], modes[i].name) && argc - 2 >= modes[i].arguments) return modes[i].run(argv + 2), 0;
  fprintf(stderr, "see the first lines of sessions_driver.c\n");
  return 2;
}
