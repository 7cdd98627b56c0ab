/** What was looked for last, until the page is loaded anew or somebody else signs in. */

import { ref, type Ref } from 'vue'
import { session } from '../session'

const terms = ref('')
let whose = ''

export function remembered(): Ref<string> {
  const name = session.value?.name ?? ''
  if (name !== whose) terms.value = ''
  whose = name
  return terms
}
