/** The tokens of the page, read for what is drawn outside the style sheets. */

import { COLOURS, type Colour, type Look, type Size } from './drawing'

/** As the page looks now; `paper` is always light, as prints and pictures are. */
export function lookOf(size: Size, paper = false): Look {
  const html = document.documentElement
  const dark = html.classList.contains('dark')
  if (paper) html.classList.remove('dark')
  const style = getComputedStyle(html)
  const colour = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  // Quotes would end the attribute of an SVG file too early.
  const font = style.getPropertyValue('--font').replaceAll(/['"]/g, '').trim()
  if (paper && dark) html.classList.add('dark')
  return { ...size, font, dark: dark && !paper, colour: colour as Record<Colour, string> }
}
