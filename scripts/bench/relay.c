/* The baseline of the relay bench: the least that a process between a client and its server can do.
 * relay COMMAND [ARG...] starts COMMAND and moves bytes both ways with poll(2), read(2) and blocking write(2). */
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static char bytes[65536];

static int move(int from, int to) {
  ssize_t n = read(from, bytes, sizeof bytes);
  for (ssize_t at = 0, put; at < n; at += put)
    if ((put = write(to, bytes + at, (size_t)(n - at))) < 0) return 0;
  return n > 0;
}

int main(int argc, char **argv) {
  int in[2], out[2], status = 0;
  if (argc < 2 || pipe(in) || pipe(out)) return 2;
  pid_t pid = fork();
  if (pid == 0) {
    dup2(in[0], 0), dup2(out[1], 1);
    close(in[0]), close(in[1]), close(out[0]), close(out[1]);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  close(in[0]), close(out[1]);
  struct pollfd ends[2] = {{.fd = 0, .events = POLLIN}, {.fd = out[0], .events = POLLIN}};
  while (ends[1].fd >= 0 && poll(ends, 2, -1) >= 0) {
    if (ends[0].revents && !move(0, in[1])) ends[0].fd = -1, close(in[1]);
    if (ends[1].revents && !move(out[0], 1)) ends[1].fd = -1;
  }
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
