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

usage() {
  cat <<END
Installs km, or removes it.

usage: install.sh [--dry-run] [--no-modify-path]
       install.sh --uninstall [--purge [--yes]] [--dry-run]

  --dry-run          say what would be done; download the manifest at most, change nothing
  --no-modify-path   leave the shell's start-up files alone
  --uninstall        remove km, its previous version, what it unpacked, completions and the PATH lines
  --purge            with --uninstall: delete what km recorded, too; asks first
  --yes              with --purge: do not ask
  --help             this text

environment:
  KM_BASE_URL   address of the release folder ($base)
  KM_VERSION    install this version
  KM_CHANNEL    stable (default) or beta
  KM_INSTALL    folder of the command (default: ~/.km/bin)
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

# The state in what a tool wrote into $work/err: "mkdir: cannot create directory 'x': Read-only file system" -> "Read-only file system".
state_of_error() {
  soe=$(sed -n '$p' "$work/err" 2>/dev/null)
  printf '%s' "${soe##*: }"
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
  trap '' INT TERM HUP
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$new_file" ] || rm -f "$new_file"
  [ -z "$old_copy" ] || rm -f "$old_copy"
  # Folders that were made for nothing, deepest first. One that has something in it stays.
  if [ -z "$in_place" ]; then
    printf '%s' "$made_folders" | while IFS= read -r cu_folder; do rmdir "$cu_folder" 2>/dev/null; done
  fi
  [ -z "$work" ] || rm -rf "$work"
}

make_folder() {
  mf_up=$1
  while [ ! -d "$mf_up" ] && [ -n "$mf_up" ]; do
    made_folders="$made_folders$mf_up
"
    mf_up=${mf_up%/*}
  done
  # What is recorded will lie there: nobody else's business.
  case $1/ in "$home"/.km/*) [ -d "$home/.km" ] || mkdir -m 700 "$home/.km" 2>"$work/err" || return 1 ;; esac
  mkdir -p "$1" 2>"$work/err"
}

# Removes a folder and those above it while they are empty, up to the home.
remove_empty_folders() {
  ref_folder=$1
  while [ "$ref_folder" != "$home" ] && [ -n "$ref_folder" ] && rmdir "$ref_folder" 2>/dev/null; do
    ref_folder=${ref_folder%/*}
  done
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
  config_home=${XDG_CONFIG_HOME:-$home/.config}
  data_home=${XDG_DATA_HOME:-$home/.local/share}
  bash_completions=$data_home/bash-completion/completions/km
  fish_completions=$config_home/fish/completions/km.fish
  zsh_completions=$home/.km/completions/_km
  system=$(uname -s 2>/dev/null) || system=unknown
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
  case $base in
    https://?*) protocols='=https' ;;
    http://127.0.0.1 | http://127.0.0.1[:/]* | http://localhost | http://localhost[:/]* | 'http://[::1]'*) protocols='=http,https' ;;
    http://?*)
      [ -n "${KM_BASE_URL-}" ] || fail 2 "Cannot install km from \"$base\": it is not https" 'set KM_BASE_URL to the address of a release'
      protocols='=http,https'
      warn "\"$base\" is not encrypted: others can see what is downloaded; what it is, is proven by its signature" ;;
    *) fail 2 "Cannot install km from \"$base\": it is no address" 'set KM_BASE_URL to the address of a release, as https://example.org/km' ;;
  esac
  channel=${KM_CHANNEL:-stable}
  case $channel in stable | beta) ;; *) fail 2 "Cannot install from channel \"$channel\"" 'KM_CHANNEL is stable or beta' ;; esac
  pinned=${KM_VERSION-}
  pinned=${pinned#v}
  case $pinned in *[!0-9A-Za-z.+-]*) fail 2 "Cannot install version \"$pinned\": it is no version" 'KM_VERSION is one as 1.2.3' ;; esac
  if [ -n "$pinned" ]; then manifest_name=v$pinned.json; else manifest_name=$channel.json; fi
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
      fail 30 "Cannot install km from this shell: it runs on Windows ($system)" "in PowerShell: irm ${base:-<address>}/install.ps1 | iex" ;;
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
  else fail 1 'Cannot download km: there is neither curl nor wget' 'install one of them with your package manager'
  fi
}

# Address, file, "progress" or nothing. Through the shell's own redirection: a curl in a sandbox may not write where we may.
fetch_once() {
  fo_url=$1 fo_file=$2 fo_progress=
  if [ "${3-}" = progress ] && [ -t 2 ]; then fo_progress=1; fi
  if [ "$downloader" = curl ]; then
    set -- curl --fail --location --max-redirs 10 --proto "$protocols" --proto-redir "$protocols" \
      --connect-timeout 30 --speed-limit 1 --speed-time 60
    if [ -n "$fo_progress" ]; then set -- "$@" --progress-bar; else set -- "$@" --silent --show-error; fi
    set -- "$@" "$fo_url"
  else
    # shellcheck disable=SC2086
    set -- wget $wget_flags -O - "$fo_url"
    fo_progress=
  fi
  # In the background, because only "wait" ends at once when a signal comes.
  if [ -n "$fo_progress" ]; then
    true >"$work/err"
    "$@" >"$fo_file" </dev/null &
  else
    "$@" >"$fo_file" 2>"$work/err" </dev/null &
  fi
  child=$!
  wait "$child"
  fo_code=$?
  child=
  return "$fo_code"
}

# Says in $why and $advice what went wrong when it did. A refusal is final; a connection may come back.
fetch() {
  f_try=1
  while ! fetch_once "$@"; do
    why=$(sed -n '$p' "$work/err")
    [ -n "$why" ] || why="$downloader ended with $fo_code"
    case $why in
      *'rror: 40'[0-9]* | *'ERROR 40'[0-9]* | *HTTP/1.?' 40'[0-9]*) advice="nothing is there for you: check the address${KM_VERSION:+ and KM_VERSION}" && return 1 ;;
      *'No space left'* | *'Failure writing'* | *'Failed writing'* | *'client returned ERROR on write'* | *'Disk quota'* | *'write error'*)
        advice="make room on the disk of \"${2%/*}\", or choose another with KM_INSTALL" && return 1 ;;
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
      "install the package openssl or openssh-client; or, by hand on a computer that has it, download $base/$manifest_name and $base/$manifest_name.sshsig, write \"km ssh-ed25519 ${1-<key>}\" into a file \"signers\", run: ssh-keygen -Y verify -f signers -I km -n km -s $manifest_name.sshsig < $manifest_name; then compare the file's SHA-256 with the manifest's"
  fi
}

get_manifest() {
  manifest=$work/manifest.json
  fetch "$base/$manifest_name" "$manifest" || fail 24 "Cannot download \"$base/$manifest_name\": $why" "$advice"
  gm_ending=sig
  [ "$verifier" = openssl ] || gm_ending=sshsig
  fetch "$base/$manifest_name.$gm_ending" "$work/manifest.$gm_ending" ||
    fail 24 "Cannot download the signature \"$base/$manifest_name.$gm_ending\": $why" "$advice"
  verify_manifest || fail 23 "Cannot trust \"$base/$manifest_name\": $distrust" \
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

distrust_manifest() { fail 23 "Cannot trust \"$base/$manifest_name\": $1" "$2"; }

read_manifest() {
  rm_other='the address serves something else under this name; tell those who serve it'
  [ "$(field type)" = 'km release manifest' ] || distrust_manifest 'it is no release manifest' "$rm_other"
  [ "$(field format)" = 1 ] || distrust_manifest "its format is \"$(field format)\", and this install.sh reads format 1" 'download install.sh anew'
  version=$(field version)
  case $version in '' | *[!0-9A-Za-z.+-]*) distrust_manifest "its version is \"$version\"" "$rm_other" ;; esac
  rm_expires=$(field expires)
  case $rm_expires in ????-??-??T??:??:??Z) ;; *) distrust_manifest "its time of expiry is \"$rm_expires\"" "$rm_other" ;; esac
  rm_now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if [ -n "$pinned" ]; then
    [ "$version" = "$pinned" ] || distrust_manifest "it is of version $version, not of $pinned" "$rm_other"
    # Expiry keeps somebody from being held at an old release; who names a version asks for that one.
    expr "x$rm_expires" '>' "x$rm_now" >/dev/null || warn "the manifest of version $version expired on $rm_expires; taken because KM_VERSION names it"
  else
    [ "$(field channel)" = "$channel" ] || distrust_manifest "it is of channel \"$(field channel)\", not of \"$channel\"" "$rm_other"
    expr "x$rm_expires" '>' "x$rm_now" >/dev/null || distrust_manifest "it expired on $rm_expires, and the clock here says $rm_now" \
      'set the clock if it is wrong; else the address serves an old release, or none was made for long'
  fi
  entry=$(sed -n "s/^    \"$target\": {\(.*\)},\{0,1\}\$/\1/p" "$manifest")
  [ -n "$entry" ] || fail 30 "Cannot install km $version: it has no file for $target" 'it has files for those that the manifest names; another version may have more (KM_VERSION)'
  file_url=$(entry_text url)
  file_sha256=$(entry_text sha256)
  file_bytes=$(printf '%s\n' "$entry" | sed -n 's/.*"bytes": \([0-9]\{1,10\}\).*/\1/p')
  case $file_sha256 in *[!0-9a-f]*) file_sha256= ;; esac
  { [ "${#file_sha256}" = 64 ] && [ -n "$file_bytes" ] && [ -n "$file_url" ]; } || distrust_manifest "what it says about $target is not whole" "$rm_other"
  case $file_url in
    https://*) ;;
    http://*) [ "$protocols" != '=https' ] || distrust_manifest "its file is at \"$file_url\", not https" "$rm_other" ;;
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

# The version that a file says it is, or nothing when it is no km that runs.
version_of() { "$1" --version </dev/null 2>/dev/null | sed -n '1s/^km \([0-9][0-9A-Za-z.+-]*\)$/\1/p'; }

# Whether a file is the command that "deno task install" makes of a checkout.
is_of_checkout() {
  [ -f "$1" ] && [ "$(sed -n '1p' "$1" 2>/dev/null | cut -c1-9)" = '#!/bin/sh' ] && sed -n '2,6p' "$1" | grep -q '^exec "\$deno" .*main\.ts'
}

# Sets old to none, km, checkout or broken, and old_version.
look_at_old() {
  old=none old_version=
  [ -e "$km" ] || [ -L "$km" ] || return 0
  [ ! -d "$km" ] || fail 1 "Cannot install km as \"$km\": it is a folder" 'move it away, or set KM_INSTALL to another folder'
  old_version=$(version_of "$km")
  if is_of_checkout "$km"; then old=checkout
  elif [ -n "$old_version" ]; then old=km
  elif [ "$bin" = "$home/.km/bin" ]; then old=broken
  else fail 1 "Cannot install km as \"$km\": another program is there, or a km that does not run" 'remove it, or set KM_INSTALL to another folder'
  fi
}

# Sets action to install or keep.
decide() {
  action=install
  [ "$old" = km ] || return 0
  case $(compare_versions "$old_version" "$version") in
    0) if [ "$(sha256_of "$km")" = "$file_sha256" ]; then action=keep; fi ;;
    1) [ -n "$pinned" ] || fail 25 "Cannot install km $version: km $old_version is there, which is newer" \
         "keep it, or ask for the older one: KM_VERSION=$version" ;;
  esac
}

