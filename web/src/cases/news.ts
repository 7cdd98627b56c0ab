/** One case and what others did to it meanwhile: whoever works on it is told, and keeps what is typed. */

import { onBeforeUnmount, ref, type Ref } from 'vue'
import { get, glance, post, Refused } from '../api'
import { useLoaded, type Loaded } from '../load'
import { session } from '../session'
import type { Case, Event, View } from './case'
import { CHANGED } from './words'

const EVERY = 30_000

export interface Open extends Loaded<View> {
  /** What others did since this was opened or they were noticed. */
  news: Ref<Event[]>
  seen(): void
  /** Give an order for the version that is shown; whatever comes of it, the newest state is shown then. */
  order(path: string, body: object): Promise<void>
}

/** The events of `after` that `before` had not, but for one's own. History only grows. */
export function newsOf(before: Case, after: Case, me: string): Event[] {
  return after.history.slice(before.history.length).filter((event) => event.actor !== me)
}

export function useCase(id: string): Open {
  const address = `/cases/${encodeURIComponent(id)}`
  const news = ref<Event[]>([])
  const loaded = useLoaded(() => get<View>(address))

  function show(after: View): void {
    const before = loaded.data.value
    if (before && after.case.version < before.case.version) return
    if (before) news.value = [...news.value, ...newsOf(before.case, after.case, session.value?.name ?? '')]
    loaded.data.value = after
  }

  async function order(path: string, body: object): Promise<void> {
    const version = loaded.data.value?.case.version
    try {
      show(await post<View>(`${address}/${path}`, { ...body, ...(path === 'comments' ? {} : { version }) }))
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error
      await look()
      throw error.problem.code === 'version' && loaded.data.value?.case.version !== version ? new Refused(409, CHANGED) : error
    }
  }

  /** Without a word when that is not possible now. */
  async function look(): Promise<void> {
    await glance<View>(address).then(show, () => undefined)
  }

  const timer = setInterval(() => void (!document.hidden && loaded.data.value && look()), EVERY)
  onBeforeUnmount(() => clearInterval(timer))
  return { ...loaded, news, seen: () => (news.value = []), order }
}

export type Order = (path: string, body: object) => Promise<void>
