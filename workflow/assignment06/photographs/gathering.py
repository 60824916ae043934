"""Put the shards of 6.3 together again; works on any number of images in flat memory."""

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from assignment06.photographs.results import ClassifierMetadata, ClassifierProvenance, ShardFacts
from assignment06.shared.files import atomic_path
from assignment06.shared.provenance import provenance


def gather_predictions(
    predictions: list[str], skipped: list[str], facts: list[str], architecture: str, photographs: str,
    stand_in: bool, gathered: str, gathered_skipped: str, metadata: str,
) -> None:  # fmt: skip
    """Join the shards' tables, in order, into one CSV each, and write `ClassifierMetadata`.

    By the suffix of `gathered` it may be Parquet instead.
    """
    join_tables(predictions, gathered)
    join_tables(skipped, gathered_skipped)
    parts = [ShardFacts.read(path) for path in facts]
    stamps = [] if all(part.trained for part in parts) else [f"untrained weights ({architecture})"]
    if stand_in:
        stamps.append("stand-in photographs (data/raw/images is empty)")
    ClassifierMetadata(
        architecture=architecture,
        photographs=photographs,
        stamps=stamps,
        images=sum(part.images for part in parts),
        skipped=sum(part.skipped for part in parts),
        seconds=sum(part.seconds for part in parts),
        provenance=ClassifierProvenance(
            files=parts[0].files,
            device=parts[0].device,
            compute_dtype=" and ".join(sorted({part.compute_dtype for part in parts})),
            engine=" and ".join(sorted({part.engine for part in parts})),
            **provenance(),
        ),
    ).write(metadata)


def join_tables(paths: list[str], target: str) -> None:
    """Join CSV files with the same header, in order, into a CSV or, by its suffix, a Parquet file; memory is flat."""
    if not target.endswith(".parquet"):
        with atomic_path(target) as part, open(part, "wb") as out:
            for number, path in enumerate(paths):
                with open(path, "rb") as file:
                    header = file.readline()
                    out.write(b"" if number else header)
                    while block := file.read(1 << 20):
                        out.write(block)
        return
    kinds = {"rank": pa.int32(), "probability": pa.float64()}
    options = pa_csv.ConvertOptions(
        column_types={name: kinds.get(name, pa.string()) for name in _header(paths[0])}, strings_can_be_null=False
    )
    parsing = pa_csv.ParseOptions(newlines_in_values=True)
    with atomic_path(target) as part:
        first = pa_csv.read_csv(paths[0], convert_options=options, parse_options=parsing)
        with pa_parquet.ParquetWriter(part, first.schema) as writer:
            writer.write_table(first)
            for path in paths[1:]:
                writer.write_table(pa_csv.read_csv(path, convert_options=options, parse_options=parsing))


def _header(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return file.readline().strip().split(",")
