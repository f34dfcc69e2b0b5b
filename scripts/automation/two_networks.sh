#!/usr/bin/env bash
# Runs two commands in two networks with a cable between them, and nothing else: `two_networks.sh <address> <first> -- <command…>`. The first, one word,
# listens on the address and is ended with the second, whose exit code is this one's. To be started within `unshare -n`, as root: neither network is the
# system's, and both are gone at the end. Plugins reach neither private addresses nor any of their own machine, so what they are to reach needs another.
set -eu
address=$1 first=$2
shift 3

unshare -n "$first" &
listener=$!
trap 'kill "$listener" 2>/dev/null || true' EXIT
# It is in its own network as soon as that is another than this one.
while [ "$(readlink "/proc/$listener/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set lo up
ip link add km0 type veth peer name km1 netns "$listener"
ip addr add "${address%.*}.3/24" dev km0
ip link set km0 up
# shellcheck disable=SC2016 # The inner shell expands it.
nsenter --net="/proc/$listener/ns/net" sh -c 'ip link set lo up && ip addr add "$0/24" dev km1 && ip link set km1 up' "$address"
"$@"
