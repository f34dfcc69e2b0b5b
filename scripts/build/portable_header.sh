#!/bin/sh
# km @VERSION@ for @TARGET@: this script, then a compressed archive of Deno and km. The first start unpacks it; later ones go straight through.
{
km_last=${_+=$_}
km_id=@ID@
# All of it is one group: of a file that was cut off inside of it, sh runs nothing.
# Names begin with km_, because a variable that the environment has already would be changed for the server too. Whatever it holds under
# these names is nothing to go by.
@EMPTY@
# Options and functions come in by the environment too. In POSIX mode no function hides `unset`.
if [ -n "${BASH_VERSION-}" ]; then
  POSIXLY_CORRECT=${POSIXLY_CORRECT-y}
  unset -f [ cd command echo false kill printf read shopt true umask
  set +k
  shopt -u failglob nocasematch
fi
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set +aefuC
IFS=' 	
'
km_path=/usr/bin:/bin${PATH:+:$PATH}
km_dirs='@DIRS@'
km_files='@FILES@'
km_sizes='@SIZES@'

# Makes a subshell a program, one of the system's first, without the user's environment: variables change what ls prints and tar does.
km_run() {
  PATH=$km_path
  umask 077
  exec env -i PATH="$PATH" LC_ALL=C "$@"
}

# Removes what this start, and no other, has made.
km_tidy() {
  case $km_new in "$km_cache/.new-$km_self") (km_run rm -rf "$km_new") ;; esac
  case $km_lock in "$km_cache/.lock-$km_id") (km_run rm -f "$km_lock") ;; esac
  km_new= km_lock=
}

# $1: exit code, as in src/core/error.ts. $2: message. $3: hint.
km_die() {
  km_tidy
  printf 'km: error: %s\nkm: hint: %s\n' "$2" "$3" >&2
  exit "$1"
}

