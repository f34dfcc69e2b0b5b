#!/bin/sh
# Installs km for one user: downloads the release's file for this system, proves it, puts it in place.
#
#   curl -fsSL <address>/install.sh | sh
#   curl -fsSL <address>/install.sh | sh -s -- --help
#
# Needs a POSIX shell, curl or wget, and openssl 3 or ssh-keygen. One file, because it is piped into a shell.
# There is no `local` in POSIX: names that a function uses for itself begin with its initials.
# The brace below ends on the last line: a shell reads to there before it does anything, so half a download does nothing.
# shellcheck disable=SC2016,SC2317 # texts for other shells stay as they are; traps and `step` call by name
{
km_base_url='@KM_BASE_URL@'
km_release_keys='@KM_RELEASE_KEYS@'
# What comes slower than 1 kB/s for so many seconds is given up.
stall_seconds=30
# The first start of a new km unpacks 100 MB.
proof_seconds=120
small_bytes=1000000
# No km is larger: a compiled file with a second Deno inside takes about 250 MB (2026-11).
most_bytes=1073741824

usage() {
  cat <<END
Installs km, or removes it.

usage: install.sh [--dry-run] [--no-modify-path]
       install.sh --uninstall [--purge [--yes]] [--dry-run]

  --dry-run          say what would be done; download the manifest at most, change nothing
  --no-modify-path   leave the shell's start-up files alone
  --uninstall        remove km, its previous version, what it unpacked, completions and the PATH lines
  --purge            with --uninstall: delete what km recorded, too; asks first; files that are not km's stay
  --yes              with --purge: do not ask
  --help             this text

environment:
  KM_BASE_URL   address of the release folder${base:+ ($(shown "$base"))}
  KM_VERSION    install this version
  KM_CHANNEL    stable (default) or beta
  KM_INSTALL    folder of the command (default: ~/.km/bin)

exit codes: 0 done, 2 words or variables, 14 disk full, 23 not trusted, 24 not downloaded, 25 not installed or not removed,
  30 not possible on this system, more than 128 ended by a signal
END
}

# ---- Words -------------------------------------------------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf 'km: warning: %s\n' "$*" >&2; }

# Exit code, message, hint. The codes are those of km (README, exit codes).
fail() {
  printf 'km: error: %s\nkm: hint: %s\n' "$2" "$3" >&2
  exit "$1"
}

has() { command -v "$1" >/dev/null 2>&1; }

# A check that cannot be made must not pass.
check_tools() {
  for ct_tool in awk cat chmod cksum cp cut date dd env find grep id ln ls mkdir mktemp mv readlink rm rmdir sed sleep tail tr uname wc; do
    has "$ct_tool" || fail 30 "Cannot run install.sh: there is no \"$ct_tool\" on PATH" 'install it (packages coreutils, findutils, grep, sed, awk), or mend PATH'
  done
}

# Text with addresses, without the passwords in them.
shown() { printf '%s' "$1" | sed 's|://[^/@ ]*@|://|g'; }

# The state in what a tool wrote into $work/err: "mkdir: cannot create directory 'x': Read-only file system" -> "Read-only file system".
state_of_error() {
  soe=$(sed -n '$p' "$work/err" 2>/dev/null)
  printf '%s' "${soe##*: }"
}

# Message and hint, for what a tool refused: a full disk has a code of its own.
fail_by_tool() {
  fbt_state=$(state_of_error)
  case $fbt_state in *'No space left'* | *quota*) fail 14 "$1: $fbt_state" 'make room on the disk, or set KM_INSTALL to a folder on another one' ;; esac
  fail 25 "$1: $fbt_state" "$2"
}

# Text as it stands between double quotes in a shell's start-up file, below HOME as $HOME/…: text, kind of shell.
escaped() {
  e_special='[\\"$`]'
  [ "$2" != fish ] || e_special='[\\"$]'
  case $1 in
    "$home"/*) printf '$HOME/%s' "$(printf '%s' "${1#"$home"/}" | sed "s/$e_special/\\\\&/g")" ;;
    *) printf '%s' "$1" | sed "s/$e_special/\\\\&/g" ;;
  esac
}

# ---- The end, however it comes -----------------------------------------------------------------------------------------------------------

clean_up() {
  trap '' HUP INT PIPE TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$unfinished" ] || rm -f "$unfinished"
  # What was just told to end may still write.
  cu_turn=0
  while [ -n "$new_folder" ] && ! rm -rf "$new_folder" 2>/dev/null && [ "$cu_turn" -lt 10 ]; do
    cu_turn=$((cu_turn + 1))
    sleep 1
  done
  # Folders that were made for nothing, deepest first. One that has something in it stays.
  if [ -z "$in_place" ]; then
    printf '%s' "$made_folders" | while IFS= read -r cu_folder; do rmdir "$cu_folder" 2>/dev/null; done
  fi
  [ -z "$work" ] || rm -rf "$work"
}

catch_signals() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 141' PIPE
  trap 'exit 143' TERM
}

# Ends $child when it has taken so many seconds, unless the file given grew by 1 kB in each of them: seconds, file or nothing.
# It looks each second whether it is still wanted: a signal could meet a subshell that still has the traps of this one.
watch() {
  watch_number=$((watch_number + 1))
  rm -f "$work/late"
  true >"$work/watch.$watch_number"
  (
    trap - EXIT HUP INT PIPE TERM
    w_before=0 w_seconds=0
    while sleep 1 && [ -e "$work/watch.$watch_number" ]; do
      w_seconds=$((w_seconds + 1))
      [ "$w_seconds" -ge "$1" ] || continue
      w_now=0 w_seconds=0
      [ -z "${2-}" ] || w_now=$(wc -c <"$2")
      if [ $((w_now - w_before)) -lt $(($1 * 1000)) ]; then
        true >"$work/late"
        kill "$child"
        sleep 2
        [ ! -e "$work/watch.$watch_number" ] || kill -9 "$child"
        exit
      fi
      w_before=$w_now
    done
  ) </dev/null >/dev/null 2>&1 &
}

stop_watch() { rm -f "$work/watch.$watch_number"; }

# Seconds, command. What it says comes into $work/says and $work/err. In the background, because only "wait" ends at once when a signal comes.
run_limited() {
  rl_seconds=$1
  shift
  "$@" >"$work/says" 2>"$work/err" </dev/null &
  child=$!
  watch "$rl_seconds"
  wait "$child" 2>/dev/null
  rl_code=$?
  stop_watch
  child=
  return "$rl_code"
}

# Makes a file or folder of a random name, and knows its name whenever a signal comes: variable, words for mktemp.
make_random() {
  mr_name=$1 mr_signal='' mr_code=0
  shift
  trap 'mr_signal=129' HUP
  trap 'mr_signal=130' INT
  trap 'mr_signal=141' PIPE
  trap 'mr_signal=143' TERM
  mr_says=$(trap '' HUP INT PIPE TERM; umask 077; mktemp "$@" 2>&1) || mr_code=$?
  if [ "$mr_code" = 0 ]; then eval "$mr_name=\$mr_says"
  elif [ -n "$work" ]; then printf '%s\n' "$mr_says" >"$work/err"
  fi
  catch_signals
  [ -z "$mr_signal" ] || exit "$mr_signal"
  return "$mr_code"
}

make_folder() {
  mf_up=$1
  while [ ! -d "$mf_up" ] && [ -n "$mf_up" ]; do
    made_folders="$made_folders$mf_up
"
    case $mf_up in */*) mf_up=${mf_up%/*} ;; *) break ;; esac
  done
  # What is recorded will lie there: nobody else's business.
  case $1/ in "$home"/.km/*) [ -d "$home/.km" ] || mkdir -m 700 "$home/.km" 2>"$work/err" || return 1 ;; esac
  mkdir -p "$1" 2>"$work/err"
}

# Removes what killed installs and updates left: folders that are this user's alone and where nothing has changed for an hour. Folder, pattern.
sweep() {
  for s_path in "$1"/$2; do
    [ -n "$(find "$s_path" -prune -type d -user "$user" -perm 700 2>/dev/null)" ] || continue
    is_work "$s_path" || continue
    s_young=$(find "$s_path" -mmin -60 2>/dev/null) || continue
    if [ -n "$s_young" ]; then
      [ -z "$uninstalling" ] || [ "$s_path" = "$work" ] || say "left $s_path: another install may be at work there"
    elif [ -n "$uninstalling" ]; then step "$s_path" rm -rf "$s_path"
    elif [ -z "$dry_run" ]; then rm -rf "$s_path"
    fi
  done
}

# Whether a folder has a name as mktemp or km update gives it, and in one beside km nothing but what is put there.
is_work() {
  case $1 in
    */.km-new-*) printf '%s\n' "${1##*/}" | grep -qE '^\.km-new-([A-Za-z0-9]{6}|[0-9a-f]{8})$' || return 1 ;;
    *) return 0 ;;
  esac
  [ -z "$(find "$1/" -mindepth 1 -maxdepth 1 ! -name km ! -name runs ! -name previous ! -name cache ! -name 'km-[0-9]*' \
    ! -name former ! -name kept ! -name failed ! -name home ! -name tmp 2>/dev/null)" ]
}

sweep_all() {
  sweep "$bin" '.km-new-*'
  sweep "$temporary" 'km-install.??????'
}

# ---- What to install, and from where -----------------------------------------------------------------------------------------------------