# ---- Put in place ------------------------------------------------------------------------------------------------------------------------

check_folder() {
  if [ -e "$bin" ] || [ -L "$bin" ]; then
    [ -d "$bin" ] || fail 1 "Cannot install km into \"$bin\": it is no folder" 'remove it, or set KM_INSTALL to another folder'
  fi
}

cannot_write() { fail 1 "Cannot write into \"$bin\": $(state_of_error)" 'set KM_INSTALL to a folder that you may write to'; }

download_km() {
  make_folder "$bin" || fail 1 "Cannot make the folder \"$bin\": $(state_of_error)" 'set KM_INSTALL to a folder that you may write to'
  # On the same file system as the place where it goes: the last step is a rename.
  new_file=$(mktemp "$bin/.km.new.XXXXXX" 2>"$work/err") || { new_file=; cannot_write; }
  dk_free=$(df -Pk "$bin" 2>/dev/null | awk 'NR == 2 { print $4 }')
  case $dk_free in
    '' | *[!0-9]*) ;;
    *) [ "$dk_free" -gt $((file_bytes / 1024)) ] || fail 14 "Cannot install km into \"$bin\": the disk has $dk_free kB left, and km takes $((file_bytes / 1024 + 1)) kB" \
         'make room, or set KM_INSTALL to a folder on another disk' ;;
  esac
  say "downloading km $version for $target ($((file_bytes / 1000000)) MB)"
  fetch "$file_url" "$new_file" progress || fail 24 "Cannot download \"$file_url\": $why" "$advice"
  dk_bytes=$(wc -c <"$new_file" | tr -d ' ')
  [ "$dk_bytes" = "$file_bytes" ] || fail 24 "Cannot use what came from \"$file_url\": it has $dk_bytes bytes, not $file_bytes" \
    'the download was cut, or the file is another one: run it again'
  [ "$(sha256_of "$new_file")" = "$file_sha256" ] || fail 23 "Cannot trust what came from \"$file_url\": its SHA-256 is not the one in the signed manifest" \
    'nothing was installed; run it again, and if it stays so, tell those who serve it'
}