# Looks at the folder $1: says in km_why who else could change or replace it, in km_real what it is called without links, and in km_seen
# the sizes of the files $3. Nobody else may write into the folders $2; those further up may be like /tmp, where only owners remove.
# All up to / belong to this user, to root, or to the owner of /, who in a container may be a number that is nobody's.
km_look() {
  km_found=$(
    cd -P "$1" 2>/dev/null || exit
    km_rest=${PWD%/*} km_up=. km_ups=.
    while [ -n "$km_rest" ]; do
      km_rest=${km_rest%/*}
      km_up=$km_up/..
      km_ups="$km_ups $km_up"
    done
    # The mark is near the beginning, because shells look for it from each letter on.
    printf '%s//' "${PWD%/}"
    (km_run ls -nLd / $km_ups $3) 2>/dev/null
  )
  km_strict=" $2 " km_seen= km_why= km_owners= km_top=
  km_real=${km_found%%//*}
  set -- ${km_found#"$km_real//"}
  while [ $# -ge 9 ]; do
    case $9 in
      . | ./* | /) km_weigh "$1" "$3" "$4" "$9" ;;
      *) km_seen="$km_seen $9=$5" ;;
    esac
    shift 9
  done
  [ -n "$km_top" ] || km_why='it cannot be entered'
  for km_owner in $km_owners; do
    case $km_owner in
      0 | "$km_me" | "$km_top") ;;
      *) km_why='it belongs to another user, or a folder above it does' ;;
    esac
  done
  [ -z "$km_why" ]
}

# Of a row of `ls -n`: mode ("drwxr-xr-x"), user, group, name. A group with the number of its user is that user's own, unless there is a
# list of others (+).
km_weigh() {
  km_owners="$km_owners $2"
  case $4 in
    /) km_top=$2 ;;
    # Only where km_whole has seen already that it is the user's.
    .) km_me=${km_me:-$2} ;;
  esac
  case $1 in d????-??-*) return ;; esac
  case $km_strict in
    *" $4 "*) ;;
    *)
      case $1:$2 in
        d????????[tT]* | d????w??-?:"$3" | d????w??-?[.@]:"$3") return ;;
      esac
      ;;
  esac
  case $4 in
    .) km_why='other users may write into it' ;;
    *) km_why=${km_why:-'other users may replace it: they may write into a folder above it'} ;;
  esac
}

# A link to a cache must be this user's own; a folder for temporary files has none.
km_linked() {
  [ -h "$1" ] || return 0
  [ "$1" = "$km_base" ] || return 1
  set -- $( (km_run ls -nd "$1") 2>/dev/null)
  [ "${3-}" = "${km_me:-$( (km_run id -u) )}" ]
}

# Whether the cache $1 holds all of this km, out of reach of others, with the contents it was unpacked with. One call of ls tells most.
km_whole() {
  km_app=$1/$km_id
  [ -O "$km_app" ] && [ -x "$km_app/deno" ] && ! [ -h "$km_app" ] && km_linked "$1" || return 1
  km_look "$km_app" '. ./..' "$km_files" && [ "$km_seen" = " $km_sizes" ] || return 1
  km_app=$km_real
  km_cache=${km_app%/*}
  km_intact
}

# After each boot contents are compared once: power cuts leave files of the right size without their content.
km_intact() {
  km_marked=
  { read -r km_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
  { read -r km_marked <"$km_app/used"; } 2>/dev/null
  [ "$km_boot" = "$km_marked" ] || ! [ -w "$km_app" ] && return
  (PATH=$km_path; command -v sha256sum) >/dev/null 2>&1 || return 0
  (cd "$km_app" && km_run sha256sum -c sums) >/dev/null 2>&1
}

# Prints when the process $1 was started, if it still runs and the system tells.
km_started() {
  { read -r km_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${km_stat##*') '}
  case $1 in [ZX]) ;; *) echo "${20-}" ;; esac
}

# Names this process: its id, the namespace in which that means something, and when it was started, because ids are used again.
km_introduce() {
  [ -z "$km_self" ] || return 0
  km_space=$( (km_run ls -l /proc/self/ns/pid) 2>/dev/null)
  km_space=${km_space##*\[}
  km_space=${km_space%\]}
  km_self=$$-$km_space-$(km_started $$)
}

# Whether the process of that name has ended; 2 when it is one of another container.
km_ended() {
  km_introduce
  km_pid=${1%%-*}
  case $1 in "$km_pid-$km_space-"*) ;; *) return 2 ;; esac
  [ "$km_pid" != $$ ] || return 0
  case $km_self in
    *-) ! kill -0 "$km_pid" 2>/dev/null ;;
    *) [ "$(km_started "$km_pid")" != "${1##*-}" ] ;;
  esac
}

# Removes what starts that were killed have left in the cache. What cannot be told from another container's stays for a day.
km_sweep() {
  for km_old in "$km_cache"/.new-*; do
    [ -d "$km_old" ] || continue
    km_ended "${km_old##*/.new-}"
    case $? in
      0) (km_run rm -rf "$km_old") ;;
      2) (km_run find "$km_old" -prune -mtime +0 -exec rm -rf {} +) ;;
    esac 2>/dev/null
  done
}

# One start unpacks, the others wait: sixteen at once would take sixteen times the disk. Correct without it too, so a wait has an end.
km_wait() {
  km_turns=0 km_misses=0
  while [ $km_turns -lt 600 ]; do
    km_turns=$((km_turns + 1))
    if (km_run ln -s "$km_self" "$km_cache/.lock-$km_id") 2>/dev/null; then
      km_lock=$km_cache/.lock-$km_id
      return
    fi
    km_holder=$( (km_run ls -l "$km_cache/.lock-$km_id") 2>/dev/null) || {
      # It has just gone; or the disk is full, or knows no links.
      km_misses=$((km_misses + 1))
      [ $km_misses -lt 20 ] || return 0
      continue
    }
    km_ended "${km_holder##*-> }"
    case $?$km_turns in
      # Ended; the limits of waiting for another container, and for any.
      0* | 2[5-9]? | 2???* | 1599) (km_run rm -f "$km_cache/.lock-$km_id") ;;
      *)
        [ $km_turns != 20 ] || printf 'km: waiting for another start of km, which unpacks into "%s"\n' "$km_cache" >&2
        (PATH=$km_path; sleep 0.1 2>/dev/null || sleep 1)
        ;;
    esac
  done
}

