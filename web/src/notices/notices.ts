/** What I have been told: words and places of notices, looked at once a minute while the page is seen. */

import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'
import { glance } from '../api'
import { calledNames, personName } from '../people'
import { causeLabel } from '../taxonomy'
import { t, TABLE } from './words'

/** One thing that a notice speaks of. */
export interface Matter {
  /** case:K-1; empty where the reader cannot open it. */
  subject: string
  cause: string
  title: string
  by: string
  words: string
  /** How it ended: a verdict, an answer, a ruling. */
  word: string
}

export interface Notice {
  key: string
  about: string
  subject: string
  count: number
  at: string
  read: boolean
  /** The latest, newest first; how many there are says `count`. */
  matters: Matter[]
}

const EVERY = 60_000

export function aboutWords(about: string): string {
  const key = `about_${about}`
  return t(key in TABLE ? (key as 'about_other') : 'about_other')
}

const PAGES: Record<string, (id: string) => string> = {
  case: (id) => `/cases/${id}`,
  project: (id) => `/projects/${id}`,
  andon: (id) => `/andons/${id}`,
  proposal: (id) => `/proposals/${id}`,
  promise: () => '/promises',
  cause: (id) => `/trend?cause=${id}`,
  dispute: () => '/ledger',
  ledger: (id) => `/ledger?month=${id}`,
  source_count: () => '/board',
}

export interface Line {
  /** The page that shows it; empty where there is none for the reader. */
  to: string
  /** A cause's name, a project's title, what is to be stopped. */
  what: string
  /** Tells cases of one cause apart. */
  id: string
  /** Who did it, and their words. */
  told: string
}

/** phone/2026-11-17: the channel in words, and the day. */
function source(id: string): string {
  const [channel = '', day = ''] = id.split('/')
  const key = `channel_${channel}`
  return `${key in TABLE ? t(key as 'channel_phone') : channel} ${day}`
}

/** What a notice speaks of, a line each. */
export function lines(notice: Notice): Line[] {
  return notice.matters.map((matter) => {
    const [kind, id] = cut(matter.subject)
    const key = `word_${notice.about}_${matter.word}`
    const ended = key in TABLE ? t(key as 'word_dispute_decided_upheld') : ''
    return {
      to: id ? (PAGES[kind]?.(encodeURIComponent(id)) ?? '') : '',
      what: matter.title || (matter.cause ? causeLabel(matter.cause) : kind === 'source_count' ? source(id) : ended ? '' : id),
      id: kind === 'case' ? id : '',
      told: [matter.by && personName(matter.by), [ended, calledNames(matter.words)].filter(Boolean).join(t('comma'))].filter(Boolean).join(t('colon')),
    }
  })
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
  let turn = 0

  /** What cannot be read now is read the next time; nobody is asked to sign in for this. The newest look counts. */
  async function look(): Promise<void> {
    const mine = ++turn
    last = Date.now()
    await glance<{ notices: Notice[] }>('/notices').then((answer) => void (mine === turn && (notices.value = answer.notices)), () => undefined)
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
