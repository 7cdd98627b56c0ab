/** Messages that queues gave up, in words. */

import { t } from './wordsKeeping'

export interface QueuedLetter {
  id: string
  sent: string
  tries: number
  error: string
  where: string
}

export interface Queue {
  queue: string
  count: number
  /** Whether its messages can be sent again. */
  sends: boolean
  letters: QueuedLetter[]
}

export interface Discard {
  queue: string
  at: string
  by: string
  letters: string[]
  oldest: string
}

const NAMES = ['intake', 'drop', 'stream']

export const queueName = (queue: string): string => (NAMES.includes(queue) ? t(`queue_${queue}` as 'queue_drop') : queue)

export function whyQueued(queue: string, letter: QueuedLetter): string {
  if (queue === 'stream') return t('whyBatch', { n: letter.where || '?' })
  if (queue === 'drop') return letter.error === 'message' ? t('whyNoFile') : t('whyFile', { source: letter.where || '?' })
  if (!letter.error) return t('whyRight')
  return letter.where ? t('whyField', { field: letter.where }) : t('why_refused')
}
