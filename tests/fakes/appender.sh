# A program for sessions that writes down what it is told, by which a test sees what was typed, and how often.
#   sh appender.sh <folder> (--new|--resume) <id>
# Each line that it reads goes to <folder>/<id>. It marks its prompt (OSC 133), works a moment on each line, and has a background job in a
# process group of its own. Environment: STUBBORN=1: both take no notice of SIGHUP and SIGTERM.
file="$1/$3"
[ "$STUBBORN" = 1 ] && trap '' HUP TERM
set -m
sleep 1000 &
set +m
while :; do
  printf '\033]133;A\007%% \033]133;B\007'
  IFS= read -r line || exit 0
  printf '\033]133;C\007'
  printf '%s\n' "$line" >>"$file"
  n=0
  while [ "$n" -lt 20 ]; do
    echo "$line: $n of 20, and some more so that there is something to keep"
    n=$((n + 1))
  done
done