read_environment() {
  [ -n "${HOME-}" ] || fail 2 'Cannot install km: HOME is not set' 'set HOME to your home folder'
  home=${HOME%/}
  [ -d "$home/" ] || fail 2 "Cannot install km: HOME \"$HOME\" is no folder" 'set HOME to your home folder'
  bin=${KM_INSTALL:-$home/.km/bin}
  # Variables set in Dockerfiles and by service managers come with their tilde.
  # shellcheck disable=SC2088
  case $bin in
    /*) ;;
    '~') bin=$home ;;
    '~/'*) bin=$home/${bin#'~/'} ;;
    *) bin=$(pwd)/$bin ;;
  esac
  while [ "${bin%/}" != "$bin" ]; do bin=${bin%/}; done
  [ -n "$bin" ] || fail 2 'Cannot install km into "/"' 'set KM_INSTALL to a folder on PATH, as /usr/local/bin'
  case $bin in
    *:* | *'
'*) fail 2 "Cannot install km into \"$bin\": a folder on PATH has no colon and no line end in its name" 'set KM_INSTALL to another folder' ;;
  esac
  km=$bin/km
  # The XDG Base Directory Specification: what is no absolute path is ignored.
  case ${XDG_CONFIG_HOME-} in /*) config_home=$XDG_CONFIG_HOME ;; *) config_home=$home/.config ;; esac
  case ${XDG_DATA_HOME-} in /*) data_home=$XDG_DATA_HOME ;; *) data_home=$home/.local/share ;; esac
  case ${ZDOTDIR-} in /*) zdotdir=$ZDOTDIR ;; *) zdotdir=$home ;; esac
  bash_completions=$data_home/bash-completion/completions/km
  fish_completions=$config_home/fish/completions/km.fish
  zsh_completions=$home/.km/completions/_km
  system=$(uname -s 2>/dev/null) || system=unknown
  user=$(id -u)
  # Root, who in a container may be a number that is nobody's.
  # shellcheck disable=SC2012
  top=$(ls -ldn / | awk '{ print $3 }')
}

read_base() {
  case $km_base_url in @*) km_base_url= ;; esac
  case $km_release_keys in @*) km_release_keys= ;; esac
  base=${KM_BASE_URL:-$km_base_url}
  while [ "${base%/}" != "$base" ]; do base=${base%/}; done
}

check_base() {
  [ -n "$km_release_keys" ] || fail 30 'Cannot install km: this install.sh is the template, without release keys' \
    'use the install.sh that lies beside a release; in a checkout, "deno task install" installs the checkout'
  cb_shown=$(shown "$base")
  case $base in
    https://?*) protocols='=https' ;;
    http://127.0.0.1 | http://127.0.0.1[:/]* | http://localhost | http://localhost[:/]* | 'http://[::1]'*) protocols='=http,https' ;;
    http://?*)
      [ -n "${KM_BASE_URL-}" ] || fail 2 "Cannot install km from \"$cb_shown\": it is not https" 'set KM_BASE_URL to the address of a release'
      protocols='=http,https'
      warn "\"$cb_shown\" is not encrypted: others can see what is downloaded; what it is, is proven by its signature" ;;
    *) fail 2 "Cannot install km from \"$cb_shown\": it is no address" 'set KM_BASE_URL to the address of a release, as https://example.org/km' ;;
  esac
  channel=${KM_CHANNEL:-stable}
  case $channel in stable | beta) ;; *) fail 2 "Cannot install from channel \"$channel\"" 'KM_CHANNEL is stable or beta' ;; esac
  pinned=${KM_VERSION-}
  pinned=${pinned#v}
  case $pinned in *[!0-9A-Za-z.+-]*) fail 2 "Cannot install version \"$pinned\": it is no version" 'KM_VERSION is one as 1.2.3' ;; esac
  if [ -n "$pinned" ]; then manifest_name=v$pinned.json; else manifest_name=$channel.json; fi
  address=$cb_shown/$manifest_name
}

# Sets target to one of the triples that km is built for.
detect_target() {
  machine=$(uname -m 2>/dev/null) || machine=unknown
  case $system in
    Linux) detect_linux ;;
    Darwin)
      # Under Rosetta everything says x86_64.
      if [ "$machine" = x86_64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then
        say 'this shell runs under Rosetta: taking the km for Apple silicon'
        machine=arm64
      fi
      detect_cpu
      target=$cpu-apple-darwin ;;
    MINGW* | MSYS* | CYGWIN* | Windows_NT)
      fail 30 "Cannot install km from this shell: it runs on Windows ($system)" "in PowerShell: irm $(shown "${base:-<address>}")/install.ps1 | iex" ;;
    *) fail 30 "Cannot install km: it is not built for $system" 'km runs on Linux with glibc, on macOS and on Windows' ;;
  esac
}

detect_cpu() {
  case $machine in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) fail 30 "Cannot install km: it is not built for the processor $machine" 'km runs on x86_64 and aarch64, 64 bits each' ;;
  esac
}

detect_linux() {
  [ "$(uname -o 2>/dev/null)" != Android ] || fail 30 'Cannot install km: it is not built for Android' 'it runs in a glibc container there, as proot with Debian'
  detect_cpu
  # A 32-bit system on a 64-bit kernel: uname tells the kernel's side.
  dl_bits=$(getconf LONG_BIT 2>/dev/null) || dl_bits=64
  [ "$dl_bits" != 32 ] || fail 30 "Cannot install km: this system has 32-bit programs on a 64-bit kernel ($machine)" 'km needs a 64-bit system'
  dl_ldd=$(ldd --version 2>&1) || :
  case $dl_ldd in
    *musl*) dl_musl=1 ;;
    *GLIBC* | *GNU*) dl_musl= ;;
    *) if [ -e "/lib/ld-musl-$cpu.so.1" ] && [ ! -e /lib64/ld-linux-x86-64.so.2 ] && [ ! -e /lib/ld-linux-aarch64.so.1 ]; then dl_musl=1; else dl_musl=; fi ;;
  esac
  [ -z "$dl_musl" ] || fail 30 'Cannot install km: this system has the C library musl (as Alpine), and km is built for glibc' \
    'use a system or a container with glibc, as Debian, Ubuntu or Fedora'
  target=$cpu-unknown-linux-gnu
}

# ---- Download ----------------------------------------------------------------------------------------------------------------------------

choose_downloader() {
  if has curl; then downloader=curl
  elif has wget; then
    downloader=wget
    # No timeout for busybox: version 1.35 dies of -T (Debian 12).
    case $(wget --version 2>&1) in *'GNU Wget'*) wget_flags='-nv --tries=1 --timeout=60' ;; *) wget_flags=-q ;; esac
  else fail 30 'Cannot download km: there is neither curl nor wget' 'install one of them with your package manager'
  fi
}

# Address, file, most bytes, "progress" or nothing. Through the shell's own redirection: a curl in a sandbox may not write where we may.
fetch_once() {
  fo_url=$1 fo_file=$2 fo_bytes=$3 fo_progress=
  if [ "${4-}" = progress ] && [ -t 2 ]; then fo_progress=1; fi
  if [ "$downloader" = curl ]; then
    set -- curl --fail --location --globoff --max-redirs 10 --proto "$protocols" --proto-redir "$protocols" --connect-timeout 30 --max-filesize "$fo_bytes"
    if [ -n "$fo_progress" ]; then set -- "$@" --progress-bar; else set -- "$@" --silent --show-error; fi
    set -- "$@" "$fo_url"
  else
    # shellcheck disable=SC2086
    set -- wget $wget_flags -O - "$fo_url"
    fo_progress=
  fi
  true >"$work/err"
  true >"$fo_file"
  (
    # The system ends what writes more. A block has 512 bytes, in bash 1024.
    # shellcheck disable=SC3045
    ulimit -c 0 2>/dev/null
    ulimit -f $((fo_bytes / 512 + 1)) 2>/dev/null
    [ -n "$fo_progress" ] || exec 2>"$work/err"
    exec "$@"
  ) >"$fo_file" </dev/null &
  child=$!
  watch "$stall_seconds" "$fo_file"
  wait "$child" 2>/dev/null
  fo_code=$?
  stop_watch
  child=
  [ "$(wc -c <"$fo_file")" -le "$fo_bytes" ] || fo_code=63
  return "$fo_code"
}

# Says in $why and $advice what went wrong when it did, and in $fetch_fault the code for it. A refusal is final; a connection may come back.
fetch() {
  f_try=1 fetch_fault=24
  while ! fetch_once "$@"; do
    why=$(shown "$(sed -n '$p' "$work/err")")
    [ -n "$why" ] || why="$downloader ended with $fo_code"
    [ "$fo_code" != 63 ] || why="it has more than $3 bytes"
    [ ! -e "$work/late" ] || why='it came slower than 1 kB/s'
    case $why in
      'it has more'*) advice='the address serves something else: check it' && return 1 ;;
      *'rror: 40'[0-9]* | *'ERROR 40'[0-9]* | *HTTP/1.?' 40'[0-9]*) advice="nothing is there for you: check the address${KM_VERSION:+ and KM_VERSION}" && return 1 ;;
      *'No space left'* | *'Failure writing'* | *'Failed writing'* | *'client returned ERROR on write'* | *'Disk quota'* | *'write error'*)
        fetch_fault=14 advice="make room on the disk of \"${2%/*}\", or choose another with KM_INSTALL" && return 1 ;;
      *esolv* | *'bad address'* | *'Name or service'*) advice='check the network, the name and the proxy (https_proxy), then run it again' ;;
      *ertificate* | *SSL* | *TLS*) advice='check the clock, and that the package ca-certificates is installed' ;;
      *) advice='check the network and run it again; nothing was changed' ;;
    esac
    [ "$f_try" -lt 3 ] || return 1
    f_try=$((f_try + 1))
    sleep 1 &
    child=$!
    wait "$child"
    child=
  done
}

# ---- Trust -------------------------------------------------------------------------------------------------------------------------------

choose_hasher() {
  if has sha256sum; then hasher=sha256sum
  elif has shasum; then hasher='shasum -a 256'
  elif has openssl; then hasher='openssl dgst -sha256'
  else fail 23 'Cannot check what is downloaded: there is no sha256sum, shasum or openssl' 'install the package coreutils or openssl'
  fi
}

# shellcheck disable=SC2086
sha256_of() { $hasher <"$1" 2>/dev/null | sed -n 's/^\(.*[ =]\)\{0,1\}\([0-9a-f]\{64\}\).*$/\2/p'; }

# Key and signature in base64, file. 0: the signature is that of the key over the file's bytes.
openssl_verify() {
  # In front of the key: what says Ed25519 in DER (RFC 8410, section 4), 12 bytes, so that base64 goes on behind it.
  printf '%s\n' '-----BEGIN PUBLIC KEY-----' "MCowBQYDK2VwAyEA$1" '-----END PUBLIC KEY-----' >"$work/key.pem"
  printf '%s' "$2" | openssl base64 -d -A >"$work/signature" 2>/dev/null || return 1
  openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$3" -sigfile "$work/signature" >/dev/null 2>&1
}

# Key in base64 -> the same as OpenSSH writes it: 19 bytes in front, which shift base64 by two bits (RFC 8709, section 4).
ssh_key() {
  printf '%s\n' "$1" | awk '{
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    out = "AAAAC3NzaC1lZDI1NTE5AAAAI"
    before = 0
    for (i = 1; i <= 43; i++) {
      bits = index(letters, substr($0, i, 1)) - 1
      out = out substr(letters, before * 16 + int(bits / 4) + 1, 1)
      before = bits % 4
    }
    print out
  }'
}

# File with the signature, file; keys in base64.
ssh_verify() {
  sv_signature=$1 sv_file=$2
  shift 2
  for sv_key in "$@"; do printf 'km namespaces="km" ssh-ed25519 %s\n' "$(ssh_key "$sv_key")"; done >"$work/signers"
  ssh-keygen -Y verify -f "$work/signers" -I km -n km -s "$sv_signature" <"$sv_file" >/dev/null 2>&1
}

# The letter r, signed: RFC 8032, section 7.1, test 2. LibreSSL and openssl 1.1 know Ed25519 but cannot do this.
openssl_works() {
  has openssl || return 1
  set -- 'PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=' 'kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=='
  printf r >"$work/right"
  printf s >"$work/wrong"
  openssl_verify "$1" "$2" "$work/right" && ! openssl_verify "$1" "$2" "$work/wrong"
}

# The same for ssh-keygen (-Y came with OpenSSH 8.1), with a key that was made for this and thrown away.
ssh_keygen_works() {
  has ssh-keygen && has awk || return 1
  printf '%s\n' '-----BEGIN SSH SIGNATURE-----' \
    'U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgU+whv6p7aCTK7I0GQP56QYDI+A' \
    'M/POPEehHg7habKBoAAAACa20AAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1MTkA' \
    'AABA71HeU8zpesTPeS40Le4iK0KT41hV9yp3frdSr9sxgUcaCvOuD3dig3+SQAr8NC1pz2' \
    'zvZY/edwIMoK9wFTDwAA==' '-----END SSH SIGNATURE-----' >"$work/known"
  printf r >"$work/right"
  printf s >"$work/wrong"
  set -- 'U+whv6p7aCTK7I0GQP56QYDI+AM/POPEehHg7habKBo='
  ssh_verify "$work/known" "$work/right" "$1" && ! ssh_verify "$work/known" "$work/wrong" "$1"
}

choose_verifier() {
  if openssl_works; then verifier=openssl
  elif ssh_keygen_works; then verifier=ssh-keygen
  else
    set --
    for cv_pair in $km_release_keys; do set -- "$@" "$(ssh_key "${cv_pair#*:}" 2>/dev/null)"; done
    fail 23 'Cannot check the signature of the release: there is neither openssl (3 or newer) nor ssh-keygen (OpenSSH 8.1 or newer)' \
      "$(printf '%s' 'install the package openssl or openssh-client; or, by hand on a computer that has it, ' \
        "download $address and $address.sshsig, write \"km ssh-ed25519 ${1-<key>}\" into a file \"signers\", " \
        "run: ssh-keygen -Y verify -f signers -I km -n km -s $manifest_name.sshsig < $manifest_name; " \
        "then compare the file's SHA-256 with the manifest's")"
  fi
}

get_manifest() {
  manifest=$work/manifest.json
  fetch "$base/$manifest_name" "$manifest" "$small_bytes" || fail "$fetch_fault" "Cannot download \"$address\": $why" "$advice"
  gm_ending=sig
  [ "$verifier" = openssl ] || gm_ending=sshsig
  fetch "$base/$manifest_name.$gm_ending" "$work/manifest.$gm_ending" "$small_bytes" ||
    fail "$fetch_fault" "Cannot download the signature \"$address.$gm_ending\": $why" "$advice"
  verify_manifest || fail 23 "Cannot trust \"$address\": $distrust" \
    'nothing was installed; take install.sh from where km is published, and if it stays so, tell its makers'
}

verify_manifest() {
  if [ "$verifier" = ssh-keygen ]; then
    set --
    for vm_pair in $km_release_keys; do set -- "$@" "${vm_pair#*:}"; done
    distrust='its signature is wrong'
    ssh_verify "$work/manifest.sshsig" "$manifest" "$@"
    return
  fi
  distrust='its signature is none'
  IFS=' ' read -r vm_id vm_signature <"$work/manifest.sig" || return 1
  for vm_pair in $km_release_keys; do
    if [ "${vm_pair%%:*}" = "$vm_id" ]; then
      distrust="its signature by key $vm_id is wrong"
      openssl_verify "${vm_pair#*:}" "$vm_signature" "$manifest"
      return
    fi
  done
  distrust="it is signed by the key \"$(printf '%.16s' "$vm_id" | tr -cd '[:alnum:]')\", which this install.sh does not know"
  return 1
}

# A key of the manifest. It has one a line and was signed, so sed is enough.
field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$manifest" | sed -n 1p; }
entry_text() { printf '%s\n' "$entry" | sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p"; }

distrust_manifest() { fail 23 "Cannot trust \"$address\": $1" "$2"; }

# Prints the seconds from one time of the form 2026-11-21T00:00:00Z to another. Days are counted from March, where a leap day comes last.
seconds_between() {
  awk -v a="$1" -v b="$2" '
    function seconds(t,   y, m) {
      y = substr(t, 1, 4) + 0; m = substr(t, 6, 2) + 0
      if (m < 3) { y--; m += 12 }
      return (365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + substr(t, 9, 2)) * 86400 \
        + substr(t, 12, 2) * 3600 + substr(t, 15, 2) * 60 + substr(t, 18, 2)
    }
    BEGIN { printf "%.0f", seconds(b) - seconds(a) }'
}

is_time() { printf '%s\n' "$1" | grep -qE '^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z$'; }

check_times() {
  ct_expires=$(field expires) ct_published=$(field published)
  is_time "$ct_expires" || distrust_manifest "its time of expiry is \"$ct_expires\"" "$rm_other"
  is_time "$ct_published" || distrust_manifest "its time of publication is \"$ct_published\"" "$rm_other"
  ct_now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  # A clock may be a little behind that of whoever released.
  [ "$(seconds_between "$ct_now" "$ct_published")" -le 86400 ] || distrust_manifest "it is of $ct_published, and the clock here says $ct_now" 'set the clock'
  [ "$(seconds_between "$ct_published" "$ct_expires")" -gt 0 ] || distrust_manifest "it expires ($ct_expires) before it is published" "$rm_other"
  [ "$(seconds_between "$ct_now" "$ct_expires")" -le 0 ] || return 0
  # Expiry keeps somebody from being held at an old release; who names a version asks for that one.
  if [ -n "$pinned" ]; then warn "the manifest of version $version expired on $ct_expires; taken because KM_VERSION names it"
  else distrust_manifest "it expired on $ct_expires, and the clock here says $ct_now" \
      'set the clock if it is wrong; else the address serves an old release, or none was made for long'
  fi
}

# A channel is named by its own manifest alone; that of one version is of none, so that it cannot be served as the newest.
check_channel() {
  cc_channel=$(field channel)
  if [ -n "$pinned" ]; then
    [ "$version" = "$pinned" ] || distrust_manifest "it is of version $version, not of $pinned" "$rm_other"
    [ "$cc_channel" = null ] || distrust_manifest "it is of channel \"$cc_channel\", not of one version" "$rm_other"
  else
    [ "$cc_channel" = "$channel" ] || distrust_manifest "it is of channel \"$cc_channel\", not of \"$channel\"" "$rm_other"
  fi
}

read_manifest() {
  rm_other='the address serves something else under this name; tell those who serve it'
  [ "$(field type)" = 'km release manifest' ] || distrust_manifest 'it is no release manifest' "$rm_other"
  [ "$(field format)" = 1 ] || distrust_manifest "its format is \"$(field format)\", and this install.sh reads format 1" 'download install.sh anew'
  version=$(field version)
  case $version in '' | *[!0-9A-Za-z.+-]*) distrust_manifest "its version is \"$version\"" "$rm_other" ;; esac
  check_channel
  check_times
  entry=$(sed -n "s/^    \"$target\": {\(.*\)},\{0,1\}\$/\1/p" "$manifest")
  [ -n "$entry" ] || fail 30 "Cannot install km $version: it has no file for $target" 'it has files for those that the manifest names; another version may have more (KM_VERSION)'
  read_entry
}

read_entry() {
  file_url=$(entry_text url)
  file_sha256=$(entry_text sha256)
  file_bytes=$(printf '%s\n' "$entry" | sed -n 's/.*"bytes": \([1-9][0-9]\{0,9\}\),.*/\1/p')
  case $file_sha256 in *[!0-9a-f]*) file_sha256= ;; esac
  { [ "${#file_sha256}" = 64 ] && [ -n "$file_bytes" ] && [ "$file_bytes" -le "$most_bytes" ] && [ "$(entry_text name)" = "km-$version-$target" ]; } ||
    distrust_manifest "what it says about $target is not whole" "$rm_other"
  case $file_url in
    [hH][tT][tT][pP][sS]://?*) ;;
    [hH][tT][tT][pP]://?*) [ "$protocols" != '=https' ] || distrust_manifest "its file is at \"$file_url\", not https" "$rm_other" ;;
    '' | /* | *:*) distrust_manifest "its file is at \"$file_url\", which is no address" "$rm_other" ;;
    *) file_url=$base/$file_url ;;
  esac
}

# ---- What is there already ---------------------------------------------------------------------------------------------------------------

# Prints -1, 0 or 1: is the first version older, the same or newer? Precedence as in Semantic Versioning 2.0.0, section 11.
compare_versions() {
  awk -v a="$1" -v b="$2" '
    function order(x, y) { return x < y ? -1 : x > y ? 1 : 0 }
    function part(x, y) {
      if (x ~ /^[0-9]+$/ && y ~ /^[0-9]+$/) return order(x + 0, y + 0)
      if (x ~ /^[0-9]+$/) return -1
      if (y ~ /^[0-9]+$/) return 1
      return order(x "", y "")
    }
    function parts(x, y, dots,   n, m, i, c, p, q) {
      n = split(x, p, "."); m = split(y, q, ".")
      for (i = 1; i <= n && i <= m; i++) { c = part(p[i], q[i]); if (c) return c }
      return order(n, m)
    }
    BEGIN {
      sub(/[+].*/, "", a); sub(/[+].*/, "", b)
      i = index(a, "-"); x = i ? substr(a, i + 1) : ""; if (i) a = substr(a, 1, i - 1)
      i = index(b, "-"); y = i ? substr(b, i + 1) : ""; if (i) b = substr(b, 1, i - 1)
      c = parts(a, b)
      if (!c && x != y) c = x == "" ? 1 : y == "" ? -1 : parts(x, y)
      print c
    }'
}