# Dies unless this file is whole and the programs are there that it needs.
km_check_file() {
  [ -z "$km_sum" ] || return 0
  for km_tool in env tail gzip tar ls mkdir mv rm; do
    (PATH=$km_path; command -v "$km_tool") >/dev/null 2>&1 ||
      km_die 30 "Cannot unpack km: there is no \"$km_tool\" on PATH" 'install it; the first start of km needs it'
  done
  km_sum=$(
    PATH=$km_path
    if command -v sha256sum >/dev/null 2>&1; then km_packed | (km_run sha256sum)
    elif command -v shasum >/dev/null 2>&1; then km_packed | (km_run shasum -a 256)
    elif km_packed | (km_run gzip -t) 2>/dev/null; then echo @SHA256@
    fi
  )
  [ "${km_sum%% *}" = @SHA256@ ] ||
    km_die 23 "Cannot unpack \"$km_file\": this file is damaged or incomplete" 'download it again'
}

# Prints the archive.
km_packed() (km_run tail -c +@OFFSET@ <"$km_file")

# Makes the cache $1 unless it is there, or says in km_why what is wrong with it.
km_make_cache() {
  km_above=$1
  until [ -d "$km_above" ] || [ -h "$km_above" ]; do
    km_above=${km_above%/*}
    km_above=${km_above:-/}
  done
  if [ "$km_above" != "$1" ]; then
    km_look "$km_above" '' '' || return 1
    km_why=$( (km_run mkdir -p "$1") 2>&1) || return 1
  fi
  km_linked "$1" || { km_why='it is a link that another user could change'; return 1; }
  km_look "$1" . '' || return 1
  km_cache=$km_real
  [ -O "$km_cache" ] || { km_why='it belongs to another user'; return 1; }
  [ -w "$km_cache" ] || { km_why='it cannot be written'; return 1; }
}

# Unpacks into the cache $1, or says in km_why why that cannot be used.
km_unpack() {
  km_make_cache "$1" || return 1
  km_check_file
  km_introduce
  km_wait
  if km_whole "$1"; then
    km_tidy
    return 0
  fi
  km_app=$km_cache/$km_id
  km_new=$km_cache/.new-$km_self
  km_why=$( (km_run rm -rf "$km_new") 2>&1 && (km_run mkdir "$km_new") 2>&1) && km_extract && km_probe && km_place && km_whole "$1"
  set -- $?
  km_tidy
  return "$1"
}

# Dies when a program was killed, which says nothing about the disk.
km_extract() {
  km_why=$({
    { km_packed | (km_run gzip -dc) || echo "gzip: $?" >&2; } | (km_run tar -xmof - -C "$km_new")
  } 2>&1)
  set -- $?
  case $1:$km_why in
    129:* | 1[3-9]?:* | *'gzip: 129'* | *'gzip: 13'*)
      km_die 30 "Cannot unpack \"$km_file\": a program was killed meanwhile" 'start km again, with more memory if there is little'
      ;;
  esac
  return "$1"
}

# The line of km_why that says it.
km_reason() {
  case $km_why in
    # Not every tar says why it wrote less.
    *'No space left on device'* | *'rote only '*) echo 'No space left on device' ;;
    *) printf '%s\n' "${km_why%%
*}" ;;
  esac
}

# Whether programs run from there. Dies when it is Deno that does not run on this machine.
km_probe() {
  km_why='its disk is mounted with noexec'
  [ -x "$km_new/deno" ] || return 1
  km_why=$( (unset @CHANGED@; "$km_new/deno" --version >/dev/null) 2>&1) || {
    km_machine=$( (km_run uname -sm) )
    km_die 30 "Cannot run the Deno in \"$km_file\", which is for @TARGET@, on this machine ($km_machine): ${km_why%%
*}" 'take the file of your system; on Linux it needs glibc'
  }
}

# Onto the disk first: after a power cut a file that has its name has its content. Then file by file, because each rename is atomic, and
# starts at the same time move the same files over each other; `mv folder folder` would move one into the other.
km_place() (
  km_why='files of an earlier start are in the way'
  cd "$km_new" || return 1
  (km_run sync $km_files)
  km_odd=
  for km_name in $km_files; do [ ! -d "$km_app/$km_name" ] || km_odd=1; done
  for km_name in . $km_dirs; do
    { [ -d "$km_app/$km_name" ] || [ ! -e "$km_app/$km_name" ]; } && [ ! -h "$km_app/$km_name" ] || km_odd=1
  done
  ! [ -h "$km_app" ] && ! [ -f "$km_app" ] || km_odd=1
  [ -z "$km_odd" ] || (km_run mv -f "$km_app" aside)
  (km_run rm -rf aside)
  for km_name in $km_dirs .; do
    (km_run mkdir -p "$km_app/$km_name") && (km_run mv -f "$km_name"/* "$km_app/$km_name/") || return 1
    [ "$km_name" = . ] || (km_run rmdir "$km_name")
  done
  # Here, because umask may make them of no use later.
  (km_run mkdir -p "$km_app/deno_dir")
  (umask 077; printf '%s\n' "$km_boot" >"$km_app/used")
) 2>/dev/null

# Makes an unpacked km in the user's cache, or else in a folder for temporary files. A failure is remembered for a day.
km_settle() {
  km_me=$( (km_run id -u))
  case ${TMPDIR-} in /*) set -- "${TMPDIR%/}/km-$km_me" ;; *) set -- "/tmp/km-$km_me" ;; esac
  if [ -n "$km_base" ]; then
    if km_whole "$1"; then
      km_note=$( (km_run find "$km_app/instead" -prune -mtime -1 -exec cat {} +) 2>/dev/null)
      [ "$km_note" != "$km_base/" ] || return 0
    fi
    set -- "$km_base" "$1"
  fi
  trap 'km_tidy; trap - HUP; kill -HUP $$' HUP
  trap 'km_tidy; trap - INT; kill -INT $$' INT
  trap 'km_tidy; trap - TERM; kill -TERM $$' TERM
  km_code=30
  for km_where; do
    if km_unpack "$km_where"; then
      trap - HUP INT TERM
      [ "$km_where" = "${km_base:-$km_where}" ] || (umask 077; printf '%s/' "$km_base" >"$km_app/instead") 2>/dev/null
      return
    fi
    km_why=$(km_reason)
    [ "$km_why" != 'No space left on device' ] || km_code=14
    km_failed="$km_failed${km_failed:+ or into }\"$km_where\" ($km_why)"
  done
  km_die $km_code "Cannot unpack km into $km_failed" \
    'it needs 100 MB in a folder that is yours alone (chown, chmod go-w): XDG_CACHE_HOME=<absolute path> names another'
}

# The file itself.
km_file=$0
case $km_file in
  */*) ;;
  *) if [ -f "./$km_file" ]; then km_file=./$km_file; else km_file=$(command -v "$km_file") || km_file=./$0; fi ;;
