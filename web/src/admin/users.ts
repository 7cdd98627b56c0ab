/** Users as the service tells them. */

import type { Role } from '../session'

export interface User {
  name: string
  display: string
  role: Role
  departments: string[]
  disabled: boolean
  demo: boolean
  version: number
}

export interface UserDraft {
  name: string
  display: string
  role: Role
  departments: string[]
  password: string
}

export const ROLES: Role[] = ['agent', 'lead', 'executive', 'admin']
export const SHORTEST = 10
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A password that is read out without mistakes: no l, 1, o, 0; about 79 bits. */
export function generated(random: (bytes: Uint8Array) => Uint8Array = (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)): string {
  const most = 256 - (256 % LETTERS.length) // so that no letter comes oftener than another
  let made = ''
  while (made.length < 16) {
    const byte = random(new Uint8Array(1))[0]!
    if (byte < most) made += LETTERS[byte % LETTERS.length]
  }
  return made.replace(/(.{4})(?=.)/g, '$1-')
}

export type WrongField = 'name' | 'departments' | 'password'

/** The first field that cannot be sent as it is. */
export function wrongField(draft: UserDraft, fresh: boolean): WrongField | undefined {
  if (fresh && !/^[A-Za-z0-9._-]{1,64}$/.test(draft.name.trim())) return 'name'
  if (draft.role === 'lead' && !draft.departments.length) return 'departments'
  return fresh && draft.password.length < SHORTEST ? 'password' : undefined
}

/** What is sent: all fields of a new user, of a known one what may be changed. */
export function sent(draft: UserDraft, version: number): Record<string, unknown> {
  const { display, role, departments, password } = draft
  return { display: display.trim(), role, departments: role === 'lead' ? departments : [], version, ...(version ? {} : { password }) }
}

/** The departments that lose their last active lead when this user goes. */
export function leftAlone(user: User, all: User[]): string[] {
  if (user.role !== 'lead') return []
  const others = all.filter((one) => one.name !== user.name && one.role === 'lead' && !one.disabled)
  return user.departments.filter((code) => !others.some((one) => one.departments.includes(code)))
}
