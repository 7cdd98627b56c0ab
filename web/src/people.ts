/** How people are shown to each other: by their display name where they have one. */

import { computed, ref } from 'vue'
import { glance } from './api'
import { t } from './words'

export interface Colleague {
  name: string
  display: string
  role: string
  departments: string[]
  /** Blocked: not to be called any more, but still shown by name where they did something. */
  disabled: boolean
}

export const people = ref<Colleague[]>([])
const shown = computed(() => new Map(people.value.map((one) => [one.name, one.display])))

/** Without the list the names people sign in with are shown. */
export async function readPeople(): Promise<void> {
  await glance<{ colleagues: Colleague[] }>('/colleagues').then(
    (answer) => void (people.value = answer.colleagues),
    () => undefined,
  )
}

export function personName(name: string): string {
  return name === 'system' ? t('bySystem') : shown.value.get(name) || name
}

const CALLED = /@([\p{L}\p{N}._-]{0,63}[\p{L}\p{N}_-])/gu

/** The words of a comment, those called by @ as they are shown elsewhere. */
export function calledNames(words: string): string {
  return words.replace(CALLED, (whole, name: string) => (shown.value.get(name) ? `@${shown.value.get(name)}` : whole))
}
