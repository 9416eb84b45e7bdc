"""Spatial filters. Shapes are compared on a plane of longitude and latitude, as RFC 7946 draws their lines; distances
are measured on the globe.

On MySQL every value has a spatial reference system, and only those of the same one can be compared. `ST_SRID(x, 0)`
lays it on the plane without changing its coordinates, but no index covers the result: for a column of SRID 4326, a test
of bounding boxes on the globe is added, which the index answers.
"""

from __future__ import annotations

from api.catalog import ColumnType, Dialect
from api.plan.tree import Spatial
from api.statement import Sql, sql, value
from api.values.spatial import Area, Box, Circle

_GLOBE = 4326
"""WGS 84."""


def spatial_sql(spatial: Spatial, operand: Sql, dialect: Dialect) -> Sql:
    """The condition, without its own negation. It is NULL for NULL."""
    type_, shape = spatial.operand.type, spatial.shape
    if isinstance(shape, Circle):
        condition = _near(operand, type_, shape, dialect)
    else:
        condition = _shared(spatial.operator, _flat(operand, type_, dialect), type_, shape)
    if dialect is Dialect.MARIADB or type_.srid != _GLOBE or not shape.box.indexable:
        return condition
    return sql("(MBRIntersects({},{}) AND {})", _on_globe(shape.box), operand, condition)


def _shared(operator: str, flat: Sql, type_: ColumnType, shape: Area) -> Sql:
    area = _from_geojson(shape.geojson)
    touches = sql("ST_Intersects({},{})", flat, area)
    if operator == "intersects" or type_.name == "point":
        return touches
    # a point on the border is inside, which ST_Within answers differently on MySQL and MariaDB
    within = sql("ST_Within({},{})", flat, area)
    return sql("({} OR (ST_GeometryType({})='POINT' AND {}))", within, flat, touches)


def _near(operand: Sql, type_: ColumnType, circle: Circle, dialect: Dialect) -> Sql:
    if dialect is Dialect.MYSQL and type_.srid == _GLOBE:
        return sql("ST_Distance({},{})<={}", operand, _on_globe(circle), value(circle.metres))
    centre = _from_geojson(circle.geojson())
    return sql("ST_Distance_Sphere({},{})<={}", _flat(operand, type_, dialect), centre, value(circle.metres))


def _flat(operand: Sql, type_: ColumnType, dialect: Dialect) -> Sql:
    return operand if dialect is Dialect.MARIADB or type_.srid == 0 else sql("ST_SRID({},0)", operand)


def _from_geojson(text: str) -> Sql:
    return sql("ST_GeomFromGeoJSON({},1,0)", value(text))


def _on_globe(shape: Box | Circle) -> Sql:
    return sql("ST_GeomFromGeoJSON({})", value(shape.geojson()))
