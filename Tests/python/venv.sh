# shellcheck shell=bash
# Virtual environments of Python for tests against programs that others wrote. Sourced by scripts that have hack/lib.sh.

# venv NAME PACKAGE==VERSION …: prints the python of an environment that has these packages, made once and kept. Where it
# can't be made it says what to install, and answers 1 for "skip", or 2 with CI=true, where that is an error.
venv() {
    local name=$1 place
    shift
    place=${RECONCILE_VENVS:-.build/venvs}/$name
    local mark=$place/packages
    if [[ ! -f "$mark" || "$(cat "$mark")" != "$*" ]]; then
        rm -rf "$place"
        say "making a Python environment with $*"
        if ! { python3 -m venv "$place" && "$place/bin/pip" install --quiet --disable-pip-version-check "$@"; } >&2; then
            rm -rf "$place"
            complain "python3 with its venv module and PyPI are needed: apt-get install python3-venv"
            if [[ "${CI:-}" == true ]]; then
                complain "error: with CI=true nothing is skipped"
                return 2
            fi
            complain "skipped: no Python environment with $*"
            return 1
        fi
        printf '%s' "$*" >"$mark"
    fi
    printf '%s/bin/python' "$place"
}
