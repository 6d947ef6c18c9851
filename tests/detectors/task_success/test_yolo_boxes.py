"""Boxes of a synthetic model in YOLOv8's format come back at their places in the picture."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from failview.detectors.task_success.onnx_model import OnnxError, OnnxModel, OpenCvModel, RuntimeModel, load_model
from failview.detectors.task_success.yolo_boxes import find_boxes

SIZE = 640
PICTURE = np.zeros((240, 480, 3), dtype=np.uint8)
"""Fits into the input at 4/3 of its size, with 160 grey rows above and below."""

CUP, PLATE = 1, 2
ROWS = [  # centre x, centre y, width, height in the input; scores of three classes
    (320.0, 320.0, 80.0, 40.0, 0.0, 0.9, 0.1),
    (324.0, 321.0, 82.0, 41.0, 0.0, 0.8, 0.1),
    (321.0, 320.0, 80.0, 40.0, 0.0, 0.1, 0.7),
    (100.0, 200.0, 60.0, 60.0, 0.0, 0.5, 0.0),
    (500.0, 400.0, 60.0, 60.0, 0.0, 0.1, 0.0),
]


def write_model(path: Path, rows: list[tuple[float, ...]], names: str = "", *, transposed: bool = False) -> Path:
    """A detector that finds the same boxes in every picture, as Ultralytics would write them."""
    boxes = np.array(rows, dtype=np.float32)
    boxes = np.concatenate([boxes, np.zeros((40 - len(rows), boxes.shape[1]), dtype=np.float32)])
    output = boxes[None] if transposed else boxes.T[None]
    constant = numpy_helper.from_array(np.ascontiguousarray(output), "boxes")
    nothing = numpy_helper.from_array(np.zeros((1, 1, 1), dtype=np.float32), "nothing")
    axes = numpy_helper.from_array(np.array([1, 2, 3], dtype=np.int64), "axes")
    flat = numpy_helper.from_array(np.array([1, 1, 1], dtype=np.int64), "flat")
    nodes = [  # the input takes part, by nothing, so that no runtime leaves it out
        helper.make_node("ReduceMean", ["images", "axes"], ["mean"], keepdims=1),
        helper.make_node("Reshape", ["mean", "flat"], ["level"]),
        helper.make_node("Mul", ["level", "nothing"], ["none"]),
        helper.make_node("Add", ["boxes", "none"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "synthetic",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(output.shape))],
        [constant, nothing, axes, flat],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if names:
        helper.set_model_props(model, {"names": names})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


@pytest.fixture(params=["onnxruntime", "opencv"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> OnnxModel:
    path = write_model(tmp_path / "detector.onnx", ROWS)
    return RuntimeModel(path) if request.param == "onnxruntime" else OpenCvModel(path)


def test_boxes_are_where_they_were_planted(model: OnnxModel) -> None:
    found = find_boxes(model, PICTURE, 0.25, str(CUP))
    assert [(box.class_id, round(box.score, 3)) for box in found] == [(CUP, 0.9), (CUP, 0.5)]
    first, second = found
    assert (first.x, first.y) == pytest.approx((240.0, 120.0))
    assert (first.width, first.height) == pytest.approx((60.0, 30.0))
    assert (second.x, second.y) == pytest.approx((75.0, 30.0))


def test_boxes_of_another_class_at_the_same_place_stay(model: OnnxModel) -> None:
    assert [box.class_id for box in find_boxes(model, PICTURE, 0.25, "")] == [CUP, PLATE, CUP]


def test_nothing_above_the_least_score(model: OnnxModel) -> None:
    assert find_boxes(model, PICTURE, 0.95, str(CUP)) == []


def test_a_class_that_the_model_has_not(model: OnnxModel) -> None:
    with pytest.raises(OnnxError, match="has 3 classes"):
        find_boxes(model, PICTURE, 0.25, "7")


def test_names_come_from_the_model(tmp_path: Path) -> None:
    names = "{0: 'person', 1: 'cup', 2: 'plate'}"
    model = load_model(write_model(tmp_path / "named.onnx", ROWS, names))
    assert model.class_names == {0: "person", 1: "cup", 2: "plate"}
    assert find_boxes(model, PICTURE, 0.6, "Plate")[0].score == pytest.approx(0.7)
    with pytest.raises(OnnxError, match="it knows person, cup, plate"):
        find_boxes(model, PICTURE, 0.25, "fork")


def test_without_names_a_name_cannot_be_looked_up(model: OnnxModel) -> None:
    with pytest.raises(OnnxError, match="give the number"):
        find_boxes(model, PICTURE, 0.25, "cup")


def test_the_other_order_of_the_output_is_read_too(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path / "turned.onnx", ROWS, "['a', 'b', 'c']", transposed=True))
    assert find_boxes(model, PICTURE, 0.25, "b")[0].x == pytest.approx(240.0)


@pytest.mark.parametrize("kind", [RuntimeModel, OpenCvModel])
def test_what_is_no_model_is_refused(tmp_path: Path, kind: type[RuntimeModel] | type[OpenCvModel]) -> None:
    path = tmp_path / "text.onnx"
    path.write_text("not a model")
    with pytest.raises(OnnxError, match="cannot load it"):
        kind(path)
    with pytest.raises(OnnxError, match="cannot be read"):
        load_model(tmp_path / "missing.onnx")


def test_an_output_of_another_format_is_refused(tmp_path: Path) -> None:
    model = RuntimeModel(write_model(tmp_path / "narrow.onnx", [(1.0, 2.0, 3.0, 4.0)]))
    with pytest.raises(OnnxError, match="wanted"):
        find_boxes(model, PICTURE, 0.25, "")
