"""How a tensor will lie in memory, or in a packed file, for the CPU kernels: format and bytes, before any is packed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from quatre.checkpoint.packed import Entry
from quatre.formats.base import Format, StoredTensor
from quatre.formats.floats import F8_E4M3
from quatre.formats.panels import PanelTensor
from quatre.formats.registry import BY_NAME
from quatre.formats.scales import BlockScales
from quatre.formats.stack import Found, Stack
from quatre.model.table import Kind, Row
from quatre.ops._native import Matrix
from quatre.ops.native_backend import is_packed


def entry_of(row: Row, tensor: Found, quant: Format | None = None) -> Entry:
    """What a packed file will say of the tensor, but for its place and its checksum. ``quant``: rounded to this."""
    entry = Entry(row.name, "f32", tensor.shape, False, 0, row.kind is not Kind.VECTOR, 0, 0, 0)
    if row.kind is Kind.VECTOR:
        return replace(entry, nbytes=4 * tensor.shape[0])
    if row.kind is Kind.TABLE:
        assert isinstance(tensor, StoredTensor)
        plain = tensor.scales is None and not tensor.transposed
        rows, cols = tensor.shape
        fmt = tensor.format if plain else BY_NAME["f32"]
        return replace(entry, format=fmt.name, panels=False, nbytes=rows * fmt.row_bytes(cols))
    if quant is not None:
        entry = replace(entry, format=quant.name)
    else:
        parts = tensor.parts if isinstance(tensor, Stack) else (tensor,)
        first = parts[0]
        turned = first.transposed and row.kind is Kind.HEADS
        alike = all(part.format is first.format and _block(part) == _block(first) for part in parts)
        if alike and (turned or not first.transposed) and is_packed(first):
            shape = (*tensor.shape[:-2], *first.stored_shape[-2:])
            entry = replace(entry, format=first.format.name, block=_block(first), transposed=turned, shape=shape)
    count, rows, cols = (1, *entry.shape)[-3:]
    return replace(entry, nbytes=Matrix.panels_nbytes(entry.format, entry.block, count, rows, cols))


def nbytes_of(row: Row, tensor: Found | PanelTensor) -> int:
    """Bytes that the tensor takes beside the kernels: in panels, or mapped."""
    return tensor.nbytes if isinstance(tensor, PanelTensor) else entry_of(row, tensor).nbytes


def without_kernels(stored: Iterable[tuple[Row, Found | PanelTensor]]) -> dict[str, tuple[int, int]]:
    """Formats whose matrices become float32 because no kernel reads them: bytes in the checkpoint, and in memory."""
    sizes: dict[str, tuple[int, int]] = {}
    for row, tensor in stored:
        if isinstance(tensor, PanelTensor) or row.kind not in (Kind.MATRIX, Kind.HEADS):
            continue
        fmt = (tensor.parts[0] if isinstance(tensor, Stack) else tensor).format.name
        if fmt not in ("f32", "f16") and (entry := entry_of(row, tensor)).format == "f32":
            before, after = sizes.get(fmt, (0, 0))
            sizes[fmt] = before + tensor.nbytes, after + entry.nbytes
    return sizes


def _block(tensor: StoredTensor) -> int:
    if tensor.format is F8_E4M3 and isinstance(tensor.scales, BlockScales):
        return min(tensor.scales.cols, tensor.stored_shape[-1])
    return 0
