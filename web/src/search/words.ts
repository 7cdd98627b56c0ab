import { words, type Pair } from '../ui'
import { TABLE as shared } from '../words'

export const TABLE = {
  ...shared,
  searchPage: ['查找联络', 'Search contacts'],
  terms: ['客户说过的话', 'What customers said'],
  termsHint: [
    '几个词用空格隔开，都出现才算；简繁、大小写、全半角不分',
    'Separate terms by blanks, all must occur; case, width, traditional or simplified make no difference',
  ],
  termsNeeded: ['请输入要找的词', 'Please type what to look for'],
  find: ['查找', 'Search'],
  before: ['输入一个词，这里列出说过它的联络，新的在前。', 'Type a term: the contacts in which it was said are listed here, newest first.'],
  none: ['没有联络里有「{q}」。可换个说法、用更短的词，或少用几个词。', 'No contact holds “{q}”. Try other words, shorter ones, or fewer.'],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)