# Says in $what what a file is: none, km, checkout, empty or other. The version of a portable km stands in its second line, so nothing is run.
look_at() {
  what=none its_version=
  [ -e "$1" ] || [ -L "$1" ] || return 0
  what=other
  [ -f "$1" ] && [ -r "$1" ] || return 0
  its_version=$(dd if="$1" bs=512 count=1 2>/dev/null | tr -d '\000' |
    sed -n -e '/^#!\/bin\/sh$/!q' -e n -e 's/^# km \([0-9][0-9A-Za-z.+-]*\) for [a-z0-9_]*-[a-z0-9_-]*: .*/\1/p' -e q)
  if [ ! -s "$1" ]; then what=empty
  elif [ -n "$its_version" ] || is_compiled "$1"; then what=km
  elif is_of_checkout "$1"; then what=checkout
  fi
}

# Whether a file is a program of Linux or macOS that "deno compile" made, with km inside.
is_compiled() {
  case $(dd if="$1" bs=4 count=1 2>/dev/null | tr '\177\317\372\355\376' '~MACH') in '~ELF' | MACH) ;; *) return 1 ;; esac
  grep -qF d3n0l4nd "$1" && grep -qF 'km release manifest' "$1"
}

# Whether a file is the command that "deno task install" makes of a checkout.
is_of_checkout() {
  [ -f "$1" ] && [ "$(sed -n '1p' "$1" 2>/dev/null | cut -c1-9)" = '#!/bin/sh' ] && sed -n '2,6p' "$1" | grep -q '^exec "\$deno" .*main\.ts'
}

