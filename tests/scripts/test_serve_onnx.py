"""A start with ONNX Runtime: the model is written down once, and every later start uses that."""

from pathlib import Path

import pytest

from tests.server import Server, free_port

pytestmark = pytest.mark.model


def test_the_model_is_written_down_at_the_first_start_only(tmp_path: Path):
    server = Server(tmp_path, free_port(), environment={"BATON_ENCODER": "onnx"})
    server.start()
    try:
        assert server.log().count("writing the model down for ONNX Runtime") == 1
        (graph,) = tmp_path.glob("onnx/*/model.onnx")
        made = graph.stat().st_mtime_ns
        server.restart()
        assert graph.stat().st_mtime_ns == made
        assert server.log().count("writing the model down for ONNX Runtime") == 1
    finally:
        server.stop()
