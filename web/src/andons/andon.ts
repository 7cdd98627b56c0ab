/** Stop requests as the service tells them, who answers them, and how their clock is said. */

import { leads } from '../reach'
import type { Session } from '../session'
import { left } from '../promises/due'
import { t } from './words'

export type Answer = 'stopped' | 'contained' | 'refused'
export const ANSWERS: Answer[] = ['stopped', 'contained', 'refused']

export interface Andon {
  id: string
  author: string
  subject: string
  text: string
  department: string
  evidence: string[]
  created: string
  due: string
  state: 'raised' | 'answered'
  answer: Answer | ''
  answered: string | null
  answered_by: string
  answer_text: string
  escalated: boolean
}

export interface Evidence {
  id: string
  time: string
  channel: string
  text: string
  causes: string[]
  case: string
  departments: string[]
  erased: boolean
}

export interface AndonView {
  andon: Andon
  evidence: Evidence[]
  clock: { limit: string; due: string; lines: { zh: string; en: string }[] }
}

/** "1 小时后到期", "超时 20 分钟"; of calendar time, as the due time is a moment. */
export function clock(due: string, now: number): { text: string; late: boolean } {
  const { late, days, hours, minutes } = left(due, now)
  const span = days ? t('days', { n: days }) : hours ? t('hours', { n: hours }) : t('minutes', { n: Math.max(1, minutes) })
  return { text: t(late ? 'late' : 'left', { span }), late }
}

export function mayAnswer(andon: Andon, who: Session | undefined): boolean {
  return andon.state === 'raised' && leads(who, andon.department)
}

/** Whether a reader's own role shows the contact itself too; its words are part of the request anyway. */
export function mayOpen(one: Evidence, who: Session | undefined): boolean {
  return who?.role !== 'lead' || one.departments.some((code) => who.departments.includes(code))
}
