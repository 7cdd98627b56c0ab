/** Whose a number is: said on a lead's page, where the company's numbers stand beside its own. */

import { role, session } from '../session'
import { departmentName } from '../taxonomy'
import { listed } from '../ui'
import type { Whose } from './overview'
import { t } from './words'

/** A lead's departments; the whole company for all others. */
export const readerName = () => (role.value === 'lead' ? listed((session.value?.departments ?? []).map(departmentName)) : t('whole'))

/** "" where the page has numbers of the company only. */
export function whoseName(whose: Whose): string {
  if (role.value !== 'lead') return ''
  return whose === 'company' ? t('whole') : readerName()
}

export function titled(title: string, whose: Whose): string {
  const name = whoseName(whose)
  return name ? t('ofWhose', { title, whose: name }) : title
}