# It must run here before anything is replaced by it. The first start also unpacks.
prove_new() {
  chmod 755 "$new_file" 2>"$work/err" || cannot_write
  pn_says=$("$new_file" --version </dev/null 2>"$work/err") || pn_says=
  [ "$pn_says" = "km $version" ] || fail 25 "Cannot use the new km: it does not say \"km $version\" but \"$pn_says$(sed -n '$p' "$work/err")\"" \
    'nothing was replaced; a full disk, an older glibc than 2.28 or a folder mounted with noexec look like this'
}

swap() {
  case $old in
    km | checkout)
      if [ "$old_version" != "$version" ] || [ "$old" = checkout ]; then
        old_copy=$bin/.km.old.$$
        rm -f "$old_copy"
        ln "$km" "$old_copy" 2>/dev/null || cp -p "$km" "$old_copy" 2>"$work/err" || cannot_write
        mv -f "$old_copy" "$km.previous" 2>"$work/err" || cannot_write
        old_copy=
      fi ;;
  esac
  mv -f "$new_file" "$km" 2>"$work/err" || cannot_write
  new_file=
  in_place=1
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
  [ -n "$shell_name" ] || shell_name=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f7)
  shell_name=${shell_name##*/}
}

# Sets kind, profile, and login_profile where a login shell does not read the same file.
find_profiles() {
  find_shell
  login_profile=
  case $shell_name in
    zsh) kind=zsh profile=${ZDOTDIR:-$home}/.zshrc ;;
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

