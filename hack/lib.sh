# shellcheck shell=bash
# What the scripts in this directory share. Sourced, never run: it goes to the top of the project and stops at the first
# error.
set -euo pipefail
# What they make is read by others: images by every user of a container, sites by a web server.
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
complain() { printf '%s\n' "$*" >&2; }
die() {
    complain "error: $*"
    exit 1
}
if [[ -n "${NO_COLOR:-}" || ! -t 2 ]]; then say() { printf '==> %s\n' "$*" >&2; }; fi

# The modules of ARCHITECTURE.md's layer table, one a line: layer, module, what it may import, both lists joined by
# blanks. This is the only place where the table is read.
layer_table() {
    awk -F'|' '
        /^\|/ && /may import/ { table = 1; next }
        !/^\|/ { table = 0 }
        table && $2 !~ /^-+$/ && $2 !~ /^ *-+ *$/ {
            layer = $2; modules = $3; imports = $5; outside = $6
            gsub(/[ `]/, "", layer); gsub(/[`,]/, " ", modules)
            gsub(/[`,]/, " ", imports); gsub(/[`,–]/, " ", outside); gsub(/[`,–]/, " ", imports)
            if (layer != "") last = layer
            n = split(modules, names, " ")
            for (i = 1; i <= n; i++) {
                line = last "\t" names[i] "\t" imports " " outside
                gsub(/ +/, " ", line)
                print line
            }
        }' ARCHITECTURE.md
}

# The directory of a module, or nothing.
module_directory() {
    local place
    for place in "Sources/$1" "Sources/Providers/$1" "Tests/Support/$1"; do
        [[ -d "$place" ]] && printf '%s\n' "$place" && return 0
    done
    return 1
}
