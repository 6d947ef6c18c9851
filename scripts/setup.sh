# Sourced by scripts/demo, scripts/test and scripts/check: brings a fresh Debian or Ubuntu machine to where failview runs.
# Needs git and Python 3.11 or newer. Safe to repeat; the second time it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
give_up() { say "failview setup: $*"; exit 2; }

# What the Qt panel, the Rerun viewer (Vulkan by Mesa's software driver where there is no GPU) and their fonts need.
SYSTEM_PACKAGES=(
    libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 fonts-dejavu-core fonts-inter
    libxkbcommon0 libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcursor1 libxi6 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
    libvulkan1 mesa-vulkan-drivers iproute2
)

find_python() {
    local candidate
    for candidate in python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    give_up "Python 3.11 or newer is needed and not found"
}

installed() {
    # Ubuntu 24.04 renamed some libraries to …t64.
    [[ $(dpkg-query -W -f='${Status}\n' "$1" "$1t64" 2>/dev/null || true) == *"install ok installed"* ]]
}

install_system_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "not Debian or Ubuntu: install what corresponds to: ${SYSTEM_PACKAGES[*]}"
        return
    fi
    local missing=() package
    for package in "${SYSTEM_PACKAGES[@]}" ${EXTRA_PACKAGES:-}; do
        installed "$package" || missing+=("$package")
    done
    "$PYTHON" -c 'import ensurepip' 2>/dev/null || missing+=("$(basename "$PYTHON")-venv")
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        give_up "system packages are missing. Run once: sudo apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    say "installing system packages: ${missing[*]}"
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_uv() {
    if command -v uv >/dev/null; then
        printf 'uv'
        return
    fi
    local tools=.tools/uv
    if [ ! -x "$tools/bin/uv" ]; then
        say "installing uv"
        "$PYTHON" -m venv "$tools"
        "$tools/bin/pip" install --quiet --disable-pip-version-check 'uv>=0.9'
    fi
    printf '%s' "$tools/bin/uv"
}

PYTHON=$(find_python)
install_system_packages
UV=$(find_uv)
# The machine's own certificates (uv's name for it changed): behind a company's proxy the bundled ones are not enough.
export UV_SYSTEM_CERTS=true UV_NATIVE_TLS=true
UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv "$UV" sync --quiet --frozen --python "$PYTHON"
