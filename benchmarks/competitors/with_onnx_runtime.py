"""ONNX Runtime: the network as a graph of Gemm, Relu and Softmax; it only predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.competitors import Job
from benchmarks.workload import Setting, Workload

__all__ = ["prediction"]


def prediction(workload: Workload, n_rows: int, setting: Setting) -> Job:
    """`InferenceSession.run`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = setting.threads, 1
    session = onnxruntime.InferenceSession(graph(workload), options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).standard_normal((n_rows, workload.dimensions[0]), dtype=np.float32)

    def predict(times: int) -> int:
        for _ in range(times):
            (a,) = session.run(None, {"x": x})
        assert a.shape == (n_rows, workload.dimensions[-1])
        return times

    return predict


def graph(workload: Workload) -> bytes:
    """The model's bytes."""
    from onnx import TensorProto, checker, helper, numpy_helper

    rng = np.random.default_rng(1)
    nodes: list[Any] = []
    arrays: list[Any] = []
    last = len(workload.dimensions) - 1
    between = {"relu": "Relu", "tanh": "Tanh"}[workload.activation]
    source = "x"
    for i in range(1, last + 1):
        n_in, n_out = workload.dimensions[i - 1 : i + 1]
        w = rng.normal(0, (2 / n_in) ** 0.5, (n_in, n_out)).astype(np.float32)
        arrays += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(np.zeros(n_out, np.float32), f"b{i}")]
        nodes.append(helper.make_node("Gemm", [source, f"w{i}", f"b{i}"], [f"z{i + 1}"]))
        source = f"a{i + 1}"
        nodes.append(helper.make_node("Softmax" if i == last else between, [f"z{i + 1}"], [source]))
    ends = (("x", workload.dimensions[0]), (source, workload.dimensions[-1]))
    inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, d])] for name, d in ends)
    model = helper.make_model(
        helper.make_graph(nodes, "perceptron", inputs, outputs, arrays),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data