has_block() { grep -q '^# km: begin$' "$1" 2>/dev/null && grep -q '^# km: end$' "$1"; }

# Whether PATH has the folder by other means than our lines and this one shell.
path_is_set_elsewhere() {
  on_path || return 1
  for pise_file in "$profile" "$login_profile"; do
    if has_block "$pise_file" && sed -n '/^# km: begin$/,/^# km: end$/p' "$pise_file" | grep -q '\$PATH'; then return 1; fi
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
    [ -f "$1" ] || fail 1 "Cannot add PATH to \"$1\": it is no file" 'use --no-modify-path and set PATH yourself'
    if [ -z "$(find -L "$1" -prune -user "$(id -u)" 2>/dev/null)" ]; then
      warn "\"$1\" belongs to somebody else: left alone"
      return 0
    fi
    [ -w "$1" ] || fail 1 "Cannot add PATH to \"$1\": it is read-only" 'make it writable, or use --no-modify-path and set PATH yourself'
  else
    up_folder=${1%/*}
    while [ ! -e "$up_folder" ] && [ -n "$up_folder" ]; do up_folder=${up_folder%/*}; done
    { [ ! -L "$1" ] && [ -d "$up_folder/" ] && [ -w "$up_folder/" ]; } ||
      fail 1 "Cannot add PATH to \"$1\": it cannot be made there" 'make its folder writable, or use --no-modify-path and set PATH yourself'
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

# File, kind. Says what it did in $block_state: added, changed or there.
put_block() {
  block_state=added pb_second=$WRITTEN
  [ -e "$1" ] || pb_second=$MADE
  if has_block "$1"; then
    ! grep -qxF "$MADE" "$1" || pb_second=$MADE
    [ "$(sed -n '/^# km: begin$/,/^# km: end$/p' "$1" | grep -vxF "$UNENDED")" != "$(block "$2" "$pb_second")" ] || { block_state=there && return 0; }
    block_state=changed
    [ -n "$dry_run" ] || take_block "$1" || return 1
  fi
  [ -z "$dry_run" ] || return 0
  make_folder "${1%/*}" || return 1
  true >"$work/before"
  [ ! -e "$1" ] || cat "$1" >"$work/before" || return 1
  {
    # What does not end with a line feed would swallow the first line.
    if [ -n "$(tail -c 1 "$work/before" | tr '\n' ' ' | tr -d ' ')" ]; then printf '\n'; fi
    block "$2" "$pb_second"
  } >"$work/block"
  if [ -z "$(sed -n '1p' "$work/block")" ]; then
    sed "s/^# km: begin\$/&\\
$UNENDED/" "$work/block" >"$work/block2" && mv "$work/block2" "$work/block"
  fi
  # Appended, not replaced: the file keeps its owner, its mode, and its link to somebody's dotfiles.
  if ! { cat "$work/block" >>"$1"; } 2>"$work/err"; then
    if [ "$pb_second" = "$MADE" ]; then rm -f "$1"; else cat "$work/before" >"$1"; fi
    return 1
  fi
}

# Removes our lines from a file. A file that was made for them goes when nothing else is in it.
take_block() {
  sed '/^# km: begin$/,/^# km: end$/d' "$1" >"$work/rest" 2>"$work/err" || return 1
  if grep -qxF "$UNENDED" "$1"; then printf '%s' "$(cat "$work/rest")" >"$work/rest2" && mv "$work/rest2" "$work/rest"; fi
  if [ ! -s "$work/rest" ] && [ ! -L "$1" ] && grep -qxF "$MADE" "$1"; then rm -f "$1" 2>"$work/err"
  else { cat "$work/rest" >"$1"; } 2>"$work/err"
  fi
}

modify_profiles() {
  mp_done=
  for mp_file in "$login_profile" "$profile"; do
    [ -n "$mp_file" ] || continue
    mp_kind=$kind
    # A login profile may be read by other shells than bash.
    if [ "$mp_file" = "$login_profile" ]; then mp_kind='sh'; fi
    put_block "$mp_file" "$mp_kind" || fail 1 "Cannot write \"$mp_file\": $(state_of_error)" \
      "km is installed as \"$km\"; run it again with --no-modify-path and set PATH yourself"
    mp_done="$mp_done${mp_done:+, }$mp_file ($block_state)"
  done
  [ -z "$mp_done" ] || say "  ${dry_run:+would write }start-up file: $mp_done"
}

# ---- Completions -------------------------------------------------------------------------------------------------------------------------

# Shell, file, how a file of ours begins. What somebody else put there stays.
put_completion() {
  has "$1" || return 0
  if [ -e "$2" ] && [ "$(sed -n 1p "$2")" != "$3" ]; then
    warn "\"$2\" is not km's: left alone"
    return 0
  fi
  if [ -z "$dry_run" ]; then
    { make_folder "${2%/*}" && "$km" completions "$1" >"$work/completion" 2>"$work/err" </dev/null && { cat "$work/completion" >"$2"; }; } 2>/dev/null || {
      warn "cannot write completions for $1 into \"$2\""
      return 0
    }
  fi
  completed="$completed${completed:+, }$1 ($2)"
}

install_completions() {
  completed=
  put_completion bash "$bash_completions" '# bash completion for km'
  # Who does not use zsh but has it, as on macOS, has no .zshrc.
  if [ "$kind" = zsh ] || [ -e "${ZDOTDIR:-$home}/.zshrc" ]; then put_completion zsh "$zsh_completions" '#compdef km'; fi
  put_completion fish "$fish_completions" '# fish completion for km'
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
  printf '%s' "$a_get ${base:-<address>}/install.sh | ${a_folder}sh -s -- $*"
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
  ss_unit=
  for ss_file in "$config_home/systemd/user/km.service" "$home/Library/LaunchAgents/dev.km.serve.plist"; do
    if [ -f "$ss_file" ] && grep -qF "$km" "$ss_file"; then ss_unit=$ss_file; fi
  done
  if [ -n "$ss_unit" ]; then step "the service $ss_unit" quietly "$km" service uninstall; fi
  if [ -n "$dry_run" ]; then
    [ ! -e "$data/daemon.json" ] || say 'would stop km serve'
  else
    if ss_says=$("$km" stop </dev/null 2>/dev/null); then say "$ss_says"; fi
  fi
}

quietly() { "$@" </dev/null >/dev/null; }

# What km unpacked, in the user's cache and, where that could not be written, in the folder for temporary files.
remove_unpacked() {
  case ${XDG_CACHE_HOME-} in
    /*) ru_cache=$XDG_CACHE_HOME/km ;;
    *) if [ "$system" = Darwin ]; then ru_cache=$home/Library/Caches/km; else ru_cache=$home/.cache/km; fi ;;
  esac
  ru_temporary=${TMPDIR:-/tmp}
  for ru_base in "$ru_cache" "${ru_temporary%/}/km-$(id -u)"; do
    [ -n "$(find -H "$ru_base" -prune -type d -user "$(id -u)" 2>/dev/null)" ] || continue
    for ru_folder in "$ru_base"/* "$ru_base"/.[!.]*; do
      if is_unpacked "${ru_folder##*/}"; then step "$ru_folder" rm -rf "$ru_folder"; fi
    done
    [ -n "$dry_run" ] || remove_empty_folders "$ru_base"
  done
}

