#!/bin/sh
# km @VERSION@ for @TARGET@: this script, then a compressed archive of Deno and km. The first start unpacks it; later ones go straight through.
{
km_last=${_+=$_}
km_id=@ID@
# All of it is one group: of a file that was cut off inside of it, sh runs nothing. Names begin with km_, because a variable that the
# environment has already would be changed for the server too.
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set +efuC
IFS=' 	
'
km_dirs='@DIRS@'
km_files='@FILES@'
km_sizes='@SIZES@'

# For subshells that run programs: those of the system first, speaking plainly.
km_sane() {
  PATH=/usr/bin:/bin${PATH:+:$PATH} LC_ALL=C TIME_STYLE=locale
  export PATH LC_ALL TIME_STYLE
  unset CLICOLOR_FORCE TAR_OPTIONS GZIP POSIXLY_CORRECT @CHANGED@
  umask 077
}

km_tidy() {
  if [ -n "${km_new-}" ]; then (km_sane; rm -rf "$km_new"); fi
  if [ -n "${km_lock-}" ]; then (km_sane; rm -f "$km_lock"); fi
  km_new= km_lock=
}

km_die() {
  km_tidy
  printf 'km: error: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'km: hint: %s\n' "$2" >&2
  exit 30
}

# A row of `ls -n`, "drwxr-xr-x 2 0 0 …": the group and others may not write.
km_private() { case $1 in d????-??-*) ;; *) return 1 ;; esac; }
# The same of the folder above, which may be one like /tmp, where everybody writes and only owners remove.
km_guarded() { case $1 in d???????-* | d????????[tT]*) ;; *) return 1 ;; esac; }
# A link that belongs to this user.
km_own_link() (
  km_sane
  km_user=$(id -u) && set -- $(ls -nd "$1") && [ "${3-}" = "$km_user" ]
)

# Whether the cache $1 holds all of this km, safe from others. One call of ls tells modes and sizes.
km_whole() {
  km_app=$1/$km_id
  [ -O "$1" ] && [ -O "$km_app" ] && [ -x "$km_app/deno" ] && ! [ -h "$km_app" ] || return 1
  ! [ -h "$1" ] || { [ "$1" != "$km_temporary" ] && km_own_link "$1"; } || return 1
  set -- $(km_sane; cd -P "$km_app" && ls -nLd ../.. .. . $km_files 2>/dev/null)
  km_seen=
  while [ $# -ge 9 ]; do
    case $9 in
      ../..) km_guarded "$1" || return 1 ;;
      .. | .) km_private "$1" || return 1 ;;
      *) km_seen="$km_seen $9=$5" ;;
    esac
    shift 9
  done
  [ "$km_seen" = " $km_sizes" ]
}

# Says in km_why what is wrong with the folder $1 as a cache.
km_trusts() {
  km_why=
  if [ -h "$1" ] && { [ "$1" = "$km_temporary" ] || ! km_own_link "$1"; }; then
    km_why='it is a link that another user could change'
  elif ! [ -O "$1" ]; then
    km_why='it belongs to another user'
  else
    set -- "$1" $(km_sane; cd -P "$1" && ls -nd . ..)
    if ! km_private "${2-}"; then
      km_why='other users may write into it'
    elif ! km_guarded "${11-}"; then
      km_why='other users may replace it: everybody may write into the folder above'
    fi
  fi
  [ -z "$km_why" ]
}

