/** What is drawn over the picture: zones, lines, boxes with the corners of the house, trails of where feet have been. */

import type { Line, Point, Zone } from "../api/types";
import { centre, normalOf } from "../cameras/editor/polygon";
import type { BehaviourMark, LiveTrack } from "./protocol";
import { footPoint } from "./trackTimeline";

const TRAIL_COLOUR_ALPHA = 0.75;
const FONT = '500 12px "Inter Variable", sans-serif';

const CLASS_COLOURS: Record<string, string> = {
  person: "#5ec1f5",
  unknown: "#b4bec7",
  bicycle: "#c6a3ff",
  car: "#c6a3ff",
  motorcycle: "#c6a3ff",
  bus: "#c6a3ff",
  truck: "#c6a3ff",
};
const OTHER_COLOUR = "#8fe0a8";
const ZONE_COLOUR = "#f0b040";
const ALERT_COLOUR = "#ff736b";
const MARK_COLOUR = "#8fe0a8";
/** Texts that belong to no place stand below each other from here, in CSS pixels. */
const CORNER: Point = [10, 22];
const ROW_PX = 22;
const LABEL_PX = 19;
/** Where a name goes that has no room, the nearest first. */
const LABEL_ROWS = [0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2];
const LABEL_PAD_PX = 10;

export const classColour = (name: string): string => CLASS_COLOURS[name] ?? OTHER_COLOUR;

/** A drawing surface of `width` by `height` CSS pixels, on which fractions become pixels. */
export class Overlay {
  /** Where names and words stand already: left, top, right of each. */
  private readonly written: [number, number, number][] = [];
  /** What behaviours have said of which place: two that count on one line say the same. */
  private readonly said = new Set<string>();

  constructor(
    private readonly g: CanvasRenderingContext2D,
    private readonly width: number,
    private readonly height: number,
  ) {
    g.clearRect(0, 0, width, height);
    g.font = FONT;
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.lineCap = "round";
  }

  private px([x, y]: Point): Point {
    return [x * this.width, y * this.height];
  }

  private path(points: readonly Point[], closed: boolean): void {
    this.g.beginPath();
    for (const [i, point] of points.entries()) {
      const [x, y] = this.px(point);
      if (i === 0) this.g.moveTo(x, y);
      else this.g.lineTo(x, y);
    }
    if (closed) this.g.closePath();
  }

  zone({ polygon, name }: Zone, labelled: boolean): void {
    const { g } = this;
    this.path(polygon, true);
    g.fillStyle = "rgb(240 176 64 / 9%)";
    g.fill();
    g.strokeStyle = ZONE_COLOUR;
    g.globalAlpha = 0.8;
    g.lineWidth = 1.25;
    g.setLineDash([6, 4]);
    g.stroke();
    g.setLineDash([]);
    g.globalAlpha = 1;
    if (labelled) this.label(name, this.px(centre(polygon)), ZONE_COLOUR, "middle");
  }

  line(line: Line, labelled: boolean): void {
    const { g } = this;
    this.path(line.points, false);
    g.strokeStyle = ZONE_COLOUR;
    g.lineWidth = 2;
    g.stroke();
    const middle = this.px(centre(line.points));
    for (const way of ["left", "right"] as const) {
      if (line.direction === "any" || line.direction === way)
        this.arrow(middle, normalOf(line.points, way, this.width / this.height));
    }
    if (labelled) this.label(line.name, this.px(line.points[0]), ZONE_COLOUR, "above");
  }

  private arrow([x, y]: Point, [dx, dy]: Point): void {
    const { g } = this;
    const [tipX, tipY] = [x + dx * 18, y + dy * 18];
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(tipX, tipY);
    g.moveTo(tipX - dx * 6 - dy * 5, tipY - dy * 6 + dx * 5);
    g.lineTo(tipX, tipY);
    g.lineTo(tipX - dx * 6 + dy * 5, tipY - dy * 6 - dx * 5);
    g.stroke();
  }

  trail(points: readonly Point[], colour: string): void {
    const { g } = this;
    g.strokeStyle = colour;
    g.lineWidth = 2;
    for (let i = 1; i < points.length; i += 1) {
      g.globalAlpha = (TRAIL_COLOUR_ALPHA * i) / points.length;
      this.path(points.slice(i - 1, i + 1), false);
      g.stroke();
    }
    g.globalAlpha = 1;
  }

  track(track: LiveTrack, labelled: boolean): void {
    const { g } = this;
    const [left, top] = this.px([track.box[0], track.box[1]]);
    const [right, bottom] = this.px([track.box[2], track.box[3]]);
    const colour = classColour(track.class);
    g.globalAlpha = track.observed ? 1 : 0.55;
    this.bracket(left, top, right, bottom, colour);
    if (labelled) this.name(`${track.class} ${Math.round(track.confidence * 100)}%`, [left, top], colour);
    g.globalAlpha = 1;
  }

