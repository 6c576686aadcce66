"""The thread pool: idle without cost, shared by callers, and refused in a forked child."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
from matrix_cases import inputs, stored

from quatre.ops.native_backend import NativeOps

IN_A_FORKED_CHILD = """
import os, sys
import numpy as np
from quatre.formats.floats import f32_tensor
from quatre.ops.native_backend import NativeOps

ops, x = NativeOps(threads=2), np.ones((64, 64), np.float32)
weight = ops.matrix(f32_tensor("w", np.ones((640, 64), np.float32)))
ops.linear(x, weight)
child = os.fork()
if child == 0:
    try:
        ops.linear(x, weight)
    except RuntimeError as error:
        print(error, flush=True)
    fresh = NativeOps(threads=2)
    del ops
    print(fresh.linear(x, weight).sum(), flush=True)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_is_told_to_make_its_own() -> None:
    command = [sys.executable, "-W", "ignore", "-c", IN_A_FORKED_CHILD]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    refusal, total = result.stdout.splitlines()
    assert refusal == "this back end was made before the process forked; make a new one in the child"
    assert float(total) == 64 * 640 * 64


def test_idle_threads_sleep() -> None:
    ops = NativeOps(threads=4)
    weight = ops.matrix(stored("q4_0", 640, 256))
    ops.linear(inputs(8, 256), weight)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.05
    del ops


def test_callers_from_several_threads_take_turns() -> None:
    ops = NativeOps(threads=2)
    weights = [ops.matrix(stored(name, 320, 256)) for name in ("q4_0", "f32", "q6_k")]
    xs = [inputs(tokens, 256, seed=tokens) for tokens in (1, 7, 30)]
    expected = [[ops.linear(x, w) for w in weights] for x in xs]
    wrong: list[int] = []

    def work(i: int) -> None:
        for _ in range(30):
            if not all(np.array_equal(ops.linear(xs[i], w), e) for w, e in zip(weights, expected[i], strict=True)):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_more_threads_than_work_and_than_cores() -> None:
    x, tensor = inputs(3, 256), stored("q8_0", 40, 256)
    one, many = NativeOps(threads=1), NativeOps(threads=13)
    assert np.array_equal(many.linear(x, many.matrix(tensor)), one.linear(x, one.matrix(tensor)))
