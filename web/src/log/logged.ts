/** What this person logged last on this machine: numbers and causes only, no words of customers. */

import { ref } from 'vue'
import { keep, kept } from '../keep'

export interface Logged {
  id: string
  causes: string[]
  time: string
}

const MOST = 8

export function useLogged(person: string) {
  const name = `logged.${person}`
  const logged = ref<Logged[]>(kept<Logged[]>(name) ?? [])

  function add(one: Logged): void {
    logged.value = [one, ...logged.value.filter(({ id }) => id !== one.id)].slice(0, MOST)
    keep(name, logged.value)
  }

  return { logged, add }
}
