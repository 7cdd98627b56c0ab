/** Who is signed in. An expired token asks for the password on top of the page: what is typed there stays. */

import { computed, ref } from 'vue'
import { connect, post } from './api'
import { forget, keep, kept } from './keep'

export type Role = 'agent' | 'lead' | 'executive' | 'admin'

export interface Session {
  token: string
  expires: string
  name: string
  role: Role
  departments: string[]
}

export const session = ref<Session | undefined>(kept<Session>('session'))
export const role = computed(() => session.value?.role)
/** Set once somebody has signed out: the next one signs in when the program has started anew. */
export const left = ref(false)
/** Set while the same person has to give the password again. */
export const asking = ref(false)

let waiting: ((again: boolean) => void)[] = []

connect({
  token: () => session.value?.token ?? '',
  expired: () => {
    if (!session.value) return Promise.resolve(false)
    asking.value = true
    return new Promise((resolve) => waiting.push(resolve))
  },
})

export async function signIn(name: string, password: string): Promise<void> {
  session.value = await post<Session>('/session', { name, password })
  keep('session', session.value)
  answer(true)
}

/** Nothing of this person stays: neither in the storage nor in the program, which starts anew. */
export function signOut(): void {
  left.value = true
  session.value = undefined
  answer(false)
  forget()
  location.hash = '#/'
  location.reload()
}

function answer(again: boolean): void {
  asking.value = false
  const those = waiting
  waiting = []
  for (const one of those) one(again)
}
