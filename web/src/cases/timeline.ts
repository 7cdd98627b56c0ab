/** Everything that happened on a case in one line of time: contacts, orders, call-backs and their answers. */

import { personName } from '../people'
import { causeLabel, departmentName } from '../taxonomy'
import { moment, worded } from '../ui'
import type { Callback, Contact, Event, View } from './case'
import { EVENTS, t } from './words'

export interface Entry {
  key: string
  at: string
  title: string
  who: string
  /** What was said or done, a line each. */
  lines: string[]
  /** The customer's own words. */
  words: string
  channel: string
}

export function eventName(name: string): string {
  const pair = EVENTS[name]
  return pair ? worded(pair) : name
}

/** Newest first; each contact's words once, with the event it came by. */
export function timeline(view: View, contacts: Contact[]): Entry[] {
  const left = new Map(contacts.map((contact) => [contact.id, contact]))
  const entries = view.case.history.map((event, n) => {
    const answered = event.name === 'CustomerCalled' ? answerTo(view.callbacks, event) : undefined
    const id = answered?.contact || text(event.data.contact)
    const contact = left.get(id)
    left.delete(id)
    return entry(event, n, [...told(event, view), ...(answered ? answerLines(answered) : [])], contact)
  })
  const others = [...left.values()].map((contact) => ({
    ...entry({ at: contact.time, name: 'Contact', actor: '', data: {} }, 0, [], contact),
    key: contact.id,
  }))
  return [...entries, ...others].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || order(b, a))
}

const order = (a: Entry, b: Entry) => Number(a.key) - Number(b.key) || 0

function entry(event: Event, n: number, lines: string[], contact: Contact | undefined): Entry {
  const who = event.actor === 'system' ? '' : personName(event.actor)
  return { key: String(n), at: event.at, title: eventName(event.name), who, lines, words: contact?.text ?? '', channel: contact?.channel ?? '' }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** What an event says of itself. */
function told(event: Event, view: View): string[] {
  const { data } = event
  const departments = ['department', 'from', 'to'].map((key) => text(data[key])).filter(Boolean)
  const said = ['what', 'text', 'note', 'reason'].map((key) => text(data[key])).filter(Boolean)
  const lines = departments.length ? [departments.map(departmentName).join(' → ')] : []
  if (event.name === 'ClockRanOut') lines.push(clockOf(text(data.clock), view))
  if (event.name === 'CauseMerged') lines.push(causeLabel(text(data.cause)))
  if (event.name === 'CustomerCalled') lines.push(calledWords(data))
  return [...lines, ...said]
}

function clockOf(clock: string, view: View): string {
  if (clock === 'accept' || clock === 'resolve') return t('clockOf', { name: t(`clock_${clock}`) })
  const task = view.case.tasks.find((one) => one.id === clock)
  return task ? `${departmentName(task.department)} · ${task.what}` : t('task')
}

function calledWords(data: Record<string, unknown>): string {
  if (!data.reached) return t('reachedNo')
  if (data.resolved === true) return `${t('reachedYes')} · ${t('solvedYes')}`
  return data.resolved === false ? `${t('reachedYes')} · ${t('solvedNo')}` : t('reachedYes')
}

/** The call-back that was closed by this call. */
function answerTo(callbacks: Callback[], event: Event): Callback | undefined {
  return callbacks.find((one) => one.state === 'reached' && one.called && Date.parse(one.called) === Date.parse(event.at))
}

function answerLines(one: Callback): string[] {
  return one.satisfaction ? [t(`satisfaction_${one.satisfaction}` as 'satisfaction_satisfied')] : []
}

/** How the calls of each resolution stand. */
export function callbackWords(one: Callback): string {
  const state = t(`callback_${one.state}`)
  return one.state === 'to_call' ? `${state} · ${t('callbackDue', { at: moment(one.due) })}` : state
}
