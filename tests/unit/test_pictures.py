"""The pictures of the documentation are up to date and readable."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.draw import ARROWS, BOXES, CURVES, PICTURES
from infra.dashboard import sections


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_up_to_date(name: str) -> None:
    assert Path("docs", name).read_text() == PICTURES[name](), "run: python -m docs.draw"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_well_formed_with_a_description_and_both_colour_modes(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name]())  # noqa: S314 - our own XML
    found = {
        child.tag.rpartition("}")[2]: child.text or ""
        for child in root
        if child.tag.endswith(("title", "desc", "style"))
    }
    assert found["title"]
    assert found["desc"]
    assert "prefers-color-scheme: dark" in found["style"]


@pytest.mark.parametrize("name", PICTURES)
def test_every_shape_has_its_colours_as_attributes(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name]())  # noqa: S314 - our own XML
    shapes = [each for each in root.iter() if each.tag.endswith(("rect", "path", "text"))]
    assert len(shapes) > 20
    for shape in shapes:
        colours = [shape.get(name) for name in ("fill", "stroke") if shape.get(name) is not None]
        assert any(colour.startswith("#") for colour in colours if colour), ElementTree.tostring(shape)


def test_every_curve_is_of_a_line_of_the_dashboard() -> None:
    lines = {line.label for section in sections(with_cluster=True) for chart in section.charts for line in chart.lines}
    assert set(CURVES) - lines == set()


def test_the_dashboard_shows_every_chart_and_every_visible_line() -> None:
    picture = PICTURES["dashboard.svg"]()
    for section in sections(with_cluster=True):
        assert f">{section.title}</text>" in picture
        for chart in section.charts:
            assert f">{chart.title}</text>" in picture
            for line in chart.lines:
                assert line.hidden or f">{line.label}</text>" in picture


def test_boxes_do_not_overlap_and_arrows_connect_them() -> None:
    for one in BOXES:
        for other in BOXES:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert one is other or apart_x or apart_y
    for arrow in ARROWS:
        for x, y in (arrow.points[0], arrow.points[-1]):
            assert any(
                box.x - 3 <= x <= box.x + box.width + 3 and box.y - 3 <= y <= box.y + box.height + 3 for box in BOXES
            )