# A folder is named by 32 hexadecimal digits; what is made while it is unpacked begins with .new- and .lock-.
is_unpacked() { printf '%s\n' "$1" | grep -qE '^([0-9a-f]{32}|\.(new-[0-9].*|lock-[0-9a-f]{32}))$'; }

remove_completion() {
  [ -f "$1" ] && [ "$(sed -n 1p "$1")" = "$2" ] || return 0
  step "$1" rm -f "$1"
  [ -n "$dry_run" ] || remove_empty_folders "${1%/*}"
}

remove_blocks() {
  for rb_file in "$home/.bashrc" "$home/.bash_profile" "$home/.bash_login" "$home/.profile" "${ZDOTDIR:-$home}/.zshrc" "$home/.zshrc" "$config_home/fish/conf.d/km.fish"; do
    has_block "$rb_file" || continue
    step "km's lines in $rb_file" take_block "$rb_file"
    [ -n "$dry_run" ] || remove_empty_folders "${rb_file%/*}"
  done
}

remove_km() {
  if is_of_checkout "$km"; then say "left $km: it is the command of a checkout (deno task install)"
  elif [ -f "$km" ] || [ -L "$km" ]; then
    if [ "$bin" != "$home/.km/bin" ] && [ -z "$(version_of "$km")" ]; then
      fail 1 "Cannot remove \"$km\": it is another program, or a km that does not run" 'remove it by hand if it is km'
    fi
    stop_service
    step "$km" rm -f "$km"
  else say "there is no $km"
  fi
  if [ -f "$km.previous" ]; then step "$km.previous" rm -f "$km.previous"; fi
  for rk_file in "$bin"/.km.new.?????? "$bin"/.km.old.*; do
    if [ -f "$rk_file" ]; then step "$rk_file" rm -f "$rk_file"; fi
  done
}

