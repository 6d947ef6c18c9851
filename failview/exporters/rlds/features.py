"""What an RLDS dataset holds, as TFDS's features.json says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CLASS = "tensorflow_datasets.core.features"


@dataclass(frozen=True)
class Numbers:
    """Numbers of one type per step or episode: "float32", "int64" or "bool"; no shape is a single one."""

    dtype: str
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Words:
    """A text."""


@dataclass(frozen=True)
class Pictures:
    """RGB pictures, encoded.

    Attributes:
        encoding: "jpeg" or "png".
        width: Pixels.
        height: Pixels.
    """

    encoding: str
    width: int
    height: int


Leaf = Numbers | Words | Pictures
Features = Mapping[str, "Leaf | Features"]


def features_json(features: Features, steps: Features) -> dict[str, Any]:
    """features.json of a dataset whose episodes hold features and `steps`."""
    plain = _dict_json(features)
    plain["featuresDict"]["features"]["steps"] = {
        "pythonClassName": f"{_CLASS}.dataset_feature.Dataset",
        "sequence": {"feature": _dict_json(steps), "length": "-1"},
    }
    return plain


def dataset_info_json(name: str, version: str, description: str, splits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """dataset_info.json of a dataset.

    Args:
        name: In lower case with underscores.
        version: "1.0.0".
        description: What it is, for people.
        splits: Name, bytes and number of episodes in each file ("name", "bytes", "shard_lengths").
    """
    return {
        "description": description,
        "fileFormat": "tfrecord",
        "moduleName": "",
        "name": name,
        "splits": [
            {
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
                "name": split["name"],
                "numBytes": str(split["bytes"]),
                "shardLengths": [str(length) for length in split["shard_lengths"]],
            }
            for split in splits
        ],
        "version": version,
    }


def _dict_json(features: Features) -> dict[str, Any]:
    inner = {name: _json(feature) for name, feature in sorted(features.items())}
    return {"featuresDict": {"features": inner}, "pythonClassName": f"{_CLASS}.features_dict.FeaturesDict"}


def _json(feature: "Leaf | Features") -> dict[str, Any]:
    if isinstance(feature, Words):
        return {"pythonClassName": f"{_CLASS}.text_feature.Text", "text": {}}
    if isinstance(feature, Pictures):
        shape = _shape_json((feature.height, feature.width, 3))
        image = {"dtype": "uint8", "encodingFormat": feature.encoding, "shape": shape}
        return {"image": image, "pythonClassName": f"{_CLASS}.image_feature.Image"}
    if isinstance(feature, Numbers):
        kind = "tensor_feature.Tensor" if feature.shape else "scalar.Scalar"
        tensor = {"dtype": feature.dtype, "encoding": "none", "shape": _shape_json(feature.shape)}
        return {"pythonClassName": f"{_CLASS}.{kind}", "tensor": tensor}
    return _dict_json(feature)


def _shape_json(shape: tuple[int, ...]) -> dict[str, Any]:
    return {"dimensions": [str(size) for size in shape]} if shape else {}
