/** GeoJSON as points and paths on a plane: degrees east and north, or whatever the coordinates mean. */

import { isLosslessNumber, type Json, type Row } from "./json";
import type { Table } from "./catalog";

type Point = readonly [x: number, y: number];

export interface Shape {
  points: Point[];
  lines: Point[][];
  /** Each a list of rings. */
  areas: Point[][][];
}

export interface Box {
  left: number;
  bottom: number;
  right: number;
  top: number;
}

function plain(value: Json): unknown {
  if (isLosslessNumber(value)) return Number(value.value);
  return Array.isArray(value) ? value.map(plain) : value;
}

const isPoint = (value: unknown): value is Point => Array.isArray(value) && value.length >= 2 && value.every(Number.isFinite);
const points = (value: unknown): Point[] => (Array.isArray(value) ? value.filter(isPoint) : []);
const paths = (value: unknown): Point[][] => (Array.isArray(value) ? value.map(points).filter((path) => path.length > 0) : []);

/** Null for an empty geometry, and for anything else that has no coordinates. */
export function shapeOf(value: Json): Shape | null {
  const shape: Shape = { points: [], lines: [], areas: [] };
  collect(value, shape, 0);
  return shape.points.length + shape.lines.length + shape.areas.length > 0 ? shape : null;
}

function collect(value: Json, shape: Shape, depth: number): void {
  if (value === null || typeof value !== "object" || Array.isArray(value) || isLosslessNumber(value) || depth > 20) return;
  const coordinates = plain(value.coordinates ?? null);
  switch (value.type) {
    case "Point":
      if (isPoint(coordinates)) shape.points.push(coordinates);
      break;
    case "MultiPoint":
      shape.points.push(...points(coordinates));
      break;
    case "LineString":
      shape.lines.push(...paths([coordinates]));
      break;
    case "MultiLineString":
      shape.lines.push(...paths(coordinates));
      break;
    case "Polygon":
      shape.areas.push(paths(coordinates));
      break;
    case "MultiPolygon":
      if (Array.isArray(coordinates)) shape.areas.push(...coordinates.map(paths));
      break;
    case "GeometryCollection":
      if (Array.isArray(value.geometries)) for (const each of value.geometries) collect(each, shape, depth + 1);
  }
}

export function pointsOf(shape: Shape): Point[] {
  return [...shape.points, ...shape.lines.flat(), ...shape.areas.flat(2)];
}

export function boxOf(shapes: readonly Shape[]): Box {
  const box: Box = { left: Infinity, bottom: Infinity, right: -Infinity, top: -Infinity };
  for (const shape of shapes) {
    for (const [x, y] of pointsOf(shape)) {
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.bottom = Math.min(box.bottom, y);
      box.top = Math.max(box.top, y);
    }
  }
  return box;
}

/** `Point 8.54 47.37`, or the type alone. */
export function geometryText(value: Json): string {
  if (value === null || typeof value !== "object" || Array.isArray(value) || isLosslessNumber(value)) return "";
  const type = typeof value.type === "string" ? value.type : "geometry";
  if (type === "Point" && Array.isArray(value.coordinates)) {
    const numbers = value.coordinates.map((each) => (isLosslessNumber(each) ? Number(Number(each.value).toFixed(5)) : each));
    return `${type} ${numbers.join(" ")}`;
  }
  const shape = shapeOf(value);
  return shape ? `${type}, ${pointsOf(shape).length} points` : type;
}

const PAIRS: readonly [latitude: RegExp, longitude: RegExp][] = [
  [/^latitude$/i, /^longitude$/i],
  [/^lat$/i, /^(lon|lng|long)$/i],
];

/** What of a row is a place: its geometry columns, or a pair of columns for latitude and longitude. */
export function placesOf(table: Table): ((row: Row) => Shape | null) | null {
  const geometries = table.columns.filter((column) => column.kind === "geometry").map((column) => column.name);
  if (geometries.length > 0) {
    return (row) => {
      const found = geometries.map((name) => shapeOf(row[name] ?? null)).filter((shape) => shape !== null);
      const merge = <T>(pick: (shape: Shape) => T[]): T[] => found.flatMap(pick);
      if (found.length === 0) return null;
      return { points: merge((each) => each.points), lines: merge((each) => each.lines), areas: merge((each) => each.areas) };
    };
  }
  for (const [north, east] of PAIRS) {
    const [latitude, longitude] = [north, east].map((name) => table.columns.find((column) => name.test(column.name))?.name);
    if (latitude && longitude) {
      return (row) => {
        const [y, x] = [row[latitude], row[longitude]].map((value) => (isLosslessNumber(value) ? Number(value.value) : NaN));
        return Number.isFinite(x) && Number.isFinite(y) ? { points: [[x!, y!]], lines: [], areas: [] } : null;
      };
    }
  }
  return null;
}