# Before anything is removed: whether what was recorded may go, too.
check_purge() {
  if [ ! -d "$data" ]; then purging='' && return 0; fi
  if [ "$data" = "$home" ] || [ "$data" = / ] || { [ "${data##*/}" != .km ] && [ ! -f "$data/km.db" ]; }; then
    fail 1 "Cannot delete \"$data\": it does not look like km's" 'delete what km wrote there by hand'
  fi
  if [ -n "$dry_run" ] || [ -n "$yes" ]; then return 0; fi
  (exec </dev/tty) 2>/dev/null || fail 2 "Cannot ask whether to delete \"$data\": there is no terminal" 'add --yes'
  printf 'delete everything that km recorded in "%s"? [y/N] ' "$data" >/dev/tty
  read -r cp_answer </dev/tty || cp_answer=
  case $cp_answer in [yY] | [yY][eE][sS]) ;; *) fail 1 'Cannot go on: the answer was no' 'without --purge, what was recorded stays' ;; esac
}

# A folder of another name than .km may hold more than km's things.
purge() {
  if [ "${data##*/}" = .km ]; then step "$data" rm -rf "$data"; else
    for p_name in km.db km.db-wal km.db-shm config.jsonc token daemon.json daemon.lock daemon.log keys.json signed-out.json; do
      if [ -e "$data/$p_name" ]; then step "$data/$p_name" rm -rf "$data/$p_name"; fi
    done
    if [ -z "$dry_run" ] && ! rmdir "$data" 2>/dev/null; then say "left $data: there is more in it"; fi
  fi
}

