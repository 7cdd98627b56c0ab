/** A chart as a picture with its title and what it says, twice as fine as the screen. */

import type { Look, Size } from './drawing'
import { wrapped } from './labels'

const FINE = 2
const EDGE = 16

export async function png(svg: string, size: Size, title: string, finding: string, look: Look): Promise<Blob> {
  const lines = wrapped(finding, size.width, 13)
  const head = EDGE + 24 + 20 * lines.length + 8
  const canvas = document.createElement('canvas')
  canvas.width = FINE * (size.width + 2 * EDGE)
  canvas.height = FINE * (head + size.height + EDGE)
  const pen = canvas.getContext('2d')!
  pen.scale(FINE, FINE)
  pen.fillStyle = look.colour.panel
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.textBaseline = 'top'
  pen.fillStyle = look.colour.ink
  pen.font = `600 15px ${look.font}`
  pen.fillText(title, EDGE, EDGE)
  pen.fillStyle = look.colour.mute
  pen.font = `13px ${look.font}`
  for (const [i, line] of lines.entries()) pen.fillText(line, EDGE, EDGE + 24 + 20 * i)
  pen.drawImage(await image(svg), EDGE, head, size.width, size.height)
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'))
}

async function image(svg: string): Promise<HTMLImageElement> {
  const made = new Image()
  made.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    await made.decode()
  } finally {
    URL.revokeObjectURL(made.src)
  }
  return made
}