# Sets old to none, km, checkout or broken, and old_version, which is empty for a compiled km in a dry run.
look_at_old() {
  [ ! -d "$km" ] || fail 25 "Cannot install km as \"$km\": it is a folder" 'move it away, or set KM_INSTALL to another folder'
  look_at "$km"
  old=$what old_version=$its_version
  case $old in
    other) fail 25 "Cannot install km as \"$km\": another program is there" 'move it away, or set KM_INSTALL to another folder' ;;
    empty) old=broken ;;
    km)
      if [ -z "$old_version" ] && [ -z "$dry_run" ]; then
        true >"$work/says"
        if may_run "$km"; then run_limited "$proof_seconds" "$km" --version || :; fi
        old_version=$(sed -n '1s/^km \([0-9][0-9A-Za-z.+-]*\)$/\1/p' "$work/says")
        [ -n "$old_version" ] || old=broken
      fi ;;
  esac
}

# Sets action to install or keep.
decide() {
  action=install keeps_old=
  case $old in none | broken) return 0 ;; esac
  if [ "$old" = checkout ] || [ "$old_version" != "$version" ]; then keeps_old=1; fi
  check_previous
  [ -n "$old_version" ] || return 0
  case $(compare_versions "$old_version" "$version") in
    0) if [ "$(sha256_of "$km")" = "$file_sha256" ]; then action=keep; fi ;;
    1) [ -n "$pinned" ] || fail 25 "Cannot install km $version: km $old_version is there, which is newer" \
         "keep it, or ask for the older one: KM_VERSION=$version" ;;
  esac
}

# ---- Put in place ------------------------------------------------------------------------------------------------------------------------

# Sets open to why others could change what lies in a folder; to nothing when they could not. Its path; "above" for one where only what lies in it counts.
find_open() {
  open='' fo_path=$1 fo_above=${2-}
  # shellcheck disable=SC2046
  set -- $(ls -ldn "$1" 2>/dev/null)
  fo_mode=${1-} fo_owner=${3-} fo_group=${4-}
  case $fo_above$fo_mode in
    # As /tmp: everybody may write into it, and only owners remove.
    '' | above | above?????????[tT]* | [!a]*)
      case $fo_owner in 0 | "$user" | "$top") ;; *) open="\"$fo_path\" belongs to another user" && return 0 ;; esac
      [ -z "$fo_above" ] || return 0 ;;
  esac
  case $fo_mode in
    ????????w*) open="everybody may write into \"$fo_path\"" ;;
    ?????w*)
      # A group of the user's own has the user's name.
      if [ "$fo_group" != 0 ] && { [ "$fo_group" != "$(id -g)" ] || [ "$(id -gn 2>/dev/null)" != "$(id -un 2>/dev/null || echo none)" ]; }; then
        open="its group may write into \"$fo_path\""
      fi ;;
  esac
}

