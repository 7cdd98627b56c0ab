/** Small things that outlive the page. Storage may be forbidden or full: then nothing is kept. */

const PREFIX = 'voc.'
const LOOKS = ['language', 'theme']
/** Names of what stands in forms that were not sent begin with this. */
export const TYPED = 'typed.'

export function kept<T>(name: string): T | undefined {
  try {
    const text = localStorage.getItem(PREFIX + name)
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

export function keep(name: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // nothing is kept
  }
}

/** What this person typed and chose is not left for the next one at the machine; how the page looks may stay. */
export function forget(): void {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))
    for (const name of names) if (!LOOKS.includes(name.slice(PREFIX.length))) localStorage.removeItem(name)
  } catch {
    // nothing was kept
  }
}

/** Something typed that was not sent. */
export function unsent(): boolean {
  if (['draft', 'voice', 'andon'].some((name) => Boolean(kept<{ text?: string }>(name)?.text))) return true
  try {
    return Object.keys(localStorage).some((name) => name.startsWith(PREFIX + TYPED))
  } catch {
    return false
  }
}
