/** What somebody's role reaches. */

import { type Router } from 'vue-router'
import type { Role } from './session'

interface Person {
  role: Role
  departments: string[]
}

/** Whether somebody acts for a department. */
export function leads(person: Person | undefined, department: string): boolean {
  return person?.role === 'admin' || (person?.role === 'lead' && person.departments.includes(department))
}

/** Whether a page is there for somebody: rows link only to pages that their reader can open. */
export function reachable(router: Router, path: string, role: Role | undefined): boolean {
  const { matched, meta } = router.resolve(path)
  const found = matched.at(-1)
  const roles = meta.roles as Role[] | undefined
  return Boolean(found && !found.path.includes(':rest') && (!roles || (role && roles.includes(role))))
}