# The same for a folder and all above it: path, "above" as for find_open.
find_any_open() {
  fao_path=$(cd -P "$1/" 2>/dev/null && pwd -P) || { open="\"$1\" cannot be entered" && return 0; }
  find_open "$fao_path" "${2-}"
  while fao_path=${fao_path%/*} && [ -z "$open" ] && [ -n "$fao_path" ]; do find_open "$fao_path" above; done
}

# Whether nobody else could have put something into the place of a km in $bin, or could do it now; says in $open why not.
may_run() {
  find_any_open "$bin"
  [ -z "$open" ] || return 1
  if [ -L "$1" ]; then open="\"$1\" is a link" && return 1; fi
  find_open "$1"
  [ -z "$open" ]
}

# Sets temporary to a folder in which nobody else can move away what is made there. An owner could, whatever its mode.
choose_temporary() {
  temporary=$(cd -P "${TMPDIR:-/tmp}/" 2>/dev/null && pwd -P) ||
    fail 25 "Cannot make a folder in \"${TMPDIR:-/tmp}\": it cannot be entered" 'set TMPDIR to a folder that you may write to'
  ct_why=
  for ct_folder in "$temporary" /tmp; do
    temporary=$ct_folder
    find_any_open "$temporary" above
    if [ -z "$open" ]; then
      # shellcheck disable=SC2012
      case $(ls -ldn "$temporary/" | awk '{ print $3 }') in 0 | "$user" | "$top") ;; *) open="\"$temporary\" belongs to another user" ;; esac
    fi
    if [ -z "$open" ]; then
      [ -z "$ct_why" ] || warn "taking /tmp for temporary files: $ct_why"
      return 0
    fi
    ct_why=${ct_why:-$open}
  done
  fail 23 "Cannot use the folder for temporary files: $ct_why" 'set TMPDIR to a folder of your own'
}

# Where others may write, they could put another file in the place of the one that was proven.
check_folder() {
  if [ -e "$bin" ] || [ -L "$bin" ]; then
    [ -d "$bin" ] || fail 25 "Cannot install km into \"$bin\": it is no folder" 'remove it, or set KM_INSTALL to another folder'
  fi
  cf_path=$bin cf_above=
  while [ ! -d "$cf_path/" ]; do cf_path=${cf_path%/*}; done
  [ "$cf_path" = "$bin" ] || cf_above=above
  cf_path=$(cd -P "$cf_path/" 2>/dev/null && pwd -P) || return 0
  if [ -n "$cf_above" ] && [ -z "$(find "$cf_path/" -prune -user "$user" 2>/dev/null)" ] && [ -z "$(find "$cf_path/" -prune -user 0 2>/dev/null)" ]; then
    cf_above=
  fi
  while [ -n "$cf_path" ]; do
    find_open "$cf_path" $cf_above
    [ -z "$open" ] || fail 23 "Cannot install km into \"$bin\": $open" 'close it to others (chmod go-w), or set KM_INSTALL to a folder of your own'
    cf_path=${cf_path%/*} cf_above=above
  done
}

cannot_write() { fail_by_tool "Cannot write into \"$bin\"" 'set KM_INSTALL to a folder that you may write to'; }

# What has the name for the old km, and is none, would be lost.
check_previous() {
  [ -n "$keeps_old" ] || return 0
  look_at "$km.previous"
  [ "$what" != other ] || fail 25 "Cannot keep the km that is there as \"$km.previous\": something else has that name" 'move it away'
}

# Sets new_folder to one that is closed to others, on the disk of the place where km goes: the last step is a rename.
make_new_folder() {
  make_folder "$bin" || fail_by_tool "Cannot make the folder \"$bin\"" 'set KM_INSTALL to a folder that you may write to'
  make_random new_folder -d "$bin/.km-new-XXXXXX" || cannot_write
  new_file=$new_folder/km
  # A shell that may not execute a file could still read it as a script.
  { printf '#!/bin/sh\n' >"$new_folder/runs" && chmod 700 "$new_folder/runs"; } 2>"$work/err" || cannot_write
  env "$new_folder/runs" 2>/dev/null || fail 30 "Cannot install km into \"$bin\": programs do not run there (a disk mounted with noexec)" \
    'set KM_INSTALL to a folder on another disk'
}

download_km() {
  make_new_folder
  dk_free=$(df -Pk "$bin" 2>/dev/null | awk 'NR == 2 { print $4 }')
  case $dk_free in
    '' | *[!0-9]*) ;;
    *) [ "$dk_free" -gt $((file_bytes / 1024)) ] || fail 14 "Cannot install km into \"$bin\": the disk has $dk_free kB left, and km takes $((file_bytes / 1024 + 1)) kB" \
         'make room, or set KM_INSTALL to a folder on another disk' ;;
  esac
  say "downloading km $version for $target ($((file_bytes / 1000000)) MB)"
  dk_shown=$(shown "$file_url")
  fetch "$file_url" "$new_file" "$file_bytes" progress || fail "$fetch_fault" "Cannot download \"$dk_shown\": $why" "$advice"
  dk_bytes=$(wc -c <"$new_file" | tr -d ' ')
  [ "$dk_bytes" = "$file_bytes" ] || fail 24 "Cannot use what came from \"$dk_shown\": it has $dk_bytes bytes, not $file_bytes" \
    'the download was cut, or the file is another one: run it again'
  [ "$(sha256_of "$new_file")" = "$file_sha256" ] || fail 23 "Cannot trust what came from \"$dk_shown\": its SHA-256 is not the one in the signed manifest" \
    'nothing was installed; run it again, and if it stays so, tell those who serve it'
}

# It must run here before anything is replaced by it. This start unpacks, too: into the new folder, which goes whatever comes.
prove_new() {
  chmod 755 "$new_file" 2>"$work/err" || cannot_write
  pn_code=0
  run_limited "$proof_seconds" env XDG_CACHE_HOME="$new_folder/cache" TMPDIR="$new_folder" "$new_file" --version || pn_code=$?
  [ ! -e "$work/late" ] || fail 25 "Cannot use the new km: it does not say its version within $proof_seconds seconds" 'nothing was replaced; run it again when the computer is less busy'
  pn_says=$(cat "$work/says")
  [ "$pn_code $pn_says" != "0 km $version" ] || return 0
  ! grep -q 'No space left' "$work/err" || fail 14 "Cannot start the new km in \"$bin\": the disk is full" 'nothing was replaced; its first start takes 100 MB of space'
  fail 25 "Cannot use the new km: it does not say \"km $version\" but \"$pn_says$(sed -n 1p "$work/err")\"" \
    'nothing was replaced; an older glibc than 2.28 looks like this'
}

swap() {
  if [ -n "$keeps_old" ]; then
    ln "$km" "$new_folder/previous" 2>/dev/null || cp -p "$km" "$new_folder/previous" 2>"$work/err" || cannot_write
    mv -f "$new_folder/previous" "$km.previous" 2>"$work/err" || cannot_write
  fi
  mv -f "$new_file" "$km" 2>"$work/err" || cannot_write
  in_place=1
  rm -rf "$new_folder"
  new_folder=
}

say_replaced() {
  case $old in
    km) if [ "$old_version" = "$version" ]; then say "  replaced: a km $old_version that was not the released file"
        else say "  replaced: km $old_version, kept as $km.previous"; fi ;;
    checkout) say "  replaced: the command of a checkout (deno task install), kept as $km.previous" ;;
    broken) say "  replaced: a km that did not run" ;;
  esac
}

# ---- PATH --------------------------------------------------------------------------------------------------------------------------------

find_shell() {
  shell_name=${SHELL-}
  [ -n "$shell_name" ] || shell_name=$(getent passwd "$user" 2>/dev/null | cut -d: -f7)
  shell_name=${shell_name##*/}
}

# ZDOTDIR is often set in .zshenv and not exported: then zsh alone knows it. It runs that file, so it must be nobody else's.
ask_zsh() {
  if [ -n "${ZDOTDIR-}" ] || [ ! -f "$home/.zshenv" ] || ! has zsh; then return 0; fi
  if [ -n "$(find -L "$home/.zshenv" -prune -user "$user" ! -perm -002 2>/dev/null)" ] && run_limited 5 zsh -c 'print -r -- "${ZDOTDIR:-$HOME}"'; then
    az_folder=$(sed -n '$p' "$work/says")
    case $az_folder in /*) zdotdir=$az_folder ;; esac
  fi
}

# Sets kind, profile, and login_profile where a login shell does not read the same file.
find_profiles() {
  find_shell
  login_profile=
  case $shell_name in
    zsh) kind=zsh profile=$zdotdir/.zshrc ;;
    fish) kind=fish profile=$config_home/fish/conf.d/km.fish ;;
    bash)
      kind=bash profile=$home/.bashrc
      for fp_name in .bash_profile .bash_login .profile; do
        if [ -e "$home/$fp_name" ] || [ -L "$home/$fp_name" ]; then login_profile=$home/$fp_name && break; fi
      done
      if [ -z "$login_profile" ]; then
        if [ "$system" = Darwin ]; then login_profile=$home/.bash_profile; else login_profile=$home/.profile; fi
      elif grep -v '^ *#' "$login_profile" 2>/dev/null | grep -q bashrc; then login_profile=
      fi ;;
    *) kind=sh profile=$home/.profile ;;
  esac
}

on_path() { case :$PATH: in *:"$bin":*) return 0 ;; *) return 1 ;; esac; }

# Whether a file has lines of ours; they are in $work/blocks then.
has_block() { split_file "$1" 2>/dev/null && [ -s "$work/blocks" ]; }

# Whether PATH has the folder by other means than our lines and this one shell.
path_is_set_elsewhere() {
  on_path || return 1
  for pise_file in "$profile" "$login_profile"; do
    if has_block "$pise_file" && grep -q '\$PATH' "$work/blocks"; then return 1; fi
  done
  case $bin in "$home"/*) ;; *) return 0 ;; esac
  for pise_file in "$profile" "$login_profile" "$home/.profile" "$home/.zprofile" "$home/.zshenv"; do
    if [ -f "$pise_file" ] && ! has_block "$pise_file" && grep -v '^ *#' "$pise_file" | grep -qF "${bin#"$home"/}"; then return 0; fi
  done
  return 1
}

# Sets wants_path: whether lines for PATH belong into the start-up files. Refuses files that cannot be written before anything is done.
plan_profiles() {
  find_profiles
  wants_path=1
  if [ -z "$modify_path" ]; then wants_path='' profile='' login_profile='' && return 0; fi
  if path_is_set_elsewhere; then wants_path=; fi
  # zsh finds its completions by a line of the same block.
  if [ -z "$wants_path" ]; then
    login_profile=
    [ "$kind" = zsh ] || profile=
  fi
  profile=$(usable_profile "$profile") || exit
  login_profile=$(usable_profile "$login_profile") || exit
}

# Prints the file when it may be written; nothing when it is another user's. Fails when it is ours and cannot be written.
usable_profile() {
  [ -n "$1" ] || return 0
  if [ -e "$1" ]; then
    [ -f "$1" ] || fail 25 "Cannot add PATH to \"$1\": it is no file" 'use --no-modify-path and set PATH yourself'
    if [ -z "$(find -L "$1" -prune -user "$user" 2>/dev/null)" ]; then
      warn "\"$1\" belongs to somebody else: left alone"
      return 0
    fi
    [ -w "$1" ] || fail 25 "Cannot add PATH to \"$1\": it is read-only" 'make it writable, or use --no-modify-path and set PATH yourself'
  else
    up_folder=${1%/*}
    while [ ! -e "$up_folder" ] && [ -n "$up_folder" ]; do
      case $up_folder in */*) up_folder=${up_folder%/*} ;; *) up_folder= ;; esac
    done
    { [ ! -L "$1" ] && [ -d "$up_folder/" ] && [ -w "$up_folder/" ]; } ||
      fail 25 "Cannot add PATH to \"$1\": it cannot be made there" 'make its folder writable, or use --no-modify-path and set PATH yourself'
  fi
  printf '%s' "$1"
}

# The lines between the marks: kind of shell, second line.
block() {
  b_folder=$(escaped "$bin" "$1")
  printf '%s\n%s\n' '# km: begin' "$2"
  case ${wants_path:+$1} in
    fish) printf 'contains -- "%s" $PATH; or set -gx PATH "%s" $PATH\n' "$b_folder" "$b_folder" ;;
    ?*) printf 'case ":$PATH:" in *":%s:"*) ;; *) export PATH="%s:$PATH" ;; esac\n' "$b_folder" "$b_folder" ;;
  esac
  case $1 in
    bash) # bash-completion finds the file by itself.
      b_file=$(escaped "$bash_completions" bash)
      printf 'if [ -z "${BASH_COMPLETION_VERSINFO-}" ] && [ -f "%s" ]; then . "%s"; fi\n' "$b_file" "$b_file" ;;
    zsh) # Before compinit the first line is enough, behind it the second is needed.
      printf 'fpath+=("%s")\n' "$(escaped "${zsh_completions%/*}" zsh)"
      printf '%s\n' 'if whence compdef >/dev/null; then autoload -Uz _km && compdef _km km; fi' ;;
  esac
  printf '%s\n' '# km: end'
}

WRITTEN="# written by km's install.sh, removed by its --uninstall"
MADE="# this file was made by km's install.sh, its --uninstall removes it"
UNENDED='# the last line of this file had no end'

# Splits a start-up file: what install.sh wrote comes into $work/blocks, the rest into $work/rest. Ours is a pair of marks that has nothing
# but lines that we write between it, whatever ends a line; what else is marked stays in the rest, and is said in $damaged.
split_file() {
  damaged=
  true >"$work/rest"
  true >"$work/blocks"
  rm -f "$work/damaged"
  [ -f "$1" ] || return 1
  # Not every awk keeps a zero byte.
  [ "$(tr -d '\000' <"$1" | wc -c)" -eq "$(wc -c <"$1")" ] || { echo 'it is no text' >"$work/err" && return 1; }
  sf_open=
  ! has_open_end "$1" || sf_open=1
  # shellcheck disable=SC2094
  WORK=$work WRITTEN=$WRITTEN MADE=$MADE UNENDED=$UNENDED OPEN_END=$sf_open awk '
    function ours(l) {
      return l == ENVIRON["WRITTEN"] || l == ENVIRON["MADE"] || l == ENVIRON["UNENDED"] ||
        l ~ /^case ":[$]PATH:" in [*]":([^"\\]|\\.)*:"[*][)] ;; [*][)] export PATH="([^"\\]|\\.)*:[$]PATH" ;; esac$/ ||
        l ~ /^contains -- "([^"\\]|\\.)*" [$]PATH; or set -gx PATH "([^"\\]|\\.)*" [$]PATH$/ ||
        l ~ /^if \[ -z "[$][{]BASH_COMPLETION_VERSINFO-[}]" \] && \[ -f "([^"\\]|\\.)*" \]; then [.] "([^"\\]|\\.)*"; fi$/ ||
        l ~ /^fpath[+]=[(]"([^"\\]|\\.)*"[)]$/ ||
        l == "if whence compdef >/dev/null; then autoload -Uz _km && compdef _km km; fi"
    }
    function keep(l) { printf "%s%s", lf, l; lf = "\n" }
    function give_back(   i) {
      for (i = 1; i <= held; i++) keep(lines[i])
      held = 0
      print "x" >(ENVIRON["WORK"] "/damaged")
    }
    { line = $0; sub(/\r$/, "", line) }
    held && line == "# km: end" {
      for (i = 1; i <= held; i++) print lines[i] >(ENVIRON["WORK"] "/blocks")
      print >(ENVIRON["WORK"] "/blocks")
      held = 0; last = NR; joined = unended
      next
    }
    held && ours(line) { lines[++held] = $0; if (line == ENVIRON["UNENDED"]) unended = 1; next }
    held { give_back() }
    line == "# km: begin" { held = 1; lines[1] = $0; unended = 0; next }
    { keep($0) }
    END {
      if (held) give_back()
      if (lf != "" && !(last == NR && joined) && !(last != NR && ENVIRON["OPEN_END"])) printf "\n"
    }' <"$1" >"$work/rest" 2>"$work/err" || return 1
  [ ! -e "$work/damaged" ] || damaged=1
}

# Whether the last line of a file has no end.
has_open_end() { [ -n "$(tail -c 1 "$1" | tr '\n' ' ' | tr -d ' ')" ]; }

# Text, file; or what is piped in.
has_line() { if [ $# = 2 ]; then tr -d '\r' <"$2"; else tr -d '\r'; fi | grep -qxF -e "$1"; }

warn_of_damage() { [ -z "$damaged" ] || warn "\"$1\" has a line \"# km: begin\" that install.sh's own lines and \"# km: end\" do not follow: left alone"; }

# The folder that the lines in $work/blocks put on PATH.
folder_of_block() {
  fob_text=$(sed -n -e 's/.* export PATH="\(.*\):[$]PATH" ;; esac.*/\1/p' -e 's/.* set -gx PATH "\(.*\)" [$]PATH.*/\1/p' "$work/blocks" | sed -n 1p)
  case $fob_text in
    '$HOME/'*) printf '%s/' "$home" && fob_text=${fob_text#'$HOME/'} ;;
  esac
  printf '%s' "$fob_text" | sed 's/\\\(.\)/\1/g'
}

