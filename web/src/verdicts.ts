/** A verdict's word in both languages, as the command line says it: one table for every page. */

import { worded, type Pair } from './ui'

export type Word = 'IMPROVED' | 'WORSENED' | 'NO_CHANGE_SHOWN' | 'NOT_ENOUGH_DATA_YET' | 'MOVED' | 'NOT_SEPARABLE'

export const VERDICTS: Record<Word, Pair> = {
  IMPROVED: ['有改进', 'Improved'],
  WORSENED: ['更差了', 'Worsened'],
  NO_CHANGE_SHOWN: ['没有看到变化', 'No change shown'],
  NOT_ENOUGH_DATA_YET: ['数据还不够', 'Not enough data yet'],
  MOVED: ['挪到了别处', 'Moved'],
  NOT_SEPARABLE: ['分不开', 'Not separable'],
}

/** A word that came later than this table is shown as it was sent. */
export function verdictWord(word: string): string {
  return word in VERDICTS ? worded(VERDICTS[word as Word]) : word
}
