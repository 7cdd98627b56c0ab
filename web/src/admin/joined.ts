import { language } from '../ui'

/** Names one after the other, as each language separates them. */
export const joined = (names: string[]): string => names.join(language.value === 'en' ? ', ' : '、')