# Mode, links, owner and group.
# shellcheck disable=SC2012
mark_of() { ls -ldn "$1" 2>/dev/null | awk '{ print $1, $2, $3, $4 }'; }

# Puts the text of a file in the place of another, or of none: text, file. That one is whole at every moment; it keeps its owner and its mode,
# and a link to somebody's dotfiles stays one.
replace_file() {
  rf_file=$2 rf_links=0
  while [ -L "$rf_file" ] && [ "$rf_links" -lt 40 ]; do
    rf_to=$(readlink "$rf_file" 2>/dev/null) || break
    case $rf_to in /*) rf_file=$rf_to ;; *) rf_file=${rf_file%/*}/$rf_to ;; esac
    rf_links=$((rf_links + 1))
  done
  if [ ! -L "$rf_file" ] && make_random unfinished "$rf_file.km-unfinished-XXXXXX"; then
    if [ -e "$rf_file" ]; then cp -p "$rf_file" "$unfinished" 2>"$work/err"; else chmod 644 "$unfinished"; fi
    if ! { cat "$1" >"$unfinished"; } 2>"$work/err"; then rf_done=1
    elif [ -e "$rf_file" ] && [ "$(mark_of "$rf_file")" != "$(mark_of "$unfinished")" ]; then rf_done=
    elif mv -f "$unfinished" "$rf_file" 2>"$work/err"; then unfinished='' && return 0
    else rf_done=
    fi
    rm -f "$unfinished"
    unfinished=
    [ -z "$rf_done" ] || return 1
  fi
  unfinished=
  [ -e "$rf_file" ] || return 1
  # No file can be put beside it, or not with the same owner, or it has a second name: written in place, and back when that fails.
  cp "$rf_file" "$work/backup" 2>"$work/err" || return 1
  trap '' HUP INT PIPE TERM
  rf_done=1
  { cat "$1" >"$rf_file"; } 2>"$work/err" || { rf_done= && cat "$work/backup" >"$rf_file"; }
  catch_signals
  [ -n "$rf_done" ]
}

# Removes what a killed install left beside a start-up file.
sweep_unfinished() {
  [ -z "$dry_run" ] || return 0
  for su_file in "$1".km-unfinished-??????; do
    if [ -f "$su_file" ]; then find "$su_file" -prune -type f -user "$user" -mmin +60 -exec rm -f {} + 2>/dev/null; fi
  done
}

# File, kind. Says what it did in $block_state: added, changed or there.
put_block() {
  block_state=added pb_second=$WRITTEN
  sweep_unfinished "$1"
  if [ -e "$1" ]; then
    split_file "$1" || return 1
    warn_of_damage "$1"
    ! has_line "$MADE" "$work/blocks" || pb_second=$MADE
  else
    pb_second=$MADE
    true >"$work/rest"
    true >"$work/blocks"
  fi
  block "$2" "$pb_second" >"$work/block"
  if [ -s "$work/blocks" ]; then
    [ "$(grep -vxF -e "$UNENDED" "$work/blocks")" != "$(cat "$work/block")" ] || { block_state=there && return 0; }
    block_state=changed
  fi
  [ -z "$dry_run" ] || return 0
  make_folder "${1%/*}" || return 1
  {
    cat "$work/rest"
    # What does not end with a line feed would swallow the first line.
    if has_open_end "$work/rest"; then
      printf '\n'
      sed "s/^# km: begin\$/&\\
$UNENDED/" "$work/block"
    else cat "$work/block"
    fi
  } >"$work/text" 2>"$work/err" && replace_file "$work/text" "$1"
}

# Removes our lines from a file. A file that was made for them goes when nothing else is in it.
take_block() {
  split_file "$1" || return 1
  if [ ! -s "$work/rest" ] && [ ! -L "$1" ] && has_line "$MADE" "$work/blocks"; then rm -f "$1" 2>"$work/err"
  else replace_file "$work/rest" "$1"
  fi
}

modify_profiles() {
  mp_done=
  for mp_file in "$login_profile" "$profile"; do
    [ -n "$mp_file" ] || continue
    mp_kind=$kind
    # A login profile may be read by other shells than bash.
    if [ "$mp_file" = "$login_profile" ]; then mp_kind='sh'; fi
    put_block "$mp_file" "$mp_kind" || fail_by_tool "Cannot write \"$mp_file\"" \
      "km is installed as \"$km\"; run it again with --no-modify-path and set PATH yourself"
    mp_done="$mp_done${mp_done:+, }$mp_file ($block_state)"
  done
  [ -z "$mp_done" ] || say "  ${dry_run:+would write }start-up file: $mp_done"
}

# ---- Completions -------------------------------------------------------------------------------------------------------------------------

# What is put at the end of a file with completions: a sum by which a file that somebody has changed is told from ours.
completion_mark() { printf '%s (%s)\n' "$WRITTEN" "$(cksum <"$1" | tr -s ' \t' '  ')"; }

# Whether a file is just as install.sh wrote it, or as the km there or the one before prints it: shell, file. In a dry run no km is run:
# how the file begins is enough to tell what would be done.
is_our_completion() {
  [ -f "$2" ] || return 1
  sed '$d' "$2" >"$work/unmarked"
  completion_mark "$work/unmarked" >"$work/mark"
  [ "$(tail -n 1 "$2")" != "$(cat "$work/mark")" ] || return 0
  case $1 in zsh) ioc_first='#compdef km' ;; *) ioc_first="# $1 completion for km" ;; esac
  [ "$(sed -n 1p "$2")" = "$ioc_first" ] || return 1
  [ -z "$dry_run" ] || return 0
  for ioc_km in "$km" "$km.previous"; do
    look_at "$ioc_km"
    if [ "$what" = km ] && may_run "$ioc_km" && run_limited "$proof_seconds" "$ioc_km" completions "$1" &&
      [ "$(cat "$work/says")" = "$(cat "$2")" ]; then return 0; fi
  done
  return 1
}

# Shell, file. What somebody else put there stays.
put_completion() {
  has "$1" || return 0
  if [ -e "$2" ] || [ -L "$2" ]; then
    is_our_completion "$1" "$2" || {
      warn "\"$2\" is not km's: left alone"
      return 0
    }
  fi
  if [ -z "$dry_run" ]; then
    { make_folder "${2%/*}" && run_limited "$proof_seconds" "$km" completions "$1" && cp "$work/says" "$work/text" &&
      completion_mark "$work/says" >>"$work/text" && replace_file "$work/text" "$2"; } || {
      warn "cannot write completions for $1 into \"$2\""
      return 0
    }
  fi
  completed="$completed${completed:+, }$1 ($2)"
}

install_completions() {
  completed=
  put_completion bash "$bash_completions"
  # Who does not use zsh but has it, as on macOS, has no .zshrc.
  if [ "$kind" = zsh ] || [ -e "$zdotdir/.zshrc" ]; then put_completion zsh "$zsh_completions"; fi
  put_completion fish "$fish_completions"
  [ -n "$completed" ] || return 0
  say "  ${dry_run:+would write }completions: $completed"
  case $completed in *'zsh ('*) ;; *) return 0 ;; esac
  if [ "$kind" != zsh ] || [ -z "$profile" ]; then
    say "  for zsh, put this into .zshrc, before compinit: fpath+=(\"$(escaped "${zsh_completions%/*}" zsh)\")"
  elif ! grep -qE 'compinit|oh-my-zsh|prezto|zinit|antigen|zimfw' "$profile" 2>/dev/null; then
    say '  zsh completes nothing yet; to switch it on, put this into .zshrc: autoload -Uz compinit && compinit'
  fi
}

# ---- What to tell ------------------------------------------------------------------------------------------------------------------------

# The command that runs this script once more with the words given.
again() {
  a_get='curl -fsSL'
  [ "${downloader-}" != wget ] || a_get='wget -qO-'
  a_folder=
  [ "$bin" = "$home/.km/bin" ] || a_folder="KM_INSTALL=\"$(escaped "$bin" sh)\" "
  printf '%s' "$a_get $(shown "${base:-<address>}")/install.sh | ${a_folder}sh -s -- $*"
}

# Another km that a shell would find before ours.
warn_of_shadow() {
  wos_rest=$PATH:
  while [ -n "$wos_rest" ]; do
    wos_folder=${wos_rest%%:*}
    wos_rest=${wos_rest#*:}
    [ "$wos_folder" != "$bin" ] || return 0
    if [ -n "$wos_folder" ] && [ -f "$wos_folder/km" ] && [ -x "$wos_folder/km" ]; then
      if on_path || [ -z "$profile" ]; then warn "\"$wos_folder/km\" comes first on PATH and hides \"$km\""
      else warn "\"$wos_folder/km\" is another km; in new shells \"$km\" comes first"; fi
      return 0
    fi
  done
}

say_next() {
  say "  to undo: $(again --uninstall)"
  warn_of_shadow
  say 'next:'
  if ! on_path; then
    if [ "$kind" = fish ]; then sn_line="set -gx PATH \"$(escaped "$bin" fish)\" \$PATH"; else sn_line="export PATH=\"$(escaped "$bin" sh):\$PATH\""; fi
    if [ -n "$profile" ]; then say "  $sn_line    (for this shell; new ones have it)"; else say "  $sn_line    (and put it into your shell's start-up file)"; fi
  fi
  say '  km demo'
  # A km that is a pre-release asks that channel by itself.
  case $channel${pinned:+.}$version in beta[0-9]*-*) ;; beta[0-9]*) say '  km config set update.channel beta    (km update follows stable otherwise)' ;; esac
}

# ---- Uninstall ---------------------------------------------------------------------------------------------------------------------------

# Does something, or says that it would: what it is, then the command.
step() {
  st_what=$1
  shift
  if [ -n "$dry_run" ]; then say "would remove $st_what" && return 0; fi
  if "$@" 2>"$work/err"; then say "removed $st_what"; else
    printf 'km: error: Cannot remove %s: %s\n' "$st_what" "$(state_of_error)" >&2
    failed=1
  fi
}

stop_service() {
  if ! may_run "$km"; then
    warn "\"$km\" is not run, so it stops no km serve and removes no service: $open"
    return 0
  fi
  ss_unit=
  for ss_file in "$config_home/systemd/user/km.service" "$home/Library/LaunchAgents/dev.km.serve.plist"; do
    if [ -f "$ss_file" ] && grep -qF -e "$km" "$ss_file"; then ss_unit=$ss_file; fi
  done
  if [ -n "$ss_unit" ]; then step "the service $ss_unit" run_limited "$proof_seconds" "$km" service uninstall; fi
  if [ -n "$other_km" ]; then return 0; fi
  if [ -n "$dry_run" ]; then
    [ ! -e "$data/daemon.json" ] || say 'would stop km serve'
  elif run_limited "$proof_seconds" "$km" stop; then cat "$work/says"
  fi
}

# What km unpacked, in the user's cache and, where that could not be written, in the folder for temporary files.
remove_unpacked() {
  case ${XDG_CACHE_HOME-} in
    /*) ru_cache=$XDG_CACHE_HOME/km ;;
    *) if [ "$system" = Darwin ]; then ru_cache=$home/Library/Caches/km; else ru_cache=$home/.cache/km; fi ;;
  esac
  case ${TMPDIR-} in /*) ru_temporary=${TMPDIR%/} ;; *) ru_temporary=/tmp ;; esac
  for ru_base in "$ru_cache" "$ru_temporary/km-$user"; do
    [ -n "$(find -H "$ru_base" -prune -type d -user "$user" 2>/dev/null)" ] || continue
    for ru_folder in "$ru_base"/* "$ru_base"/.[!.]*; do
      if is_unpacked "$ru_folder"; then step "$ru_folder" rm -rf "$ru_folder"; fi
    done
    remove_empty "$ru_base"
  done
}

# A folder with Deno and km is named by 32 hexadecimal digits. While it is made there are a folder .new-<process>-<namespace>-<start>, and a
# link .lock-<digits> to such a name.
is_unpacked() {
  iu_name=${1##*/}
  if [ -L "$1" ]; then printf '%s\n' "$iu_name" | grep -qE '^\.lock-[0-9a-f]{32}$'
  elif [ ! -d "$1" ]; then return 1
  elif [ -f "$1/deno" ] && [ -d "$1/app" ] && printf '%s\n' "$iu_name" | grep -qE '^[0-9a-f]{32}$'; then return 0
  else printf '%s\n' "$iu_name" | grep -qE '^\.new-[0-9]+-[0-9]*-[0-9]*$'
  fi
}

