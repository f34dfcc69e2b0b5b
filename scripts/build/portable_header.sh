#!/bin/sh
# km @VERSION@ for @TARGET@: this script, then a compressed archive of Deno and km. The first start unpacks the archive; later ones go straight through.
id=@ID@
case ${XDG_CACHE_HOME-} in /*) base=$XDG_CACHE_HOME/km ;; *) base=${HOME-}/.cache/km ;; esac
app=$base/$id
if ! [ -f "$app/complete" ]; then
  new=$base/.$id.$$
  (umask 077 && mkdir -p "$new" && tail -c +@OFFSET@ "$0" | gzip -dc | tar -xf - -C "$new" && : >"$new/complete") || exit 1
  mv "$new" "$app"
fi
DENO_NO_UPDATE_CHECK=1 DENO_DIR=$app/deno_dir
export DENO_NO_UPDATE_CHECK DENO_DIR
exec "$app/deno" run @FLAGS@ "$app/app/portable_main.js" "$0" "$@"
exit 1
