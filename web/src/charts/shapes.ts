/** Shapes that charts draw themselves, in ECharts' words. */

import type { CustomSeriesRenderItemReturn } from 'echarts/types/dist/echarts'
import type { Series } from './echarts'

export type Shape = NonNullable<CustomSeriesRenderItemReturn>
type Style = Record<string, unknown>

export function line(x1: number, y1: number, x2: number, y2: number, style: Style): Shape {
  return { type: 'line', shape: { x1, y1, x2, y2 }, style } as Shape
}

export function rect(x: number, y: number, width: number, height: number, style: Style, r = 0): Shape {
  return { type: 'rect', shape: { x, y, width, height, r }, style } as Shape
}

export function circle(cx: number, cy: number, r: number, style: Style): Shape {
  return { type: 'circle', shape: { cx, cy, r }, style } as Shape
}

export function diamond(x: number, y: number, r: number, style: Style): Shape {
  return { type: 'polygon', shape: { points: [[x, y - r], [x + r, y], [x, y + r], [x - r, y]] }, style } as Shape // prettier-ignore
}

export function text(x: number, y: number, said: string, style: Style): Shape {
  return { type: 'text', x, y, style: { text: said, align: 'left', verticalAlign: 'middle', fontSize: 12, ...style } } as Shape
}

export function group(children: Shape[]): Shape {
  return { type: 'group', children } as Shape
}

/** From a value of the axes to a place. */
export type To = (value: number) => number

/** What is drawn once, not for each datum: under the data or over it. It takes no part in tips and clicks. */
export function scene(z: number, shapes: (x: To, y: To) => Shape[]): Series {
  const renderItem = (_params: unknown, api: { coord: (at: [number, number]) => number[] }) =>
    group(shapes((value) => api.coord([value, 0])[0]!, (value) => api.coord([0, value])[1]!))
  return { type: 'custom', z, silent: true, clip: false, tooltip: { show: false }, data: [[0, 0]], renderItem } as unknown as Series
}
