"""The families that Quatre knows. A new one is a file in this folder and a line here."""

from __future__ import annotations

from quatre.model.decoder import Family
from quatre.model.dense import DenseFamily
from quatre.model.mistral4 import Mistral4Family

FAMILIES: tuple[Family, ...] = (Mistral4Family(), DenseFamily())