  /** What a behaviour shows: cells and arrows beneath, then the place, the objects it is about, and its words. */
  mark(
    mark: BehaviourMark,
    shapes: { zones: Zone[]; lines: Line[] },
    tracks: readonly LiveTrack[],
    row: number,
  ): void {
    const { g } = this;
    const colour = mark.alert ? ALERT_COLOUR : MARK_COLOUR;
    for (const [left, top, right, bottom, strength] of mark.cells) {
      g.fillStyle = `rgb(240 176 64 / ${Math.round(Math.min(1, strength) * 55)}%)`;
      g.fillRect(...this.px([left, top]), (right - left) * this.width, (bottom - top) * this.height);
    }
    g.strokeStyle = colour;
    g.lineWidth = 2;
    for (const [from, to] of mark.arrows) this.arrowTo(this.px(from), this.px(to));
    const zone = shapes.zones.find((z) => z.id === mark.zone_id);
    const line = shapes.lines.find((l) => l.id === mark.line_id);
    const place = zone?.polygon ?? line?.points;
    if (place && mark.alert) {
      this.path(place, Boolean(zone));
      g.lineWidth = 2.5;
      g.stroke();
    }
    this.join(tracks.filter((t) => mark.tracks.includes(t.id)));
    const at = mark.at ?? (place ? centre(place) : null);
    const [x, y] = at ? this.px(at) : [CORNER[0], CORNER[1] + row * ROW_PX];
    // Below the name of the zone, which stands in its middle.
    const saying = [mark.text, mark.zone_id, mark.line_id, mark.at].join("|");
    if (!mark.text || this.said.has(saying)) return;
    this.said.add(saying);
    const spot: Point = [x, place && !mark.at ? y + 20 : y];
    this.label(mark.text, spot, colour, at ? "middle" : "above", mark.alert);
  }

  private join(tracks: readonly LiveTrack[]): void {
    const { g } = this;
    const feet = tracks.map((t) => footPoint(t.box));
    if (feet.length > 1) {
      this.path(feet, false);
      g.setLineDash([4, 4]);
      g.stroke();
      g.setLineDash([]);
    }
    for (const [x, y] of feet.map((foot) => this.px(foot))) {
      g.beginPath();
      g.ellipse(x, y, 11, 4.5, 0, 0, 2 * Math.PI);
      g.stroke();
    }
  }

  private arrowTo([x, y]: Point, [tipX, tipY]: Point): void {
    const { g } = this;
    const length = Math.hypot(tipX - x, tipY - y);
    if (length < 1) return;
    const [dx, dy] = [(tipX - x) / length, (tipY - y) / length];
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(tipX, tipY);
    g.moveTo(tipX - dx * 6 - dy * 4, tipY - dy * 6 + dx * 4);
    g.lineTo(tipX, tipY);
    g.lineTo(tipX - dx * 6 + dy * 4, tipY - dy * 6 - dx * 4);
    g.stroke();
  }

  private bracket(left: number, top: number, right: number, bottom: number, colour: string): void {
    const { g } = this;
    const arm = Math.max(4, Math.min(16, (right - left) / 3, (bottom - top) / 3));
    g.beginPath();
    for (const [x, y, toX, toY] of [
      [left, top, 1, 1],
      [right, top, -1, 1],
      [right, bottom, -1, -1],
      [left, bottom, 1, -1],
    ] as const) {
      g.moveTo(x + toX * arm, y);
      g.lineTo(x, y);
      g.lineTo(x, y + toY * arm);
    }
    // A dark line beneath keeps the bracket legible on bright ground.
    g.strokeStyle = "rgb(0 0 0 / 55%)";
    g.lineWidth = 4;
    g.stroke();
    g.strokeStyle = colour;
    g.lineWidth = 2;
    g.stroke();
  }

  /** The name of a place, or words on it, beside what is written there already: on a phone places lie close. Where there
   * is no room left, only what `must` be read is written over the rest. */
  private label(text: string, at: Point, colour: string, place: "above" | "middle", must = false): void {
    const width = this.g.measureText(text).width + LABEL_PAD_PX;
    const [left, wanted] = this.labelPlace(at, width, place);
    const isFree = (top: number) =>
      top >= 0 &&
      top <= this.height - LABEL_PX &&
      !this.written.some(([l, t, r]) => l < left + width && left < r && Math.abs(t - top) < LABEL_PX);
    const free = LABEL_ROWS.map((row) => wanted + row * LABEL_PX).find(isFree);
    if (free === undefined && !must) return;
    const top = free ?? wanted;
    this.written.push([left, top, left + width]);
    this.write(text, [left, top], width, colour);
  }

  /** A track's name stands at its box, whatever else does. */
  private name(text: string, at: Point, colour: string): void {
    const width = this.g.measureText(text).width + LABEL_PAD_PX;
    this.write(text, this.labelPlace(at, width, "above"), width, colour);
  }

  private labelPlace([x, y]: Point, width: number, place: "above" | "middle"): Point {
    const left = Math.min(Math.max(0, place === "middle" ? x - width / 2 : x - 1), this.width - width);
    return [left, Math.max(0, place === "middle" ? y - 9 : y - 23)];
  }

  private write(text: string, [left, top]: Point, width: number, colour: string): void {
    const { g } = this;
    g.fillStyle = "rgb(8 11 14 / 78%)";
    g.beginPath();
    g.roundRect(left, top, width, 18, 3);
    g.fill();
    g.fillStyle = colour;
    g.fillText(text, left + 5, top + 9.5);
  }
}

/** Fits the canvas's pixels to the screen's and starts a drawing on it; null while it has no size. */
export function beginOverlay(canvas: HTMLCanvasElement): Overlay | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const g = canvas.getContext("2d");
  if (!g || !width || !height) return null;
  const scale = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  g.setTransform(scale, 0, 0, scale, 0, 0);
  return new Overlay(g, width, height);
}
