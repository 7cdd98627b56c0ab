import { expect, test } from 'vitest'
import { bars } from '../src/charts/bars'
import { matrix, type Dot } from '../src/charts/bubbles'
import { COLOURS, fileRows, fitting, type Colour, type Look } from '../src/charts/drawing'
import { svgText } from '../src/charts/echarts'
import { heat } from '../src/charts/heat'
import { contrast, mix, ramp, stepOf } from '../src/charts/hue'
import { intervals } from '../src/charts/intervals'
import { overlap } from '../src/charts/labels'
import { placeLabels, spread, type Bubble } from '../src/charts/placing'
import { skyline, tallest, type Tower } from '../src/charts/skyline'
import TOKENS from '../src/tokens.css?raw'


/** The colours of a theme as they stand in the style sheet. */
function lookOf(dark: boolean, width = 800, height = 300): Look {
  const at = TOKENS.indexOf('html.dark')
  const text = dark ? TOKENS.slice(at) : TOKENS.slice(0, at)
  const colour = Object.fromEntries(COLOURS.map((name) => [name, new RegExp(`--${name}: (#\\w+)`).exec(text)![1]!])) as Record<Colour, string>
  return { width, height, dark, font: 'sans-serif', colour }
}

test.each([false, true])('each step of the heat map can be read (dark: %s), and none is like its neighbour', (dark) => {
  const steps = ramp(lookOf(dark))
  for (const step of steps) expect(contrast(step.text, step.fill), step.fill).toBeGreaterThanOrEqual(4.5)
  for (const [i, step] of steps.slice(1).entries()) expect(step.fill).not.toBe(steps[i]!.fill)
})

test('colours', () => {
  expect(contrast('#fff', '#000000')).toBeCloseTo(21)
  expect(mix('#ffffff', '#000', 0.5)).toBe('#808080')
  expect([stepOf(0, 7), stepOf(7, 7), stepOf(3.5, 7), stepOf(1, 0)]).toEqual([0, 6, 3, 0])
})

const FIELD = { left: 0, top: 0, width: 500, height: 300 }
const crowd = (n: number): Bubble[] => Array.from({ length: n }, (_, i) => ({ x: 80 + ((i * 97) % 340), y: 60 + ((i * 53) % 180), r: 6 + (i % 5) * 4, text: `原因之${i}名字很长` }))

test.each([1, 5, 13, 30])('names of %i bubbles lie on nothing', (n) => {
  const bubbles = spread(crowd(n))
  const labels = placeLabels(bubbles, FIELD, [{ left: 0, top: 0, width: 40, height: 18 }])
  const boxes = [...labels.flatMap((one) => one ?? []), ...bubbles.map((one) => ({ left: one.x - one.r, top: one.y - one.r, width: 2 * one.r, height: 2 * one.r }))]
  for (const label of labels.flatMap((one) => one ?? [])) {
    expect(boxes.filter((one) => one !== label && overlap(one, label) > 0)).toEqual([])
    expect(label.left >= 0 && label.left + label.width <= FIELD.width).toBe(true)
  }
  if (n <= 5) expect(labels.every((one) => one)).toBe(true)
})

test('bubbles at one place stand beside each other', () => {
  const one = { x: 100, y: 100, r: 10, text: 'a' }
  const [a, b, c] = spread([one, { ...one }, { ...one, r: 20 }]) as [Bubble, Bubble, Bubble]
  for (const [p, q] of [[a, b], [a, c], [b, c]] as const) expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeGreaterThan(9) // prettier-ignore
})

const dot = (label: string, x: number, y: number, size: number | null): Dot => ({ label, x, y, size, to: `/contacts?cause=${label}`, tip: label, cells: [{ text: String(x), value: x }] })
const MATRIX = { names: ['消除', '简化', '自助', '深化'] as const, xName: '对客户', yName: '对公司', head: [{ text: '原因' }, { text: '对客户', number: true }] }

test.each([390, 900])('every bubble has its name at %i pixels, beside it or under the field', (width) => {
  const dots = Array.from({ length: 12 }, (_, i) => dot(`原因${i}`, 1 + (i % 3) * 0.25, 1 + (i % 2) * 0.25, i ? 1000 * i : null))
  const drawing = matrix({ ...MATRIX, dots })
  const look = lookOf(false, width, drawing.height(width))
  const svg = svgText(drawing.option(look), look)
  for (const one of dots) expect(svg).toContain(one.label)
  expect(fileRows(drawing.table)[1]).toEqual(['原因0', 1])
})