# A folder that is km's by its place. One that has something in it stays, and so do those above.
remove_empty() { [ -n "$dry_run" ] || rmdir "$1" 2>/dev/null || :; }

# Before km goes, because it tells which files are its own.
find_completions() {
  our_bash='' our_zsh='' our_fish=''
  ! is_our_completion bash "$bash_completions" || our_bash=$bash_completions
  ! is_our_completion zsh "$zsh_completions" || our_zsh=$zsh_completions
  ! is_our_completion fish "$fish_completions" || our_fish=$fish_completions
}

remove_completions() {
  for rc_file in "$our_bash" "$our_zsh" "$our_fish"; do
    [ -z "$rc_file" ] || step "$rc_file" rm -f "$rc_file"
  done
  remove_empty "${zsh_completions%/*}"
}

# Calls a function with each start-up file that may have lines of ours.
each_profile() {
  for ep_file in "$home/.bashrc" "$home/.bash_profile" "$home/.bash_login" "$home/.profile" "$zdotdir/.zshrc" "$config_home/fish/conf.d/km.fish"; do
    if [ -f "$ep_file" ]; then "$1" "$ep_file"; fi
  done
  if [ "${zdotdir%/}" != "$home" ] && [ -f "$home/.zshrc" ]; then "$1" "$home/.zshrc"; fi
}

is_other_km() {
  [ "$1" != "$bin" ] || return 1
  look_at "$1/km"
  [ "$what" = km ] || [ "$what" = checkout ]
}

look_for_other() {
  if has_block "$1"; then
    lfo_folder=$(folder_of_block)
    if [ -n "$lfo_folder" ] && is_other_km "$lfo_folder"; then other_km=$lfo_folder/km; fi
  fi
}

# Sets other_km to another km of this home, which goes on needing what they share.
find_other() {
  other_km=
  each_profile look_for_other
  if is_other_km "$home/.km/bin"; then other_km=$home/.km/bin/km; fi
}

remove_block() {
  sweep_unfinished "$1"
  if ! split_file "$1" 2>/dev/null; then
    if [ ! -r "$1" ]; then warn "\"$1\" cannot be read: if km's lines are in it, they stay"
    elif tr -d '\000' <"$1" | has_line '# km: begin'; then warn "km's lines in \"$1\" stay: $(state_of_error)"; fi
    return 0
  fi
  has_block "$1" || [ -n "$damaged" ] || return 0
  warn_of_damage "$1"
  [ -s "$work/blocks" ] || return 0
  rb_folder=$(folder_of_block)
  if [ -n "$other_km" ] && [ "$rb_folder" != "$bin" ] && { [ -z "$rb_folder" ] || is_other_km "$rb_folder"; }; then
    say "left km's lines in $1: they are for ${rb_folder:-$other_km}"
  else step "km's lines in $1" take_block "$1"
  fi
}