# Removes what starts that were killed have left in the cache $1. A process of another container cannot be seen: its folder stays for a day.
km_sweep() {
  for km_old in "$1"/.new-*; do
    [ -d "$km_old" ] || continue
    km_pid=${km_old##*/.new-}
    km_space=${km_pid#*-}
    km_space=${km_space%%-*}
    km_pid=${km_pid%%-*}
    [ -n "${km_here-}" ] || km_here=$(km_namespace)
    if [ "$km_space" != "$km_here" ]; then
      (km_sane; find "$km_old" -prune -mtime +0 -exec rm -rf {} +) 2>/dev/null
    elif ! kill -0 "$km_pid" 2>/dev/null; then
      (km_sane; rm -rf "$km_old") 2>/dev/null
    fi
  done
}

# Process ids mean something in one namespace only.
km_namespace() {
  km_pids=$(km_sane; ls -l /proc/self/ns/pid 2>/dev/null)
  km_pids=${km_pids##*\[}
  printf %s "${km_pids%\]}"
}

# One start unpacks, the others wait: sixteen at once would take sixteen times the disk. Correct without it too, so a wait has an end.
km_wait() {
  km_turns=0
  while [ $km_turns -lt 600 ]; do
    km_turns=$((km_turns + 1))
    if (km_sane; ln -s "$$" "$1/.lock-$km_id") 2>/dev/null; then
      km_lock=$1/.lock-$km_id
      return
    fi
    km_holder=$(km_sane; ls -l "$1/.lock-$km_id" 2>/dev/null) || {
      # It has just gone; or the disk is full, or knows no links.
      km_misses=$((${km_misses:-0} + 1))
      [ $km_misses -lt 20 ] || return 0
      continue
    }
    if kill -0 "${km_holder##*-> }" 2>/dev/null && [ $km_turns -lt 599 ]; then
      (km_sane; sleep 0.1 2>/dev/null || sleep 1)
    else
      (km_sane; rm -f "$1/.lock-$km_id")
    fi
  done
}

# Dies unless this file is whole and the programs are there that it needs.
km_check_file() {
  for km_tool in tail gzip tar ls mkdir mv rm; do
    (km_sane; command -v "$km_tool") >/dev/null 2>&1 ||
      km_die "Cannot unpack km: there is no \"$km_tool\" on PATH" 'install it; the first start of km needs it'
  done
  km_sum=$(
    km_sane
    if command -v sha256sum >/dev/null 2>&1; then tail -c +@OFFSET@ <"$km_file" | sha256sum
    elif command -v shasum >/dev/null 2>&1; then tail -c +@OFFSET@ <"$km_file" | shasum -a 256
    elif tail -c +@OFFSET@ <"$km_file" | gzip -t 2>/dev/null; then echo @SHA256@
    fi
  )
  [ "${km_sum%% *}" = @SHA256@ ] ||
    km_die "Cannot unpack \"$km_file\": this file is damaged or incomplete" 'download it again'
}

# Unpacks into the cache $1, or says in km_why why that cannot be written.
km_unpack() {
  (km_sane; mkdir -p "$1") 2>/dev/null
  if [ -d "$1" ] || [ -h "$1" ]; then
    km_trusts "$1" || km_die "Cannot use the folder \"$1\": $km_why" \
      "remove it, make it yours alone (chown, chmod go-w), or set XDG_CACHE_HOME to an absolute path of another folder"
  fi
  km_why='it cannot be written'
  [ -d "$1" ] && [ -w "$1" ] || return 1
  km_wait "$1"
  if km_whole "$1"; then
    km_tidy
    return 0
  fi
  km_new=$1/.new-$$-$(km_namespace)
  km_why=$( (km_sane; rm -rf "$km_new"; mkdir "$km_new") 2>&1) || { km_new=; km_tidy; return 1; }
  km_why=$( (km_sane; tail -c +@OFFSET@ <"$km_file" | gzip -dc | tar -xmof - -C "$km_new") 2>&1) || { km_tidy; return 1; }
  km_probe "$1"
  km_why='files of an earlier start are in the way'
  km_place "$1/$km_id" && km_whole "$1" || { km_tidy; return 1; }
  km_tidy
}

# The one line of km_why that says it.
km_reason() {
  case $km_why in
    *'No space left on device'*) echo 'No space left on device' ;;
    # Not every tar says why it wrote less.
    *'rote only '*) echo 'No space left on device' ;;
    *) printf '%s\n' "${km_why%%
*}" ;;
  esac
}

