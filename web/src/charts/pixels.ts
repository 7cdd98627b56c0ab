/** Charts that are laid out in pixels: each thing is some shapes, perhaps with a tip and the page behind it. */

import { base, type Look } from './drawing'
import type { Option, Series } from './echarts'
import { group, type Shape } from './shapes'

export interface Item {
  shapes: Shape[]
  to?: string | undefined
  tip?: string
}

export function pixels(look: Look, items: Item[]): Option {
  const plain = items.filter((one) => !one.to && !one.tip)
  return {
    ...base(look),
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { type: 'value', min: 0, max: look.width, show: false },
    yAxis: { type: 'value', min: 0, max: look.height, inverse: true, show: false },
    series: [layer(plain, 1, true), layer(items.filter((one) => one.to || one.tip), 2, false)], // prettier-ignore
  }
}

function layer(items: Item[], z: number, silent: boolean): Series {
  return {
    type: 'custom',
    z,
    silent,
    cursor: items.some((one) => one.to) ? 'pointer' : 'default',
    clip: false,
    data: items.map(({ to, tip }) => ({ value: [0, 0], to, tip })),
    renderItem: ({ dataIndex }: { dataIndex: number }) => group(items[dataIndex]!.shapes),
    tooltip: { formatter: (at: unknown) => (at as { data: { tip?: string } }).data.tip ?? '' },
  } as unknown as Series
}
