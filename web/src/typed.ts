/** What is typed into a form that is not sent yet: kept under its name, so that a reload or an expired sign-in loses
 * nothing; emptied or sent it is gone, and at the latest when signing out. */

import { reactive, watch } from 'vue'
import { keep, kept, TYPED } from './keep'

export function useTyped<T extends object>(name: string, empty: () => T): { typed: T; clear(): void } {
  const key = TYPED + name
  const typed = reactive({ ...empty(), ...kept<Partial<T>>(key) }) as T
  watch(typed, () => keep(key, blank(typed) ? undefined : typed), { flush: 'sync' })
  return { typed, clear: () => void Object.assign(typed, empty()) }
}

/** Of a form that is being sent: later tells whether it stands there as it was sent, or somebody has typed on. */
export function asSent(form: () => unknown): () => boolean {
  const then = JSON.stringify(form())
  return () => JSON.stringify(form()) === then
}

function blank(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.values(value).every(blank)
}