esac

# The user's cache, unless HOME is somebody else's (as with sudo).
case ${XDG_CACHE_HOME-} in
  /*) km_base=$XDG_CACHE_HOME/km ;;
  *)
    case ${HOME-} in
      /*) [ -O "$HOME/@CACHE@/km" ] || [ -O "$HOME" ] && km_base=$HOME/@CACHE@/km ;;
    esac
    ;;
esac
[ -n "$km_base" ] && km_whole "$km_base" || km_settle
km_sweep
# When it was used last, and since which boot it is known to be whole: in one piece, for who reads it now.
{ printf '%s\n' "$km_boot" 1<>"$km_app/used"; } 2>/dev/null

# The environment as it came, for src/config/launch_environment.ts to restore. A shell drops names that are none to it, and adds its own.
# The kernel takes 128 KiB in one variable.
{ km_env=$(PATH=$km_path; exec base64 </proc/$$/environ); } 2>/dev/null
if [ -n "$km_env" ] && [ ${#km_env} -lt 130000 ]; then
  KM_LAUNCH_ENV=all:$km_env
elif [ -n "$km_env" ] && [ ${#km_env} -lt 900000 ]; then
  km_part=0
  while
    km_env=$( (km_run tail -c +$((km_part * 90000 + 1)) </proc/$$/environ) | (km_run head -c 90000) | (km_run base64))
    [ -n "$km_env" ]
  do
    km_part=$((km_part + 1))
    export "KM_LAUNCH_ENV_$km_part=$km_env"
  done
  KM_LAUNCH_ENV=parts:$km_part
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
