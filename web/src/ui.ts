/** Language and theme, kept for the next visit; boot.js reads them before the first paint. */

import { ref, watchEffect } from 'vue'
import { keep } from './keep'

export type Language = 'zh' | 'en'
export type Theme = 'light' | 'dark'

export const language = ref<Language>(document.documentElement.lang === 'en' ? 'en' : 'zh')
export const theme = ref<Theme>(document.documentElement.classList.contains('dark') ? 'dark' : 'light')

watchEffect(() => (document.documentElement.lang = language.value === 'en' ? 'en' : 'zh-CN'), { flush: 'sync' })
watchEffect(() => document.documentElement.classList.toggle('dark', theme.value === 'dark'), { flush: 'sync' })

export function choose(what: 'language', value: Language): void
export function choose(what: 'theme', value: Theme): void
export function choose(what: 'language' | 'theme', value: Language | Theme): void {
  if (what === 'language') language.value = value as Language
  else theme.value = value as Theme
  keep(what, value)
}

export type Pair = readonly [zh: string, en: string]
export type Places = Record<string, string | number>

/** Of a pair the words in the language chosen, their {places} filled. */
export function worded(pair: Pair, places: Places = {}): string {
  return pair[language.value === 'en' ? 1 : 0].replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole))
}

/** Several things in one line. */
export function listed(parts: readonly string[]): string {
  return parts.join(language.value === 'en' ? ', ' : '、')
}

/** From a table of wordings the function that says them: t('key', { n: 3 }); a missing key does not compile. */
export function words<T extends Record<string, Pair>>(table: T): (key: keyof T, places?: Places) => string {
  return (key, places) => worded(table[key]!, places)
}

/** Of two wordings that the service sends. */
export function said(both: { zh: string; en: string }): string {
  return language.value === 'en' ? both.en : both.zh
}

const CLOCK: Intl.DateTimeFormatOptions = {
  timeZone: 'Asia/Shanghai',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
}

/** 11-22 14:05, in the company's time wherever the reader is. */
export function moment(iso: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', CLOCK).formatToParts(new Date(iso))
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`
}