# Removes a file that is km, and says why when it is not: nothing else is run or removed.
remove_program() {
  look_at "$1"
  case $what in
    none) ;;
    checkout) say "left $1: it is the command of a checkout (deno task install)" ;;
    other) warn "left \"$1\": it is not km, or none that can be told from another program" ;;
    *)
      if [ "$what $1" = "km $km" ]; then stop_service; fi
      step "$1" rm -f "$1" ;;
  esac
}

remove_km() {
  [ -e "$km" ] || [ -L "$km" ] || say "there is no $km"
  remove_program "$km"
  remove_program "$km.previous"
  # The lock of an update has nothing in it.
  if [ -f "$km.update-lock" ] && [ ! -s "$km.update-lock" ]; then step "$km.update-lock" rm -f "$km.update-lock"; fi
  sweep_all
}

# km's copies of Deno: runtime/deno-<version>-<target>/deno, and what was being written. What else is there stays.
remove_runtime() {
  [ -d "$data/runtime" ] && [ ! -L "$data/runtime" ] || return 0
  for rr_folder in "$data/runtime"/deno-[0-9]*-*-*; do
    if [ ! -d "$rr_folder" ] || [ -L "$rr_folder" ]; then continue; fi
    printf '%s\n' "${rr_folder##*/}" | grep -qE '^deno-[0-9]+\.[0-9]+\.[0-9]+-(x86_64|aarch64)-(unknown-linux-gnu|apple-darwin)$' || continue
    for rr_file in "$rr_folder/deno" "$rr_folder"/.deno.????????-????-????-????-????????????; do
      if [ -f "$rr_file" ] && [ ! -L "$rr_file" ]; then step "$rr_file" rm -f "$rr_file"; fi
    done
    if [ -z "$dry_run" ] && rmdir "$rr_folder" 2>/dev/null && [ -f "$data/runtime/lock" ] && [ ! -s "$data/runtime/lock" ]; then rm -f "$data/runtime/lock"; fi
  done
  remove_empty "$data/runtime"
}

# The news of releases are no record. km writes them with these keys first.
remove_news() {
  [ -f "$data/update.json" ] && [ ! -L "$data/update.json" ] || return 0
  case $(sed -n '1,3p' "$data/update.json" | tr -d ' \r\n') in '{"nextCheckAt":'*',"checkedAt":'*) ;; *) return 0 ;; esac
  step "$data/update.json" rm -f "$data/update.json"
  if [ -f "$data/update.json.lock" ] && [ ! -s "$data/update.json.lock" ]; then step "$data/update.json.lock" rm -f "$data/update.json.lock"; fi
}

# "km", which km writes into its database (SQLite's application id).
is_database() { [ -f "$1" ] && [ "$(dd if="$1" bs=1 count=6 2>/dev/null)$(dd if="$1" bs=1 skip=68 count=2 2>/dev/null)" = SQLitekm ]; }

# Before anything is removed: whether what was recorded may go, too.
check_purge() {
  if [ ! -d "$data" ]; then purging='' && return 0; fi
  if [ "$data" = "$home" ] || [ "$data" = / ] || { [ "$data" != "$home/.km" ] && ! is_database "$data/km.db"; }; then
    fail 2 "Cannot delete what km recorded in \"$data\": it does not look like km's" 'delete what km wrote there by hand'
  fi
  if [ -n "$dry_run" ] || [ -n "$yes" ]; then return 0; fi
  (exec </dev/tty) 2>/dev/null || fail 2 "Cannot ask whether to delete what is in \"$data\": there is no terminal" 'add --yes'
  printf 'delete everything that km recorded in "%s"? [y/N] ' "$data" >/dev/tty
  read -r cp_answer </dev/tty || cp_answer=
  case $cp_answer in [yY] | [yY][eE][sS]) ;; *) fail 2 'Cannot go on: the answer was no' 'without --purge, what was recorded stays' ;; esac
}

# km's files by their names; in another folder than ~/.km, a database of km's was found beside them.
purge() {
  set -- km.db km.db-wal km.db-shm km.db-journal
  if [ -s "$data/km.db" ] && [ "$(dd if="$data/km.db" bs=1 count=15 2>/dev/null)" != 'SQLite format 3' ]; then set --; fi
  for p_name in "$@" config.jsonc token daemon.json daemon.lock daemon.log daemon.log.1 keys.json signed-out.json update.json; do
    for p_file in "$data/$p_name" "$data/$p_name.lock" "$data/$p_name.new" "$data/$p_name".*.tmp; do
      if [ -f "$p_file" ] || [ -L "$p_file" ]; then step "$p_file" rm -f "$p_file"; fi
    done
  done
}

# The folders of km's home, where nothing is left in them; says what is.
leave_home() {
  remove_empty "$data/bin"
  remove_empty "$data"
  if [ -n "$dry_run" ] || [ ! -d "$data" ] || [ "$data" = "$home" ]; then return 0; fi
  lh_left=$(find "$data/" -mindepth 1 -maxdepth 1 ! -name bin ! -name completions 2>/dev/null | sed -e 's|.*/||' -e 20q | tr '\n' ' ')
  if [ -n "$purging" ]; then
    lh_left=$(find "$data/" -mindepth 1 -maxdepth 1 2>/dev/null | sed -e 's|.*/||' -e 20q | tr '\n' ' ')
    [ -z "$lh_left" ] || say "left $data: what is still there was not recorded by km: $lh_left"
  elif [ -n "$lh_left" ] && { [ "$data" = "$home/.km" ] || is_database "$data/km.db"; }; then
    say "left what km recorded in $data; to delete it: $(again --uninstall --purge)"
  fi
}

uninstall() {
  data=${KM_HOME:-$home/.km}
  # shellcheck disable=SC2088
  case $data in '~') data=$home ;; '~/'*) data=$home/${data#'~/'} ;; /*) ;; *) data=$(pwd)/$data ;; esac
  while [ "${data%/}" != "$data" ]; do data=${data%/}; done
  data=${data:-/}
  failed=
  [ -z "$purging" ] || check_purge
  find_other
  find_completions
  remove_km
  each_profile remove_block
  if [ -n "$other_km" ]; then say "left completions and what km unpacked: $other_km is another km of yours"
  else
    remove_completions
    remove_unpacked
    remove_runtime
    remove_news
  fi
  [ "$bin" != "$home/.km/bin" ] || remove_empty "$bin"
  [ -z "$purging" ] || purge
  leave_home
  [ "$data" = "$home/.km" ] || remove_empty "$home/.km"
  [ -z "$failed" ] || fail 25 'Cannot remove all of km' 'what is named above is still there'
}

# ---- The whole ---------------------------------------------------------------------------------------------------------------------------

read_words() {
  dry_run='' uninstalling='' purging='' yes='' modify_path=1
  for rw_word in "$@"; do
    case $rw_word in
      --dry-run) dry_run=1 ;;
      --no-modify-path) modify_path= ;;
      --uninstall) uninstalling=1 ;;
      --purge) purging=1 ;;
      --yes | -y) yes=1 ;;
      --help | -h)
        usage
        exit 0 ;;
      *) fail 2 "Cannot use \"$rw_word\": there is no such option" '--help lists them' ;;
    esac
  done
  [ -z "$purging" ] || [ -n "$uninstalling" ] || fail 2 'Cannot purge alone' 'say --uninstall --purge'
}

tell_root() {
  [ "$user" = 0 ] || return 0
  [ -n "${KM_INSTALL-}" ] || say 'running as root: installing for root; for everybody, set KM_INSTALL=/usr/local/bin'
  [ -n "$(find "$home/" -prune -user 0 2>/dev/null)" ] || warn "HOME \"$home\" belongs to another user than root: what is written there will be root's"
}

would_install() {
  say "would download $(shown "$file_url") ($((file_bytes / 1000000)) MB) and check its SHA-256, $file_sha256"
  say "would install it as $km"
  [ -z "$keeps_old" ] || say "would keep the km that is there as $km.previous"
}

install_km() {
  check_base
  detect_target
  tell_root
  choose_downloader
  check_folder
  sweep_all
  plan_profiles
  choose_hasher
  choose_verifier
  get_manifest
  read_manifest
  look_at_old
  decide
  if [ "$action" = keep ]; then say "km $version is already installed: $km"
  elif [ -n "$dry_run" ]; then would_install
  else
    download_km
    prove_new
    swap
    say "installed km $version: $km"
    say "  proven by: the signature of the manifest ($verifier), SHA-256 of the file, a first start"
    say_replaced
  fi
  in_place=1
  modify_profiles
  install_completions
  if [ -n "$dry_run" ]; then say 'nothing was changed'; else say_next; fi
}

main() {
  # Whatever the shell was told when it was started.
  set +efC -u
  umask 022
  LC_ALL=C
  export LC_ALL
  IFS=' 	
'
  unset GREP_OPTIONS GREP_COLOR CDPATH POSIXLY_CORRECT || :
  child='' watch_number=0 work='' new_folder='' unfinished='' made_folders='' in_place='' downloader=''
  check_tools
  read_base
  read_words "$@"
  read_environment
  trap clean_up EXIT
  catch_signals
  choose_temporary
  make_random work -d "$temporary/km-install.XXXXXX" ||
    fail 25 "Cannot make a folder in \"$temporary\": ${mr_says##*: }" 'set TMPDIR to a folder that you may write to'
  ask_zsh
  if [ -n "$uninstalling" ]; then uninstall; else install_km; fi
}

# zsh splits words and expands patterns as sh does only when told to.
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
main "$@"
exit
}
