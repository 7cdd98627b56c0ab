/** What I have been told: words and places of notices, looked at once a minute while the page is seen. */

import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'
import { glance } from '../api'
import { t, TABLE } from './words'

export interface Notice {
  key: string
  about: string
  subject: string
  subjects: string[]
  count: number
  at: string
  read: boolean
}

const EVERY = 60_000
const LINKS = 3

export function aboutWords(about: string): string {
  const key = `about_${about}`
  return t(key in TABLE ? (key as 'about_other') : 'about_other')
}

const PAGES: Record<string, string> = { case: '/cases/', project: '/projects/' }

/** The first things that a notice speaks of and that have a page. */
export function places(notice: Notice): { to: string; text: string }[] {
  const links = notice.subjects.flatMap((subject) => {
    const [kind, id] = cut(subject)
    return PAGES[kind] && id ? [{ to: PAGES[kind] + encodeURIComponent(id), text: id }] : []
  })
  return links.reverse().slice(0, LINKS)
}

function cut(subject: string): [kind: string, id: string] {
  const at = subject.indexOf(':')
  return at < 0 ? [subject, ''] : [subject.slice(0, at), subject.slice(at + 1)]
}

export interface Told {
  notices: ShallowRef<Notice[]>
  look(): Promise<void>
}

export function useNotices(): Told {
  const notices = shallowRef<Notice[]>([])
  let timer: ReturnType<typeof setInterval>
  let last = 0

  /** What cannot be read now is read the next time; nobody is asked to sign in for this. */
  async function look(): Promise<void> {
    last = Date.now()
    await glance<{ notices: Notice[] }>('/notices').then((answer) => (notices.value = answer.notices), () => undefined)
  }

  const gently = () => void (!document.hidden && Date.now() - last >= EVERY && look())
  onMounted(() => {
    void look()
    timer = setInterval(gently, EVERY)
    document.addEventListener('visibilitychange', gently)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', gently)
  })
  return { notices, look }
}