# Dies unless what was unpacked runs here.
km_probe() {
  [ -x "$km_new/deno" ] || km_die "Cannot run programs from \"$1\": its disk is mounted with noexec" \
    'set XDG_CACHE_HOME to an absolute path on another disk'
  km_why=$( (km_sane; "$km_new/deno" --version >/dev/null) 2>&1) || {
    km_machine=$(km_sane; uname -sm)
    km_die "Cannot run the Deno in \"$km_file\", which is for @TARGET@, on this machine ($km_machine): ${km_why%%
*}" 'take the file of your system; on Linux it needs glibc'
  }
}

# Moves file by file: each rename is atomic, and starts at the same time move the same files over each other. `mv folder folder` would
# move one into the other.
km_place() (
  km_sane
  for km_path in $km_files; do [ ! -d "$1/$km_path" ] || km_odd=1; done
  for km_path in "$1" $km_dirs; do
    case $km_path in /*) ;; *) km_path=$1/$km_path ;; esac
    { [ -d "$km_path" ] || [ ! -e "$km_path" ]; } && [ ! -h "$km_path" ] || km_odd=1
  done
  [ -z "${km_odd-}" ] || mv -f "$1" "$km_new-aside"
  rm -rf "$km_new-aside"
  for km_path in $km_dirs .; do
    mkdir -p "$1/$km_path" && mv -f "$km_new/$km_path"/* "$1/$km_path/" || return 1
    [ "$km_path" = . ] || rmdir "$km_new/$km_path"
  done
) 2>/dev/null

# The file itself.
km_file=$0
case $km_file in
  */*) ;;
  *) if [ -f "./$km_file" ]; then km_file=./$km_file; else km_file=$(command -v "$km_file") || km_file=./$0; fi ;;
esac

# The cache: in the user's own, unless HOME is somebody else's (as with sudo); else in a folder for temporary files.
km_base= km_temporary= km_app=
case ${XDG_CACHE_HOME-} in
  /*) km_base=$XDG_CACHE_HOME/km ;;
  *)
    case ${HOME-} in
      /*) [ -O "$HOME/@CACHE@/km" ] || [ -O "$HOME" ] && km_base=$HOME/@CACHE@/km ;;
    esac
    ;;
esac
if [ -z "$km_base" ] || ! km_whole "$km_base"; then
  case ${TMPDIR-} in /*) km_temporary=${TMPDIR%/} ;; *) km_temporary=/tmp ;; esac
  km_temporary=$km_temporary/km-$(km_sane; id -u)
  if km_whole "$km_temporary"; then
    km_base=$km_temporary
  else
    km_check_file
    trap 'km_tidy; trap - HUP; kill -HUP $$' HUP
    trap 'km_tidy; trap - INT; kill -INT $$' INT
    trap 'km_tidy; trap - TERM; kill -TERM $$' TERM
    if [ -z "$km_base" ] || ! km_unpack "$km_base"; then
      km_first=${km_base:+"\"$km_base\" ($(km_reason)) or into "}
      km_base=$km_temporary
      km_unpack "$km_base" || km_die "Cannot unpack km into $km_first\"$km_base\": $(km_reason)" 'free 100 MB of space there, or set XDG_CACHE_HOME to an absolute path that can be written'
    fi
    trap - HUP INT TERM
  fi
fi
km_sweep "$km_base"
# When it was used last.
{ true >"$km_app/used"; } 2>/dev/null

# The environment as it came, for src/config/launch_environment.ts to restore. A shell drops names that are none to it, and adds its own.
if km_env=$(km_sane; exec 2>/dev/null base64 </proc/$$/environ) && [ ${#km_env} -lt 130000 ]; then
  KM_LAUNCH_ENV=all:$km_env
else
  KM_LAUNCH_ENV=some: KM_LAUNCH__=$km_last
  for km_name in @CHANGED@; do
    eval "KM_LAUNCH_$km_name=\${$km_name+=\$$km_name}; export KM_LAUNCH_$km_name"
  done
  export KM_LAUNCH__
fi
unset @CHANGED@
DENO_DIR=$km_app/deno_dir DENO_DISABLE_NODE_SHIM=1 DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
export KM_LAUNCH_ENV DENO_DIR DENO_DISABLE_NODE_SHIM DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
exec "$km_app/deno" run @FLAGS@ "$km_app/app/portable_main.js" "$km_file" "$@"
}