uninstall() {
  data=${KM_HOME:-$home/.km}
  # shellcheck disable=SC2088
  case $data in '~') data=$home ;; '~/'*) data=$home/${data#'~/'} ;; /*) ;; *) data=$(pwd)/$data ;; esac
  failed=
  [ -z "$purging" ] || check_purge
  remove_km
  remove_blocks
  remove_completion "$bash_completions" '# bash completion for km'
  remove_completion "$zsh_completions" '#compdef km'
  remove_completion "$fish_completions" '# fish completion for km'
  remove_unpacked
  # A copy of Deno for plugins and the news of releases are no records.
  for un_file in "$data/runtime" "$data/update.json"; do
    if [ -e "$un_file" ]; then step "$un_file" rm -rf "$un_file"; fi
  done
  [ -n "$dry_run" ] || remove_empty_folders "$bin"
  if [ -n "$purging" ]; then purge
  elif [ -d "$data" ] && [ -n "$(find "$data" -mindepth 1 ! -path "$bin" ! -path "$bin/*" 2>/dev/null | sed -n 1p)" ]; then
    say "left what km recorded in $data; to delete it: $(again --uninstall --purge)"
  fi
  [ -z "$failed" ] || fail 1 'Cannot remove all of km' 'what is named above is still there'
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
  [ "$(id -u)" = 0 ] || return 0
  [ -n "${KM_INSTALL-}" ] || say 'running as root: installing for root; for everybody, set KM_INSTALL=/usr/local/bin'
  [ -n "$(find "$home/" -prune -user 0 2>/dev/null)" ] || warn "HOME \"$home\" belongs to another user than root: what is written there will be root's"
}

would_install() {
  say "would download $file_url ($((file_bytes / 1000000)) MB) and check its SHA-256, $file_sha256"
  say "would install it as $km"
  case $old in km | checkout) say "would keep the km that is there as $km.previous" ;; esac
}

install_km() {
  check_base
  detect_target
  tell_root
  choose_downloader
  check_folder
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
  set -u
  umask 022
  LC_ALL=C
  export LC_ALL
  IFS=' 	
'
  unset GREP_OPTIONS GREP_COLOR CDPATH POSIXLY_CORRECT || :
  child='' work='' new_file='' old_copy='' made_folders='' in_place='' downloader=''
  read_base
  read_words "$@"
  read_environment
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  m_folder=$(mktemp -d "${TMPDIR:-/tmp}/km-install.XXXXXX" 2>&1) ||
    fail 1 "Cannot make a folder in \"${TMPDIR:-/tmp}\": ${m_folder##*: }" 'set TMPDIR to a folder that you may write to'
  work=$m_folder
  if [ -n "$uninstalling" ]; then uninstall; else install_km; fi
}

# zsh splits words and expands patterns as sh does only when told to.
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
main "$@"
exit
}
