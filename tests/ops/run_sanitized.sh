#!/usr/bin/env bash
# Build the kernels with AddressSanitizer and UndefinedBehaviorSanitizer and run the kernel tests on that build.
#   tests/ops/run_sanitized.sh .venv/bin/python [pytest options]
set -euo pipefail
python=$(realpath -s "$1")
shift
cd "$(dirname "$0")/../.."
mkdir -p build
build=build/sanitized
compiler=${CXX:-g++}

"$python" -m cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUATRE_SANITIZE=ON \
    -DPython_EXECUTABLE="$python" -DCMAKE_MAKE_PROGRAM="$(dirname "$python")/ninja" >"$build.log" 2>&1 ||
    { cat "$build.log"; exit 1; }
"$python" -m cmake --build "$build" >"$build.log" 2>&1 || { tail -50 "$build.log"; exit 1; }

# The interpreter itself is not instrumented, so the run-time libraries come first, and its own leaks are not ours.
libraries="$("$compiler" -print-file-name=libasan.so) $("$compiler" -print-file-name=libubsan.so)"
LD_PRELOAD="$libraries" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    QUATRE_SANITIZED_MODULE="$(ls "$PWD/$build"/_native*.so)" PYTHONPATH="tests/ops${PYTHONPATH:+:$PYTHONPATH}" \
    "$python" -m pytest -q -p sanitized_module -p no:cacheprovider tests/ops "$@"