const point = (week: number, value: number | null, signals: ('outside' | 'side')[] = []) => ({ week: `2026-W${week}`, state: value === null ? 'no_denominator' : 'known', value, n: 100, count: 5, mean: 10, limits: [8, 12] as [number, number], signals, side: 'above' })
const TOWER: Tower = { label: '退款一直没到', per: '每千退款', short: '每千退款', contacts: 80, bars: [point(44, 10), point(45, null), point(46, 15, ['outside'])], link: (week) => `/contacts?first=${week}` }
const show = (value: number | null) => (value === null ? '—' : value.toFixed(2))

test.each([390, 900])('a skyline at %i pixels says its newest value, and why one is lacking', (width) => {
  const drawing = skyline({ towers: [TOWER], show })
  const look = lookOf(true, width, drawing.height(width))
  const svg = svgText(drawing.option(look), look)
  expect(svg).toContain('退款一直没到')
  expect(svg).toContain('15.00 每千退款')
  expect(fileRows(drawing.table)).toEqual([
    ['原因', '联络', 'W44', 'W45', 'W46', '计量', '下限', '上限', '信号'],
    ['退款一直没到', 80, 10, '没有分母', 15, '每千退款', 8, 12, '超出控制限'],
  ])
  expect(tallest([TOWER])).toBe(1.5)
})

const HEAT = {
  columns: Array.from({ length: 12 }, (_, i) => `W${35 + i}`),
  name: '部门',
  short: (value: number) => value.toFixed(1),
  rows: [{ label: '物流部', cells: Array.from({ length: 12 }, (_, i) => ({ value: i ? i / 2 : null, shown: i ? show(i / 2) : '没有分母', signals: i === 11 ? (['outside'] as const).slice() : [] })) }],
}

test('a heat map has its number in each cell; on a phone the last eight weeks', () => {
  const drawing = heat(HEAT)
  const wide = svgText(drawing.option(lookOf(false, 800, drawing.height(800))), { width: 800, height: 80 })
  expect(wide).toContain('W35')
  expect(wide).toContain('>5.5<')
  const narrow = svgText(drawing.option(lookOf(false, 366, 80)), { width: 366, height: 80 })
  expect(narrow).not.toContain('W38')
  expect(narrow).toContain('W39')
  expect(fileRows(drawing.table)[1]!.slice(0, 3)).toEqual(['物流部', '没有分母', 0.5])
  expect(fileRows(drawing.table)[1]!.at(-1)).toBe('超出控制限')
})

test('on little paper fewer are drawn, and how many are left is said', () => {
  expect(fitting([1, 2, 3, 4], 100, 30)).toEqual({ shown: [1, 2, 3], left: 1 })
  const drawing = bars({ head: [{ text: '账户' }, { text: '金额' }], bars: Array.from({ length: 30 }, (_, i) => ({ label: `部门${i}`, value: 30 - i, shown: `¥${30 - i}` })) })
  const svg = svgText(drawing.option(lookOf(false, 400, 180)), { width: 400, height: 180 })
  expect(svg).toMatch(/另有 \d+ 个/)
  expect(drawing.table.rows).toHaveLength(30)
})

test('an interval that goes beyond the scale has no end there', () => {
  const row = { label: 'P-1 <b>换箱</b>', word: '挪到了别处', tone: 'warn' as const, value: 0.42, interval: [0.05, 0.84] as const, shown: '0.42（0.05–0.84）', tip: '', cells: [] }
  const drawing = intervals({ rows: [row], head: [], min: 0.2, max: 3, log: true, ticks: [0.5, 1, 2], show: (value) => `×${value}`, still: { at: 1, text: '' }, sides: ['少', '多'] })
  const svg = svgText(drawing.option(lookOf(false, 700, 120)), { width: 700, height: 120 })
  expect(svg).toContain('◆ 挪到了别处')
  expect(svg).not.toContain('<b>')
  const ends = [...svg.matchAll(/stroke-width="1.5"/g)].length
  expect(ends).toBe(2) // of the interval's right end and of the dot, not of the left end
})
