/** A small map without tiles: shapes over the outline of the land, when their coordinates can be degrees. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fileAddress } from "./api";
import { boxOf, type Box, type Shape } from "./geometry";

export interface Place {
  shape: Shape;
  label: string;
  href?: string | undefined;
}

/** Less would show nothing of the coast: a single place needs more around it than many. */
const LEAST_DEGREES = { one: 16, many: 8 };

/** Lines of tenths of degrees: x, y, x, y, ... Coasts are closed. */
interface Land {
  coasts: number[][];
  borders: number[][];
}

let land: Promise<Land> | null = null;

function loadLand(): Promise<Land> {
  land ??= fetch(fileAddress("land.json")).then((response) => response.json() as Promise<Land>);
  return land;
}

function framed(box: Box, geographic: boolean, places: number): Box {
  const least = geographic ? (places === 1 ? LEAST_DEGREES.one : LEAST_DEGREES.many) : 1e-9;
  const width = Math.max(box.right - box.left, least);
  const height = Math.max(box.top - box.bottom, least / 2);
  const [x, y] = [(box.left + box.right) / 2, (box.bottom + box.top) / 2];
  return { left: x - width * 0.55, right: x + width * 0.55, bottom: y - height * 0.6, top: y + height * 0.6 };
}

function step(span: number): number {
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30].find((each) => span / each <= 4) ?? 45;
}

function degreeText(degrees: number, above: string, below: string): string {
  const rounded = Math.round(Math.abs(degrees) * 10) / 10;
  return `${rounded}°${rounded === 0 ? "" : degrees > 0 ? above : below}`;
}

export function MapView({ places, height }: { places: readonly Place[]; height: number }): JSX.Element {
  const [width, setWidth] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!frame.current) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [places.length === 0]);
  if (places.length === 0) return <p class="faint">These rows have no location.</p>;
  return <div class="map" ref={frame}>{width > 0 && <Drawing places={places} width={width} height={height} />}</div>;
}

function Drawing({ places, width, height }: { places: readonly Place[]; width: number; height: number }): JSX.Element {
  const tight = boxOf(places.map((place) => place.shape));
  const geographic = tight.left >= -180 && tight.right <= 180 && tight.bottom >= -90 && tight.top <= 90;
  const [outline, setOutline] = useState<Land>({ coasts: [], borders: [] });
  useEffect(() => {
    if (geographic) loadLand().then(setOutline, () => undefined);
  }, [geographic]);

  const box = framed(tight, geographic, places.length);
  // a degree east is shorter than one north
  const squeeze = geographic ? Math.max(0.2, Math.cos((((box.bottom + box.top) / 2) * Math.PI) / 180)) : 1;
  const scale = Math.min(width / ((box.right - box.left) * squeeze), height / (box.top - box.bottom));
  const [middleX, middleY] = [(box.left + box.right) / 2, (box.bottom + box.top) / 2];
  const x = (value: number): number => width / 2 + (value - middleX) * scale * squeeze;
  const y = (value: number): number => height / 2 - (value - middleY) * scale;
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.map(([east, north], index) => `${index ? "L" : "M"}${x(east).toFixed(1)} ${y(north).toFixed(1)}`).join("");
  const drawn = (lines: readonly number[][]): string =>
    lines
      .map((line) => {
        let text = "";
        for (let at = 0; at < line.length; at += 2) {
          text += `${at ? "L" : "M"}${x(line[at]! / 10).toFixed(1)} ${y(line[at + 1]! / 10).toFixed(1)}`;
        }
        return text;
      })
      .join("");
  const every = step(height / scale);
  const degrees = (from: number, to: number): number[] =>
    geographic ? Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => from + index * every) : [];
  const meridians = degrees(-180, 180).filter((east) => x(east) > 0 && x(east) < width);
  const parallels = degrees(-90, 90).filter((north) => y(north) > 0 && y(north) < height);
  const radius = places.length > 200 ? 2 : places.length > 20 ? 3 : 4.5;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`Map of ${places.length} ${places.length === 1 ? "place" : "places"}`}>
      <path class="map-land" d={drawn(outline.coasts)} fill-rule="evenodd" />
      <path class="map-border" d={drawn(outline.borders)} />
      <path class="map-grid" d={[...meridians.map((east) => `M${x(east).toFixed(1)} 0V${height}`), ...parallels.map((north) => `M0 ${y(north).toFixed(1)}H${width}`)].join("")} />
      {meridians.map((east) => <text key={`x${east}`} class="map-degree" x={x(east) + 3} y={height - 4}>{degreeText(east, "E", "W")}</text>)}
      {parallels.map((north) => <text key={`y${north}`} class="map-degree" x={4} y={y(north) - 3}>{degreeText(north, "N", "S")}</text>)}
      {places.map((place, index) => {
        const drawing = (
          <g class="map-place" key={index}>
            <title>{place.label}</title>
            {place.shape.areas.map((area) => <path class="map-area" fill-rule="evenodd" d={area.map((ring) => `${path(ring)}Z`).join("")} />)}
            {place.shape.lines.map((line) => <path class="map-line" d={path(line)} />)}
            {place.shape.points.map(([east, north]) => <circle class="map-point" cx={x(east).toFixed(1)} cy={y(north).toFixed(1)} r={radius} />)}
          </g>
        );
        return place.href ? <a key={index} href={place.href} aria-label={place.label}>{drawing}</a> : drawing;
      })}
    </svg>
  );
}
