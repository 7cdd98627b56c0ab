/** One hue in steps from paper to deep, with the colour of text that can be read on each. */

import type { Look } from './drawing'

type Rgb = [number, number, number]

/** How much of the accent is in each step: those in between on which no text would reach 4.5:1 are left out. */
const PARTS = [0.05, 0.14, 0.24, 0.35, 0.48, 0.84, 1]

export interface Step {
  fill: string
  text: string
}

export function ramp(look: Pick<Look, 'colour'>): Step[] {
  const { panel, accent, ink } = look.colour
  const ends = [ink, look.colour['on-accent']]
  return PARTS.map((part) => {
    const fill = mix(panel, accent, part)
    return { fill, text: ends.reduce((best, one) => (contrast(one, fill) > contrast(best, fill) ? one : best)) }
  })
}

/** The step of a value between 0 and the largest. */
export function stepOf(value: number, most: number): number {
  return most > 0 ? Math.min(PARTS.length - 1, Math.floor((value / most) * PARTS.length)) : 0
}

export function mix(from: string, to: string, part: number): string {
  const [a, b] = [rgb(from), rgb(to)]
  return `#${a.map((one, i) => Math.round(one + (b[i]! - one) * part).toString(16).padStart(2, '0')).join('')}` // prettier-ignore
}

/** WCAG 2: from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4)) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function rgb(colour: string): Rgb {
  // Built style sheets write #fff for #ffffff.
  const digits = colour.length === 4 ? [...colour.slice(1)].map((one) => one + one).join('') : colour.slice(1)
  const n = Number.parseInt(digits, 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}
