"""The plot of a training run's losses."""

from __future__ import annotations

from xml.etree import ElementTree

from recipes.nano.mixture import MODULES
from recipes.nano.plot import POINTS, plot

SVG = "{http://www.w3.org/2000/svg}"


def test_every_ability_has_a_line_and_a_label() -> None:
    lines = [{"step": 20 * n, "by_ability": dict.fromkeys(MODULES, 1 / n)} for n in range(1, 400)]
    drawn = ElementTree.fromstring(plot(lines))
    assert {text.text for text in drawn.iter(f"{SVG}text")} >= set(MODULES)
    curves = list(drawn.iter(f"{SVG}polyline"))
    assert len({curve.get("stroke") for curve in curves}) == len(MODULES)
    assert all(len(str(curve.get("points")).split()) <= 2 * POINTS for curve in curves)
